//! Tests of `choice_list.rs`.

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId};
use uuid::Uuid;

use super::*;

fn choice(direction: Direction, status: ChoiceStatus, changed: &str) -> Choice {
    let made_at: Timestamp = "2026-03-01T10:00:00Z".parse().unwrap();
    Choice {
        id: Uuid::from_u128(1),
        direction,
        organisation: Some(OdsCode::new("RR8XX")),
        organisation_name: Some("St Hilda's Hospitals".into()),
        status,
        made_at,
        made_by: "you".into(),
        changed_at: changed.parse().unwrap(),
        review: (status == ChoiceStatus::Refused).then(|| "Kept for your safety".into()),
        number: "LCR-ABCD-2345".into(),
    }
}

fn choices(all: Vec<Choice>) -> Choices {
    Choices { person: PersonId(Uuid::nil()), choices: all, organisations: vec![], may_change: true, may_review: true }
}

#[test]
fn each_status_says_whether_it_is_in_force() {
    for status in [
        ChoiceStatus::Applied,
        ChoiceStatus::Requested,
        ChoiceStatus::Upheld,
        ChoiceStatus::Refused,
        ChoiceStatus::Withdrawn,
    ] {
        let all = choices(vec![choice(Direction::Whole, status, "2026-03-02T10:00:00Z")]);
        let line = &choice_lines(&all, Audience::Staff)[0];
        assert_eq!(line.status.starts_with("In force"), status.in_force(), "{}", line.status);
        assert_eq!(line.in_force, is_all_sharing_stopped(&all));
    }
}

#[test]
fn a_closed_choice_cannot_be_withdrawn() {
    let actions = |status| {
        let all = choices(vec![choice(Direction::Into, status, "2026-03-02T10:00:00Z")]);
        let line = choice_lines(&all, Audience::Person).remove(0);
        (line.can_withdraw, line.can_review)
    };
    assert_eq!(actions(ChoiceStatus::Applied), (true, true));
    assert_eq!(actions(ChoiceStatus::Refused), (false, true));
    assert_eq!(actions(ChoiceStatus::Withdrawn), (false, false));
}

#[test]
fn the_history_uses_the_readers_date_format() {
    let all = choices(vec![choice(Direction::OutOf, ChoiceStatus::Refused, "2026-03-02T14:05:00Z")]);
    let history = |reader| choice_lines(&all, reader).remove(0).history;
    assert_eq!(
        history(Audience::Person),
        [
            "Made 1 March 2026 at 10:00am by you.",
            "Refused on review 2 March 2026 at 2:05pm.",
            "Reasons given: Kept for your safety"
        ]
    );
    assert_eq!(history(Audience::Staff)[1], "Refused on review 02-Mar-2026 14:05.");
}

#[test]
fn every_choice_describes_both_directions() {
    for direction in [Direction::Whole, Direction::OutOf, Direction::Into] {
        for reader in [Audience::Staff, Audience::Person] {
            let effects = describe_effects(direction, Some("St Hilda's"), reader, OverridePolicy::Never);
            let words = effects.join(" ").to_lowercase();
            assert!(words.contains("others") || words.contains("other organisations") || words.contains("anybody"));
            assert!(words.contains("as before") || words.contains("still"), "{words}");
        }
    }
}

#[test]
fn an_emergency_is_described_as_the_policy_in_force_has_it() {
    for (direction, reader) in [
        (Direction::Whole, Audience::Staff),
        (Direction::Whole, Audience::Person),
        (Direction::Into, Audience::Staff),
        (Direction::Into, Audience::Person),
    ] {
        let words = |policy| describe_effects(direction, Some("St Hilda's"), reader, policy).join(" ");
        assert!(words(OverridePolicy::Never).contains("also"), "{direction:?} {reader:?}");
        let overridden = words(OverridePolicy::InEmergencies);
        assert!(overridden.contains("for 30 minutes") && !overridden.contains("also in an emergency"));
        assert!(!overridden.contains("also so in an emergency"), "{overridden}");
        assert!(words(OverridePolicy::Unknown).contains("cannot"));
    }
}
