//! Choices in words: what an objection covers, what stops in both directions, where it stands. The same facts for
//! the person and for the staff who take it down for them; neither is pushed one way.

use lcr_contracts::choices::{Choice, ChoiceStatus, Choices, Direction};

use super::words::{moment, patient_moment};

/// For whom the words are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum For {
    Staff,
    Person,
}

/// One choice as the page lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceLine {
    pub id: String,
    pub what: String,
    /// Whether it is in force, first.
    pub status: &'static str,
    pub history: Vec<String>,
    pub number: String,
    pub in_force: bool,
    pub may_withdraw: bool,
    pub may_review: bool,
}

/// All of them: in force first, then the newest.
pub fn lines(choices: &Choices, reader: For) -> Vec<ChoiceLine> {
    let mut all: Vec<&Choice> = choices.choices.iter().collect();
    all.sort_by_key(|choice| (!choice.status.in_force(), std::cmp::Reverse(choice.changed_at)));
    all.into_iter().map(|choice| line(choice, choices, reader)).collect()
}

/// Whether everything is closed by a choice in force.
pub fn all_closed(choices: &Choices) -> bool {
    choices.choices.iter().any(|one| one.direction == Direction::Whole && one.status.in_force())
}

/// One of them.
pub fn line(choice: &Choice, choices: &Choices, reader: For) -> ChoiceLine {
    let open =
        matches!(choice.status, ChoiceStatus::Applied | ChoiceStatus::Requested | ChoiceStatus::Upheld);
    let when = |at| if reader == For::Person { patient_moment(at) } else { moment(at) };
    let mut history = vec![format!("Made {} by {}.", when(choice.made_at), choice.made_by)];
    if choice.changed_at > choice.made_at {
        let what = match choice.status {
            ChoiceStatus::Upheld => "Upheld on review",
            ChoiceStatus::Refused => "Refused on review",
            ChoiceStatus::Withdrawn => "Withdrawn",
            ChoiceStatus::Applied | ChoiceStatus::Requested => "Changed",
        };
        history.push(format!("{what} {}.", when(choice.changed_at)));
    }
    if let Some(review) = choice.review.as_deref().filter(|review| !review.trim().is_empty()) {
        history.push(format!("Reasons given: {review}"));
    }
    ChoiceLine {
        id: choice.id.to_string(),
        what: what(choice.direction, choice.organisation_name.as_deref()),
        status: status(choice.status),
        history,
        number: choice.number.clone(),
        in_force: choice.status.in_force(),
        // Staff take back what they recorded themselves; the person takes back all.
        may_withdraw: choices.may_change && open && (reader == For::Person || choice.made_by == "you"),
        may_review: choices.may_review && choice.status != ChoiceStatus::Withdrawn,
    }
}

/// What an objection covers, in one line.
pub fn what(direction: Direction, organisation: Option<&str>) -> String {
    let named = organisation.unwrap_or("an organisation that is no longer listed");
    match direction {
        Direction::Whole => "Objection to all sharing".to_owned(),
        Direction::OutOf => format!("Objection to sharing what {named} holds"),
        Direction::Into => format!("Objection to {named} being shown anything"),
    }
}

fn status(status: ChoiceStatus) -> &'static str {
    match status {
        ChoiceStatus::Applied => "In force, waiting for review",
        ChoiceStatus::Requested => "Asked for, waiting for review: sharing continues meanwhile",
        ChoiceStatus::Upheld => "In force, upheld on review",
        ChoiceStatus::Refused => "Not in force: refused on review",
        ChoiceStatus::Withdrawn => "Not in force: withdrawn",
    }
}

/// What stops, and what goes on, in both directions.
pub fn stops(direction: Direction, organisation: Option<&str>, reader: For) -> Vec<String> {
    let named = organisation.unwrap_or("the organisation");
    match reader {
        For::Staff => for_staff(direction, named),
        For::Person => for_person(direction, named),
    }
}

