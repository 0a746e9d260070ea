//! Sources that contradict each other about allergies are reported, in whatever order they answer.

use lcr_contracts::record::Provenance;
use lcr_model::SourceId;
use proptest::prelude::*;

use Statement::{Food, InError, Known, NoneKnown, NoneKnownOf, Refuted, Resolved, Severe};

use super::*;
use crate::domain::merge::merge_entries;

/// What one source states.
#[derive(Debug, Clone, Copy)]
enum Statement {
    Known(&'static str),
    Severe(&'static str),
    Food(&'static str),
    Refuted(&'static str),
    InError(&'static str),
    Resolved(&'static str),
    NoneKnown,
    NoneKnownOf(&'static str),
}

fn entry(source: &str, says: Statement) -> Entry {
    let (title, clinical, verification) = match says {
        Statement::Known(title) | Statement::Severe(title) | Statement::Food(title) => (title, "Active", "Confirmed"),
        Statement::Refuted(title) => (title, "Inactive", "Refuted"),
        Statement::InError(title) => (title, "Active", "Entered in error"),
        Statement::Resolved(title) => (title, "Resolved", "Confirmed"),
        Statement::NoneKnown | Statement::NoneKnownOf(_) => ("No known allergy", "Active", "Confirmed"),
    };
    let severe = matches!(says, Statement::Severe(_));
    Entry {
        id: format!("{source}~{says:?}"),
        title: title.to_owned(),
        date: Some("2019-03-12".into()),
        detail: Detail::Allergy {
            clinical: Some(clinical.into()),
            verification: Some(verification.into()),
            reactions: if severe { vec!["Anaphylaxis".into()] } else { vec![] },
            severe,
            none_known: matches!(says, Statement::NoneKnown),
            none_known_of: if let Statement::NoneKnownOf(of) = says { Some(of.into()) } else { None },
            kinds: if matches!(says, Statement::Food(_)) { vec!["food".into()] } else { vec![] },
            ended_denial: false,
        },
        provenance: vec![Provenance {
            source: SourceId::new(source),
            name: source.to_owned(),
            kind: if source == "GP" { "gp".into() } else { "hospital".into() },
            item: "AllergyIntolerance/1".into(),
            updated: None,
            date: Some("2019-03-12".into()),
            says: None,
            organisation_name: None,
        }],
        ..Entry::default()
    }
}

fn contradictions(all: &[(&str, Statement)]) -> Vec<String> {
    let entries: Vec<Entry> = all.iter().map(|(source, says)| entry(source, *says)).collect();
    let text = |one: &Discrepancy| {
        let says: Vec<String> = one.says.iter().map(|(who, what)| format!("{who}: {what}")).collect();
        format!("{}: {}", one.about, says.join(" · "))
    };
    find_contradictions(&entries, &[]).iter().map(text).collect()
}

/// What sources say, and the contradictions in it.
type Case = (&'static [(&'static str, Statement)], &'static [&'static str]);

static CONTRADICTIONS: [Case; 21] = [
    (
        &[("St Hilda's", NoneKnown), ("GP", Severe("Penicillin"))],
        &["Allergies: GP: Penicillin, Anaphylaxis (12-Mar-2019) · St Hilda's: none known (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Codeine")), ("St Hilda's", Refuted("codeine"))],
        &["Allergy: Codeine: GP: Codeine (12-Mar-2019) · St Hilda's: codeine, refuted (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Penicillins")), ("St Hilda's", Resolved("Allergy to penicillin"))],
        &[
            "Allergy: Penicillins: GP: Penicillins (12-Mar-2019) · St Hilda's: Allergy to penicillin, resolved (12-Mar-2019)",
        ],
    ),
    (
        &[("GP", Known("Latex")), ("St Hilda's", InError("Latex"))],
        &["Allergy: Latex: GP: Latex (12-Mar-2019) · St Hilda's: Latex, entered in error (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Latex")), ("St Hilda's", NoneKnownOf("latex"))],
        &["Allergies: GP: Latex (12-Mar-2019) · St Hilda's: no known latex allergy (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Penicillin")), ("St Hilda's", NoneKnownOf("drug"))],
        &["Allergies: GP: Penicillin (12-Mar-2019) · St Hilda's: no known drug allergy (12-Mar-2019)"],
    ),
    (&[("GP", Food("Peanut")), ("St Hilda's", NoneKnownOf("drug"))], &[]),
    (&[("GP", Known("Penicillin")), ("St Hilda's", NoneKnownOf("food"))], &[]),
    (&[("GP", Known("Penicillin")), ("St Hilda's", Known("Penicillin"))], &[]),
    // A source that lists an allergy again after it ended or was corrected does not contradict itself.
    (&[("GP", Known("Codeine")), ("GP", Resolved("Codeine"))], &[]),
    (&[("GP", Known("Codeine")), ("GP", InError("Codeine"))], &[]),
    (&[("GP", Known("Codeine")), ("GP", Refuted("Codeine"))], &[]),
    (&[("GP", Known("Codeine")), ("St Hilda's", Known("Codeine")), ("GP", InError("Codeine"))], &[]),
    (
        &[("GP", Known("Codeine")), ("GP", InError("Codeine")), ("St Hilda's", InError("Codeine"))],
        &["Allergy: Codeine: GP: Codeine (12-Mar-2019) · St Hilda's: Codeine, entered in error (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Penicillin")), ("St Hilda's", NoneKnownOf("penicillins"))],
        &["Allergies: GP: Penicillin (12-Mar-2019) · St Hilda's: no known penicillin allergy (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Allergy to penicillins")), ("St Hilda's", NoneKnownOf("penicillin"))],
        &[
            "Allergies: GP: Allergy to penicillins (12-Mar-2019) · St Hilda's: no known penicillin allergy (12-Mar-2019)",
        ],
    ),
    (
        &[("GP", Food("Nut")), ("St Hilda's", NoneKnownOf("nuts"))],
        &["Allergies: GP: Nut (12-Mar-2019) · St Hilda's: no known nut allergy (12-Mar-2019)"],
    ),
    (
        &[("GP", Known("Penicillins and latex")), ("St Hilda's", NoneKnownOf("penicillin"))],
        &["Allergies: GP: Penicillins and latex (12-Mar-2019) · St Hilda's: no known penicillin allergy (12-Mar-2019)"],
    ),
    (&[("GP", NoneKnown), ("St Hilda's", Refuted("Codeine"))], &[]),
    (&[("GP", NoneKnown), ("St Hilda's", NoneKnown)], &[]),
    (&[("GP", Known("Codeine")), ("St Hilda's", Refuted("Penicillin"))], &[]),
];

