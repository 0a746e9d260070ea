//! Equal entries are merged, contradictions are reported, and absence is never a difference.

use lcr_contracts::record::Provenance;
use lcr_model::SourceId;
use proptest::prelude::*;

use super::*;

fn entry(source: &str, kind: &str, title: &str, detail: Detail) -> Entry {
    let provenance = Provenance {
        source: SourceId::new(source),
        name: source.to_owned(),
        kind: kind.into(),
        item: "x/1".into(),
        updated: None,
        date: None,
        says: Some("says".into()),
        organisation_name: None,
    };
    Entry {
        id: format!("{source}~{title}"),
        title: title.to_owned(),
        date: None,
        status: Some("Active".into()),
        detail,
        provenance: vec![provenance],
        ..Entry::default()
    }
}

fn medication(source: &str, kind: &str, dose: &str) -> Entry {
    let detail = Detail::Medication {
        aligned_by: "bisoprolol oral".into(),
        list: "repeat".into(),
        dose: Some(dose.into()),
        route: None,
        form: None,
        reason: None,
    };
    entry(source, kind, "Bisoprolol", detail)
}

fn allergy(source: &str, verification: &str) -> Entry {
    let detail = Detail::Allergy {
        clinical: Some("Active".into()),
        verification: Some(verification.into()),
        reactions: vec![],
        severe: false,
        none_known: false,
        none_known_of: None,
        kinds: vec![],
        ended_denial: false,
    };
    entry(source, "gp", "Codeine", detail)
}

#[test]
fn the_same_dose_in_two_lists_is_one_entry_with_two_sources() {
    let (entries, discrepancies) = merge_entries(
        Dataset::Medications,
        vec![medication("gp", "gp", "5 mg daily"), medication("h", "hospital", "5  mg Daily")],
        &[],
        &[],
    );
    assert_eq!((entries.len(), entries[0].provenance.len(), discrepancies.len()), (1, 2, 0));
}

#[test]
fn a_different_dose_is_shown_side_by_side_and_reported() {
    let (entries, discrepancies) = merge_entries(
        Dataset::Medications,
        vec![medication("gp", "gp", "2.5 mg"), medication("h", "hospital", "5 mg")],
        &[],
        &[],
    );
    assert_eq!(entries.len(), 2);
    assert!(entries.iter().all(|entry| entry.remark.as_deref() == Some("dose differs")));
    assert_eq!(discrepancies[0].about, "Bisoprolol oral: dose differs");
}

#[test]
fn a_list_that_is_unavailable_is_never_called_a_difference() {
    let unavailable = [IncompleteSource { kind: "hospital".into(), still_asking: false }];
    let (entries, discrepancies) =
        merge_entries(Dataset::Medications, vec![medication("gp", "gp", "5 mg")], &[], &unavailable);
    assert_eq!(entries[0].remark.as_deref(), Some("not compared: hospital list unavailable"));
    assert!(discrepancies.is_empty());
}

#[test]
fn a_refuted_allergy_never_cancels_another_sources() {
    let (entries, discrepancies) =
        merge_entries(Dataset::Allergies, vec![allergy("gp", "Confirmed"), allergy("h", "Refuted")], &[], &[]);
    assert_eq!(entries.len(), 2);
    assert_eq!(discrepancies[0].about, "Allergy: Codeine");
}

#[test]
fn one_daily_of_two_strengths_is_two_doses() {
    let one_daily = |source: &str, kind: &str, title: &str| {
        let mut entry = medication(source, kind, "one daily");
        entry.title = title.to_owned();
        entry
    };
    let lists =
        vec![one_daily("gp", "gp", "Bisoprolol 2.5 mg tablets"), one_daily("h", "hospital", "Bisoprolol 5 mg tablets")];
    let (entries, discrepancies) = merge_entries(Dataset::Medications, lists, &[], &[]);
    assert_eq!(entries.len(), 2);
    assert_eq!(discrepancies[0].about, "Bisoprolol oral: dose differs");
}

