//! A source's worst state is the one shown, and every dataset is in its account.

use lcr_model::Dataset;

use super::*;

fn reports(states: &[SourceState]) -> Vec<DatasetReport> {
    let one = |(state, dataset): (&SourceState, &Dataset)| DatasetReport::new(*dataset, *state);
    states.iter().zip(Dataset::ALL).map(one).collect()
}

#[test]
fn an_unanswered_dataset_never_hides_behind_an_answered_one() {
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
    // London kept summer time all through 1970; this winter's day keeps the clock plain.
    let now: Timestamp = "2026-01-05T00:00:00Z".parse().unwrap();
    for (states, shape, said) in cases {
        let reports = reports(&states);
        assert_eq!(worst(&reports), shape);
        assert_eq!(words(&reports, shape, now), said);
    }
}

#[test]
fn the_account_names_every_dataset_once() {
    let states = [SourceState::HasData, SourceState::TimedOut, SourceState::HasData, SourceState::NotAgreed];
    let account = account(&reports(&states), Timestamp::UNIX_EPOCH);
    let said = account.iter().map(|(_, datasets)| datasets.as_str()).collect::<Vec<_>>().join(" ");
    for dataset in &Dataset::ALL[..4] {
        assert_eq!(said.matches(dataset.title()).count(), 1, "{dataset}");
    }
}
