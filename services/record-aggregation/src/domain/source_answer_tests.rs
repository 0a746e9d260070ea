//! Tests of `source_answer.rs`.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn state_of(medications: [QueryOutcome; 2]) -> SourceState {
    let resource_types = [ResourceType::MedicationRequest, ResourceType::MedicationStatement];
    let mut answer = SourceAnswer::pending(SourceId::new("s"), true, &resource_types);
    for (resource_type, ended) in resource_types.into_iter().zip(medications) {
        answer.types.insert(resource_type, TypeAnswer::empty(ended));
    }
    answer.state(Dataset::Medications).0
}

#[test]
fn the_worst_of_its_types_decides_the_state() {
    let (answered, stale) = (QueryOutcome::Answered { at: at(9) }, QueryOutcome::Stale { as_of: at(5) });
    assert_eq!(state_of([answered, answered]), SourceState::NoData);
    assert_eq!(state_of([answered, stale]), SourceState::Stale { as_of: at(5) });
    assert_eq!(state_of([answered, QueryOutcome::Failed]), SourceState::Failed);
    assert_eq!(state_of([stale, QueryOutcome::TimedOut]), SourceState::TimedOut);
    assert_eq!(state_of([answered, QueryOutcome::NotOffered]), SourceState::NoData);
    assert_eq!(state_of([QueryOutcome::NotOffered, QueryOutcome::NotOffered]), SourceState::NotConnected);
}

#[test]
fn a_partial_answer_is_never_no_data_and_says_how_much_arrived() {
    let mut answer = SourceAnswer::pending(SourceId::new("s"), true, &[ResourceType::CarePlan]);
    let part = |total| TypeAnswer {
        partial: Some(Partial { came: 2, total }),
        reason: Some(MissingReason::TotalNotReached),
        ..TypeAnswer::empty(QueryOutcome::Answered { at: at(9) })
    };
    answer.types.insert(ResourceType::CarePlan, part(Some(5)));
    assert_eq!(answer.state(Dataset::EndOfLife).0, SourceState::Failed);
    assert_eq!(answer.partial(Dataset::EndOfLife), Some(Partial { came: 2, total: Some(5) }));
    assert_eq!(answer.reason(Dataset::EndOfLife), Some(MissingReason::TotalNotReached));
    let mut both = part(Some(5));
    both.add(part(Some(3)));
    assert_eq!(both.partial, Some(Partial { came: 4, total: Some(8) }));
    both.add(part(None));
    assert_eq!(both.partial, Some(Partial { came: 6, total: None }));
}

#[test]
fn the_worse_outcome_of_two_local_ids_wins() {
    let (answered, stale) = (QueryOutcome::Answered { at: at(9) }, QueryOutcome::Stale { as_of: at(5) });
    let rising = [
        QueryOutcome::NotOffered,
        QueryOutcome::Answered { at: at(9) },
        stale,
        QueryOutcome::Asking,
        QueryOutcome::TimedOut,
        QueryOutcome::Failed,
    ];
    for (better, worse) in rising.iter().zip(&rising[1..]) {
        assert_eq!(better.worse_of(*worse), *worse);
        assert_eq!(worse.worse_of(*better), *worse);
    }
    assert_eq!(
        answered.worse_of(QueryOutcome::Answered { at: at(3) }),
        QueryOutcome::Answered { at: at(3) },
        "the older time"
    );
}
