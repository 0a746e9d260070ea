//! A problem that one source lists as active and another ruled out is reported, and active problems stand first.

use std::slice;

use lcr_contracts::record::Provenance;
use lcr_model::SourceId;
use proptest::prelude::*;

use super::*;
use crate::domain::merge::merge_entries;

fn problem(source: &str, title: &str, clinical: Option<&str>, certainty: &str) -> Entry {
    Entry {
        id: format!("{source}~{title}~{clinical:?}"),
        title: title.to_owned(),
        date: Some("2020-05-01".into()),
        detail: Detail::Diagnosis {
            clinical: clinical.map(Into::into),
            certainty: Some(certainty.into()),
            ended: None,
            only_recorded: true,
        },
        provenance: vec![Provenance {
            source: SourceId::new(source),
            name: source.to_owned(),
            kind: "gp".into(),
            item: "Condition/1".into(),
            updated: None,
            date: Some("2020-05-01".into()),
            says: None,
            organisation_name: None,
        }],
        ..Entry::default()
    }
}

#[test]
fn only_an_active_problem_contradicts_one_that_another_source_ruled_out() {
    let ruled_out = |source| problem(source, "asthma", None, "Refuted");
    let found = |entries: &[Entry], denied: &[Entry]| -> Vec<(String, Vec<(String, String)>)> {
        find_contradictions(entries, denied).into_iter().map(|one| (one.about, one.says)).collect()
    };
    let active = problem("GP", "Asthma", Some("Active"), "Confirmed");
    let quoted = |who: &str, what: &str| (who.to_owned(), format!("{what} (01-May-2020)"));
    let expected = vec![quoted("GP", "active, confirmed"), quoted("St Hilda's", "ruled out")];
    assert_eq!(found(slice::from_ref(&active), &[ruled_out("St Hilda's")]), [("Problem: Asthma".to_owned(), expected)]);
    assert!(found(slice::from_ref(&active), &[ruled_out("GP")]).is_empty(), "its own source lists it again");
    assert!(found(&[active], &[problem("St Hilda's", "COPD", None, "Refuted")]).is_empty(), "another problem");
    let past = problem("GP", "Asthma", Some("Past"), "Confirmed");
    assert!(found(&[past], &[ruled_out("St Hilda's")]).is_empty(), "a past problem");
    let in_error = problem("St Hilda's", "Asthma", None, "Entered in error");
    assert!(found(&[problem("GP", "Asthma", None, "Confirmed")], &[in_error]).is_empty(), "a slip of the pen");
}

proptest! {
    #[test]
    fn active_problems_stand_above_past_ones(
        all in prop::collection::vec(
            (prop::sample::select(vec!["GP", "St Hilda's"]), prop::sample::select(vec!["Asthma", "COPD", "Gout"]),
                prop::sample::select(vec![Some("Active"), Some("Past"), None])),
            0..10
        )
    ) {
        let entries = all.iter().map(|(source, title, clinical)| problem(source, title, *clinical, "Confirmed")).collect();
        let (entries, _) = merge_entries(Dataset::Diagnoses, entries, &[], &[]);
        let past: Vec<bool> = entries.iter().map(is_past).collect();
        prop_assert!(past.is_sorted());
    }
}
