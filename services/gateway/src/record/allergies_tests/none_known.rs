//! Tests of "No known allergies": it needs a statement and every answer.

use super::*;

#[test]
fn one_sources_none_never_hides_another_sources_allergy() {
    let entries = vec![none_known(), allergy("codeine", "St Hilda's", "", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS), ("St Hilda's", HAS)]));
    assert_eq!(line.words(), "Known allergies: codeine.");
}

#[test]
fn none_known_of_one_kind_is_neither_an_allergy_nor_none() {
    let mut drugs = allergy("No known drug allergy", "GP", "confirmed", false);
    if let Detail::Allergy { none_known_of, .. } = &mut drugs.detail {
        *none_known_of = Some("drug".into());
    }
    let line = allergies_line(&record(vec![drugs], &[("GP", HAS)]));
    assert_eq!(
        line.words(),
        "Allergies not recorded at 1 source; GP records no known drug allergy. Do not assume none."
    );
}

#[test]
fn an_ended_or_refuted_none_known_is_neither_an_allergy_nor_a_denial() {
    let denial = |verification: &str, is_over: bool, sent_as_denial: bool| {
        let mut entry = allergy("No known allergies", "GP", verification, sent_as_denial);
        if let Detail::Allergy { ended_denial, .. } = &mut entry.detail {
            *ended_denial = !sent_as_denial;
        }
        if is_over { ended(entry) } else { entry }
    };
    for sent_as_denial in [false, true] {
        for over in [denial("confirmed", true, sent_as_denial), denial("refuted", false, sent_as_denial)] {
            let alone = allergies_line(&record(vec![over.clone()], &[("GP", HAS)]));
            assert_eq!(alone.words(), "Allergies not recorded at 1 source. Do not assume none.");
            let codeine = allergy("codeine", "GP", "confirmed", false);
            let beside = allergies_line(&record(vec![codeine, over], &[("GP", HAS)]));
            assert_eq!(beside.words(), "Known allergies: codeine.");
        }
    }
}

#[test]
fn none_known_is_not_said_if_an_answer_is_partial() {
    for partial in [0, 1] {
        let mut record = record(vec![none_known()], &[("GP", HAS), ("St Hilda's", NONE)]);
        record.sources[partial].datasets[0].partial = Some(Partial { came: 1, total: Some(2) });
        let line = allergies_line(&record);
        assert!(!line.words().contains("No known allergies"), "{}", line.words());
        assert!(line.words().ends_with("Do not assume none."), "{}", line.words());
    }
}

#[test]
fn not_recorded_and_unavailable_are_different() {
    let line = allergies_line(&record(vec![], &[("A", NONE), ("B", NONE), ("C", UNKNOWN), ("St Hilda's", SILENT)]));
    assert_eq!(line.words(), "Allergies not recorded at 2 sources; unavailable from St Hilda's. Do not assume none.");
    let line = allergies_line(&record(vec![], &[("St Hilda's", SILENT)]));
    assert_eq!(line.words(), "Allergies unavailable from St Hilda's. Do not assume none.");
    let line = allergies_line(&record(vec![], &[]));
    assert_eq!(line.state, AllergyState::Unavailable);
    let mut closed = record(vec![], &[("A", NONE)]);
    closed.sections.clear();
    assert_eq!(allergies_line(&closed).words(), "Allergies unavailable: not open to your role. Do not assume none.");
}