fn for_staff(direction: Direction, named: &str) -> Vec<String> {
    match direction {
        Direction::Whole => vec![
            "Stops: nothing any organisation holds about this person is shown here to anybody, at any organisation, \
             also in an emergency. They are on no ward list."
                .into(),
            "Those caring for them see that they have objected, and that this does not mean there is nothing to know. \
             They may have to ask again or repeat tests."
                .into(),
            "Goes on: each organisation keeps its own record; letters and referrals are sent as before; the person \
             can see who has looked."
                .into(),
        ],
        Direction::OutOf => vec![
            format!("Stops: what {named} holds about this person is not shown to anybody else here."),
            format!("Goes on: what other organisations hold is shown as before, also to {named}."),
        ],
        Direction::Into => vec![
            format!("Stops: {named} is shown nothing about this person here, also in an emergency."),
            format!("Goes on: other organisations are shown this person's record as before, with what {named} holds."),
        ],
    }
}

fn for_person(direction: Direction, named: &str) -> Vec<String> {
    match direction {
        Direction::Whole => vec![
            "Nobody can see your information in the Leeds Care Record. This is also so in an emergency.".into(),
            "This goes for every hospital, GP practice and service: what they know is not shown to others, and they \
             are not shown what others know."
                .into(),
            "People who care for you may have to ask you the same questions again, or repeat tests.".into(),
            "Your GP practice and each service still keep their own notes. They can still write letters to each other."
                .into(),
        ],
        Direction::OutOf => vec![
            format!("What {named} knows about you is not shown to anybody else."),
            format!("Everything else stays the same. {named} can still see what others share."),
        ],
        Direction::Into => vec![
            format!("{named} is shown nothing about you here. This is also so in an emergency."),
            format!("Everything else stays the same. Others can still see what {named} shares."),
        ],
    }
}

#[cfg(test)]
mod tests {
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
        Choices {
            person: PersonId(Uuid::nil()),
            choices: all,
            organisations: vec![],
            may_change: true,
            may_review: true,
        }
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
            let line = &lines(&all, For::Staff)[0];
            assert_eq!(line.status.starts_with("In force"), status.in_force(), "{}", line.status);
            assert_eq!(line.in_force, all_closed(&all));
        }
    }

    #[test]
    fn what_is_over_cannot_be_withdrawn_again() {
        let offered = |status| {
            let all = choices(vec![choice(Direction::Into, status, "2026-03-02T10:00:00Z")]);
            let line = lines(&all, For::Person).remove(0);
            (line.may_withdraw, line.may_review)
        };
        assert_eq!(offered(ChoiceStatus::Applied), (true, true));
        assert_eq!(offered(ChoiceStatus::Refused), (false, true));
        assert_eq!(offered(ChoiceStatus::Withdrawn), (false, false));
    }

    #[test]
    fn the_history_is_told_in_the_readers_dates() {
        let all = choices(vec![choice(Direction::OutOf, ChoiceStatus::Refused, "2026-03-02T14:05:00Z")]);
        let history = |reader| lines(&all, reader).remove(0).history;
        assert_eq!(
            history(For::Person),
            [
                "Made 1 March 2026 at 10:00am by you.",
                "Refused on review 2 March 2026 at 2:05pm.",
                "Reasons given: Kept for your safety"
            ]
        );
        assert_eq!(history(For::Staff)[1], "Refused on review 02-Mar-2026 14:05.");
    }

    #[test]
    fn both_directions_are_told_for_every_choice() {
        for direction in [Direction::Whole, Direction::OutOf, Direction::Into] {
            for reader in [For::Staff, For::Person] {
                let words = stops(direction, Some("St Hilda's"), reader).join(" ").to_lowercase();
                assert!(
                    words.contains("others")
                        || words.contains("other organisations")
                        || words.contains("anybody")
                );
                assert!(words.contains("as before") || words.contains("still"), "{words}");
            }
        }
    }
}
