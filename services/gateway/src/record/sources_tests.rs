//! Tests of the sources panel: the worst state is shown, and every dataset is listed.

use lcr_model::Dataset;

use super::*;

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
fn every_dataset_is_listed_once() {
    let states = [SourceState::HasData, SourceState::TimedOut, SourceState::HasData, SourceState::NotAgreed];
    let groups = datasets_by_state(&reports(&states), Timestamp::UNIX_EPOCH);
    let listed = groups.iter().map(|(_, datasets)| datasets.as_str()).collect::<Vec<_>>().join(" ");
    for dataset in &Dataset::ALL[..4] {
        assert_eq!(listed.matches(dataset.title()).count(), 1, "{dataset}");
    }
}