#[test]
fn sources_that_contradict_each_other_are_quoted_with_dates() {
    for (says, expected) in CONTRADICTIONS {
        assert_eq!(contradictions(says), expected, "{says:?}");
    }
}

#[test]
fn an_entry_that_no_list_shows_still_contradicts() {
    let (known, withdrawn) = (entry("GP", Statement::Known("Latex")), entry("St Hilda's", Statement::InError("Latex")));
    assert_eq!(find_contradictions(&[known], &[withdrawn]).len(), 1);
}

#[test]
fn sources_whose_names_are_hidden_still_contradict() {
    let hidden = |says| {
        let mut entry = entry("Some systems", says);
        entry.provenance[0].kind = "".into();
        entry
    };
    for denial in [Statement::Resolved("Latex"), Statement::Refuted("Latex"), Statement::InError("Latex")] {
        assert_eq!(
            find_contradictions(&[hidden(Statement::Known("Latex")), hidden(denial)], &[]).len(),
            1,
            "{denial:?}"
        );
    }
}

fn any_statement() -> impl Strategy<Value = (&'static str, Statement)> {
    let substance = || prop::sample::select(vec!["Penicillin", "Codeine", "Latex"]);
    let says = prop_oneof![
        substance().prop_map(Statement::Known),
        substance().prop_map(Statement::Severe),
        substance().prop_map(Statement::Refuted),
        substance().prop_map(Statement::Resolved),
        Just(Statement::NoneKnown),
        Just(Statement::NoneKnownOf("drug")),
    ];
    (prop::sample::select(vec!["GP", "St Hilda's", "Community"]), says)
}

/// The subject of a contradiction, and who says what.
type Quotation = (String, Vec<(String, String)>);

/// The outcome in comparable form: titles with status and sources, then the contradictions.
fn outcome(all: &[(&str, Statement)]) -> (Vec<String>, Vec<Quotation>) {
    let entries = all.iter().map(|(source, says)| entry(source, *says)).collect();
    let (entries, discrepancies) = merge_entries(Dataset::Allergies, entries, &[], &[]);
    let line = |entry: &Entry| {
        let sources: Vec<&str> = entry.provenance.iter().map(|one| one.name.as_str()).collect();
        format!("{} {:?} {}", entry.id, stance(entry), sources.join(", "))
    };
    let says = discrepancies.into_iter().map(|one| (one.about, one.says));
    (entries.iter().map(line).collect(), says.collect())
}

proptest! {
    #[test]
    fn the_order_of_answers_changes_nothing(
        (all, shuffled) in prop::collection::vec(any_statement(), 0..8)
            .prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(outcome(&all), outcome(&shuffled));
    }

    #[test]
    fn none_known_beside_a_known_allergy_is_always_reported(
        mut all in prop::collection::vec(any_statement(), 0..6), at in 0..6usize, known in 0..6usize
    ) {
        all.insert(at.min(all.len()), ("St Hilda's", Statement::NoneKnown));
        all.insert(known.min(all.len()), ("GP", Statement::Severe("Penicillin")));
        let (_, discrepancies) = outcome(&all);
        let (about, says) = &discrepancies[0];
        prop_assert_eq!(about, ANY_ALLERGY);
        prop_assert!(says.contains(&("St Hilda's".into(), "none known (12-Mar-2019)".into())));
        prop_assert!(says.contains(&("GP".into(), "Penicillin, Anaphylaxis (12-Mar-2019)".into())));
    }

    #[test]
    fn nothing_refuted_or_ended_stands_above_a_known_allergy(all in prop::collection::vec(any_statement(), 0..10)) {
        let entries = all.iter().map(|(source, says)| entry(source, *says)).collect();
        let (entries, _) = merge_entries(Dataset::Allergies, entries, &[], &[]);
        let stances: Vec<Stance> = entries.iter().map(stance).collect();
        prop_assert!(stances.is_sorted(), "{stances:?}");
    }
}
