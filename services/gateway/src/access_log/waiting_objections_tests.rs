//! Tests of `waiting_objections.rs`.

use super::*;

#[test]
fn a_count_is_a_sentence() {
    assert_eq!(count_text(WaitingCount::Exactly(0)), "No objection waits for your review.");
    assert_eq!(count_text(WaitingCount::Exactly(1)), "1 objection waits for your review.");
    assert_eq!(count_text(WaitingCount::Exactly(12)), "12 objections wait for your review.");
    let some = count_text(WaitingCount::AtLeast { at_least: 999 });
    assert_eq!(some, "At least 999 objections wait for your review.");
}

#[test]
fn a_table_that_was_cut_says_so_and_never_that_no_objection_waits() {
    let objection = WaitingObjection {
        person: lcr_model::PersonId::new(),
        choice: uuid::Uuid::nil(),
        direction: lcr_contracts::choices::Direction::Whole,
        organisation: None,
        status: ChoiceStatus::Applied,
        made_at: jiff::Timestamp::UNIX_EPOCH,
        number: "LCR-ABCD-2345".into(),
    };
    let cut = waiting_table(&WaitingList::Part { oldest: vec![objection] });
    assert_eq!((cut.rows.len(), cut.note), (1, Some(NOTE_ON_PART)));
    assert_eq!(waiting_table(&WaitingList::Part { oldest: vec![] }).empty, NOT_ALL_READ);
    assert_eq!(waiting_table(&WaitingList::All(vec![])).empty, NONE);
}