#[test]
fn a_merged_allergy_keeps_every_reaction_and_the_highest_severity() {
    let mut hospital = allergy("h", "Confirmed");
    if let Detail::Allergy { reactions, severe, .. } = &mut hospital.detail {
        reactions.push("Anaphylaxis".into());
        *severe = true;
    }
    let (entries, _) = merge_entries(Dataset::Allergies, vec![allergy("gp", "Confirmed"), hospital], &[], &[]);
    assert_eq!((entries.len(), entries[0].provenance.len()), (1, 2));
    let Detail::Allergy { reactions, severe, .. } = &entries[0].detail else { panic!("an allergy") };
    assert!(*severe && reactions.contains(&"Anaphylaxis".to_owned()));
}

#[test]
fn only_equal_denials_are_merged() {
    let denial = |source: &str, all: bool, of: Option<&str>| {
        let mut entry = allergy(source, "Confirmed");
        entry.title = "No known allergy".into();
        if let Detail::Allergy { none_known, none_known_of, .. } = &mut entry.detail {
            (*none_known, *none_known_of) = (all, of.map(Into::into));
        }
        entry
    };
    for (one, other, merged) in [
        ((true, None), (true, None), 1),
        ((false, Some("drug")), (false, Some("drug")), 1),
        ((true, None), (false, Some("drug")), 2),
        ((false, Some("food")), (false, Some("drug")), 2),
        ((true, None), (false, None), 2),
    ] {
        let both = vec![denial("gp", one.0, one.1), denial("h", other.0, other.1)];
        let (entries, _) = merge_entries(Dataset::Allergies, both, &[], &[]);
        assert_eq!(entries.len(), merged, "{one:?} and {other:?}");
    }
}

#[test]
fn two_letters_of_one_title_on_one_day_are_two() {
    let letter = |source: &str| {
        let detail = Detail::Document { document_type: "discharge".into(), author: None, content_type: None };
        let mut entry = entry(source, "hospital", "Discharge letter", detail);
        entry.date = Some("2026-11-20".into());
        entry
    };
    let (entries, _) = merge_entries(Dataset::Documents, vec![letter("a"), letter("b")], &[], &[]);
    assert_eq!(entries.len(), 2);
}

proptest! {
    #[test]
    fn merging_loses_no_item_whatever_the_order(
        doses in proptest::collection::vec((0..3u8, 0..3u8), 0..12)
    ) {
        let entries: Vec<Entry> =
            doses.iter().map(|(source, dose)| medication(&format!("s{source}"), "gp", &format!("{dose} mg"))).collect();
        let (merged, _) = merge_entries(Dataset::Medications, entries, &[], &[]);
        let provenances: usize = merged.iter().map(|entry| entry.provenance.len()).sum();
        prop_assert_eq!(provenances, doses.len());
    }
}

#[test]
fn the_second_entry_of_a_source_is_merged_with_the_second_of_another() {
    let of = |source: &str, id: &str| {
        let mut entry = medication(source, "gp", "5 mg");
        entry.id = format!("{source}~{id}");
        entry
    };
    let (entries, _) = merge_entries(Dataset::Medications, vec![of("a", "1"), of("a", "2")], &[], &[]);
    assert_eq!(entries.len(), 2, "two of one source stay separate");
    let lists = vec![of("b", "2"), of("a", "1"), of("c", "1"), of("a", "2"), of("b", "1")];
    let (entries, _) = merge_entries(Dataset::Medications, lists, &[], &[]);
    let sources = |entry: &Entry| entry.provenance.iter().map(|one| one.source.0.clone()).collect::<Vec<_>>();
    let merged: Vec<_> = entries.iter().map(|entry| (entry.id.clone(), sources(entry))).collect();
    let expected = [("a~1", vec!["a", "b", "c"]), ("a~2", vec!["a", "b"])];
    let expected = expected.map(|(id, all)| (id.to_owned(), all.into_iter().map(str::to_owned).collect::<Vec<_>>()));
    assert_eq!(merged, expected);
}

#[test]
fn a_merged_entry_says_each_comment_once() {
    let noted = |source: &str, notes: &[&str]| {
        let mut entry = allergy(source, "Confirmed");
        entry.notes = notes.iter().map(|one| (*one).to_owned()).collect();
        entry
    };
    let both = vec![noted("a", &["one", "one"]), noted("b", &["two", "one", "two"])];
    let (entries, _) = merge_entries(Dataset::Allergies, both, &[], &[]);
    assert_eq!(entries[0].notes, ["one", "one", "two"]);
}
