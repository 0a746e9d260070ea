//! Tests of the sources panel: the worst state is shown, and every dataset is listed.

use lcr_model::Dataset;

use super::*;
use crate::record::test_records;

fn reports(states: &[SourceState]) -> Vec<DatasetReport> {
    let one = |(state, dataset): (&SourceState, &Dataset)| DatasetReport::new(*dataset, *state);
    states.iter().zip(Dataset::ALL).map(one).collect()
}

#[test]
fn an_answered_dataset_never_hides_an_unanswered_one() {
    let (has, none, silent) = (SourceState::HasData, SourceState::NoData, SourceState::TimedOut);
    let cases = [
        (vec![has, silent], Shape::Silent, "did not answer in part 00:00"),
        (vec![has, SourceState::Asking], Shape::Asking, "asking…"),
        (vec![none, none], Shape::Nothing, "asked, nothing held"),
        (vec![none, has], Shape::HasData, "time not given"),
        (vec![SourceState::NotAgreed], Shape::NotShared, "not agreed to share with your organisation"),
        (vec![SourceState::NotYetOn], Shape::NotShared, "not yet switched on for you"),
        (vec![SourceState::NotAgreed, SourceState::NotYetOn], Shape::NotShared, "not yet switched on for you"),
        (vec![SourceState::NotReceived], Shape::NotShared, "your organisation's agreement does not include this"),
        (vec![SourceState::NotConnected], Shape::NotConnected, "not connected"),
        (vec![SourceState::NoRecord], Shape::Nothing, "does not know this person"),
    ];
    // A winter day, when London time is UTC. In 1970 it was not.
    let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    for (states, shape, text) in cases {
        let reports = reports(&states);
        assert_eq!(worst_shape(&reports), shape);
        assert_eq!(state_text(&reports, shape, now), text);
    }
}

#[test]
fn the_line_counts_those_that_know_the_person_and_names_the_exceptions() {
    use SourceState::{Asking, HasData, NoData, NoRecord, NotAgreed, NotConnected, OptedOut, TimedOut};
    let cases: [(&[(&str, SourceState)], &str); 9] = [
        (
            &[("A", HasData), ("B", NoData), ("C", NoRecord), ("Children's social care", NotAgreed)],
            "All 2 that know this person answered · Children's social care may not share",
        ),
        (&[("A", HasData)], "The only source that knows this person answered"),
        (&[("A", HasData), ("B", TimedOut)], "1 of 2 that know this person answered"),
        (&[("A", HasData), ("B", Asking), ("C", Asking)], "1 of 3 have answered so far"),
        (&[("A", NoRecord), ("B", NotConnected)], "No connected source knows this person"),
        (
            &[("A", HasData), ("B", OptedOut)],
            "The only source that knows this person answered · not shared, the person's choice: B",
        ),
        (
            &[("A", HasData), ("B", NotAgreed), ("C", SourceState::Withheld)],
            "The only source that knows this person answered · B and C may not share",
        ),
        (
            &[("A", HasData), ("B", SourceState::NotYetOn)],
            "The only source that knows this person answered · not yet switched on for you: B",
        ),
        (&[], "No connected source knows this person"),
    ];
    for (states, words) in cases {
        let sources =
            states.iter().map(|(name, state)| test_records::source(name, "gp", &[(Dataset::Results, *state)]));
        let record = test_records::record(sources.collect(), vec![]);
        assert_eq!(sources_line(&sources_panel(&record)), words);
    }
    let mut warned =
        test_records::record(vec![test_records::source("A", "gp", &[(Dataset::Results, HasData)])], vec![]);
    warned.sources[0].warnings = vec!["Some letters are waiting to be filed.".into()];
    let line = sources_line(&sources_panel(&warned));
    assert!(line.ends_with(" · A: Some letters are waiting to be filed"), "{line}");
}

#[test]
fn every_dataset_is_listed_once() {
    let states = [SourceState::HasData, SourceState::TimedOut, SourceState::HasData, SourceState::NotAgreed];
    let groups = datasets_by_state(&reports(&states), Timestamp::UNIX_EPOCH);
    let listed = groups.iter().map(|(_, datasets)| datasets.as_str()).collect::<Vec<_>>().join(" ");
    for dataset in &Dataset::ALL[..4] {
        assert_eq!(listed.matches(dataset.title()).count(), 1, "{dataset}");
    }
}
