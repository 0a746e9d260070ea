//! Tests of the officers' queue: its order, its words, and a review that is not complete.

use jiff::Timestamp;
use lcr_model::{ClaimReason, OverrideReason, Permission, PersonId, Relationship};
use uuid::Uuid;

use super::*;
use crate::forms::field_problem::FieldProblem;

fn claim(id: u128, second: i64, relationship: Relationship) -> Claim {
    Claim {
        id: Uuid::from_u128(id),
        person: PersonId(Uuid::from_u128(7)),
        relationship,
        made_by: "Tom Ibbotson, community nurse, Beckside Neighbourhood Team".into(),
        permission: Some(Permission::Given),
        text: None,
        made_at: Timestamp::from_second(second).unwrap(),
        until: Timestamp::from_second(second + 86_400).unwrap(),
        outcome: None,
        review: None,
        reviewed_at: None,
    }
}

fn covering(id: u128, second: i64) -> Claim {
    claim(id, second, Relationship::SelfClaimed { reason: ClaimReason::Covering })
}

#[test]
fn overrides_come_first_then_the_oldest() {
    let emergency = claim(3, 30, Relationship::Override { reason: OverrideReason::SeriousHarm });
    let list = ClaimList { waiting: vec![covering(2, 20), emergency, covering(1, 10)], ..ClaimList::default() };
    let lines = waiting_lines(&list, &PeopleNames::new(), &RejectedReview::default());
    let ids: Vec<&str> = lines.iter().map(|line| line.id.rsplit('0').next().unwrap()).collect();
    assert_eq!(ids, ["3", "1", "2"]);
    assert!(lines[0].heading.starts_with("Emergency override: Tom Ibbotson"));
    assert_eq!(lines[1].reason, "they said why they were involved: covering for a colleague");
    assert_eq!(
        (lines[1].person.as_str(), lines[1].permission.as_deref()),
        ("a person", Some("Yes, they gave permission"))
    );
}

#[test]
fn a_review_that_is_not_complete_comes_back_to_its_own_claim() {
    let id = Uuid::from_u128(1).to_string();
    let input = ReviewInput { outcome: "justified".into(), text: " ok ".into() };
    let problems = input.parse(&id).unwrap_err();
    assert_eq!(problems, [FieldProblem::new(found_id(&id), "Say in 3 to 500 characters what you found.")]);
    let list = ClaimList { waiting: vec![covering(1, 10), covering(2, 20)], ..ClaimList::default() };
    let lines = waiting_lines(&list, &PeopleNames::new(), &RejectedReview { claim: id.clone(), input, problems });
    assert!(lines[0].found_problem.is_some() && lines[0].outcomes[0].checked && lines[0].found == " ok ");
    assert!(lines[1].found_problem.is_none() && lines[1].outcomes.iter().all(|radio| !radio.checked));
    let missing = ReviewInput::default().parse(&id).unwrap_err();
    assert_eq!(missing.into_iter().map(|one| one.field).collect::<Vec<_>>(), [outcome_id(&id), found_id(&id)]);
    let whole =
        ReviewInput { outcome: "not-justified".into(), text: "No visit was planned.".into() }.parse(&id).unwrap();
    assert_eq!(whole.outcome, ClaimOutcome::NotJustified);
}

#[test]
fn a_claim_says_until_when_it_is_in_force_or_that_it_opened_nothing() {
    let refused = Claim { until: Timestamp::from_second(10).unwrap(), ..covering(2, 10) };
    let list = ClaimList { waiting: vec![covering(1, 0), refused], ..ClaimList::default() };
    let lines = waiting_lines(&list, &PeopleNames::new(), &RejectedReview::default());
    let effects: Vec<&str> = lines.iter().map(|line| line.effect.as_str()).collect();
    assert_eq!(effects, ["in force until 02-Jan-1970 01:00 at the latest", "opened nothing"]);
}

#[test]
fn a_checked_claim_says_what_was_found_and_when() {
    let checked = Claim {
        outcome: Some(ClaimOutcome::NotJustified),
        review: Some("No visit was planned.".into()),
        reviewed_at: Some(Timestamp::from_second(90_000).unwrap()),
        ..covering(1, 10)
    };
    let names = PeopleNames::from([(checked.person, "SMITH, Fredrica, 14-Jul-1945".to_owned())]);
    let table = reviewed_table(&ClaimList { reviewed: vec![checked], ..ClaimList::default() }, &names);
    let text = |column: usize| table.rows[0].cells[column].text().join("|");
    assert_eq!(text(2), "SMITH, Fredrica, 14-Jul-1945");
    assert!(text(4).starts_with("Not justified|02-Jan-1970") && text(4).ends_with("No visit was planned."));
}

#[test]
fn a_count_is_a_sentence() {
    let words = |overrides, claims| count_words(ClaimCount { claims, overrides });
    assert_eq!(words(0, 0), "No claim waits for your check.");
    assert_eq!(words(1, 0), "1 override waits for your check.");
    assert_eq!(words(2, 1), "2 overrides and 1 claim wait for your check.");
}
