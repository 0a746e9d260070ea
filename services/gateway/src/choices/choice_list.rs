//! Choices as text: what an objection covers, what stops in both directions, and its status. Patients and staff read
//! the same facts, and the text must not favour a decision.

use lcr_contracts::choices::{Choice, ChoiceMaker, ChoiceStatus, Choices, Direction};

use crate::{
    layout::format::{format_moment, format_moment_for_patient},
    rules::policy::OverridePolicy,
};

/// The reader of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    Staff,
    Person,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceLine {
    pub id: String,
    pub what: String,
    /// Starts with whether the choice is in force.
    pub status: &'static str,
    pub history: Vec<String>,
    pub number: String,
    pub in_force: bool,
    pub can_withdraw: bool,
    pub can_review: bool,
}

/// All choices: those in force first, then the newest.
pub fn choice_lines(choices: &Choices, reader: Audience) -> Vec<ChoiceLine> {
    let mut all: Vec<&Choice> = choices.choices.iter().collect();
    all.sort_by_key(|choice| (!choice.status.in_force(), std::cmp::Reverse(choice.changed_at)));
    all.into_iter().map(|choice| choice_line(choice, choices, reader)).collect()
}

/// Whether an objection to all sharing is in force.
pub fn is_all_sharing_stopped(choices: &Choices) -> bool {
    choices.choices.iter().any(|one| one.direction == Direction::Whole && one.status.in_force())
}

pub fn choice_line(choice: &Choice, choices: &Choices, reader: Audience) -> ChoiceLine {
    let is_open = matches!(choice.status, ChoiceStatus::Applied | ChoiceStatus::Requested | ChoiceStatus::Upheld);
    let format_at = |at| if reader == Audience::Person { format_moment_for_patient(at) } else { format_moment(at) };
    let mut history = vec![format!("Made {} by {}.", format_at(choice.made_at), choice.made_by)];
    if choice.changed_at > choice.made_at {
        let what = match choice.status {
            ChoiceStatus::Upheld => "Upheld on review",
            ChoiceStatus::Refused => "Refused on review",
            ChoiceStatus::Withdrawn => "Withdrawn",
            ChoiceStatus::Applied | ChoiceStatus::Requested => "Changed",
        };
        history.push(format!("{what} {}.", format_at(choice.changed_at)));
    }
    if let Some(review) = choice.review.as_deref().filter(|review| !review.trim().is_empty()) {
        history.push(format!("Reasons given: {review}"));
    }
    ChoiceLine {
        id: choice.id.to_string(),
        what: describe_objection(choice.direction, choice.organisation_name.as_deref()),
        status: status_text(choice.status),
        history,
        number: choice.number.clone(),
        in_force: choice.status.in_force(),
        // Staff can withdraw only what they recorded themselves.
        can_withdraw: choices.may_change
            && is_open
            && (reader == Audience::Person || choice.made_by == ChoiceMaker::Reader),
        can_review: choices.may_review && choice.status != ChoiceStatus::Withdrawn,
    }
}

/// What an objection covers.
pub fn describe_objection(direction: Direction, organisation: Option<&str>) -> String {
    let name = organisation.unwrap_or("an organisation that has left the Leeds Care Record");
    match direction {
        Direction::Whole => "Objection to all sharing".to_owned(),
        Direction::OutOf => format!("Objection to sharing what {name} holds"),
        Direction::Into => format!("Objection to {name} being shown anything"),
    }
}

fn status_text(status: ChoiceStatus) -> &'static str {
    match status {
        ChoiceStatus::Applied => "In force, waiting for review",
        ChoiceStatus::Requested => "Asked for, waiting for review: sharing continues meanwhile",
        ChoiceStatus::Upheld => "In force, upheld on review",
        ChoiceStatus::Refused => "Not in force: refused on review",
        ChoiceStatus::Withdrawn => "Not in force: withdrawn",
    }
}

/// What stops and what goes on, in both directions, under the override policy in force.
pub(crate) fn describe_effects(
    direction: Direction,
    organisation: Option<&str>,
    reader: Audience,
    overrides: OverridePolicy,
) -> Vec<String> {
    let name = organisation.unwrap_or("the organisation");
    match reader {
        Audience::Staff => effects_for_staff(direction, name, overrides),
        Audience::Person => effects_for_person(direction, name, overrides),
    }
}

/// What an emergency changes, as the end of a sentence for staff.
fn emergency_for_staff(overrides: OverridePolicy) -> &'static str {
    match overrides {
        OverridePolicy::Never => ", also in an emergency.",
        OverridePolicy::InEmergencies => {
            ". In an emergency a clinician may open a part of the record for 30 minutes. They must say why, and a privacy \
             officer checks it."
        }
        OverridePolicy::Unknown => ". Whether an emergency changes this cannot be shown here right now.",
    }
}

/// What an emergency changes, as a sentence for patients.
fn emergency_for_person(overrides: OverridePolicy) -> &'static str {
    match overrides {
        OverridePolicy::Never => "This is also so in an emergency.",
        OverridePolicy::InEmergencies => {
            "In an emergency a clinician may open a part of your record for 30 minutes. They must say why, and a privacy \
             officer checks it."
        }
        OverridePolicy::Unknown => {
            "We cannot show here right now whether this is also so in an emergency. Ask your GP practice."
        }
    }
}

fn effects_for_staff(direction: Direction, name: &str, overrides: OverridePolicy) -> Vec<String> {
    let emergency = emergency_for_staff(overrides);
    match direction {
        Direction::Whole => vec![
            format!(
                "Stops: nothing any organisation holds about this person is shown here to anybody, at any \
                 organisation{emergency} They are on no ward list."
            ),
            "Those caring for them see that they have objected, and that this does not mean there is nothing to know. \
             They may have to ask again or repeat tests."
                .into(),
            "Continues: each organisation keeps its own record; letters and referrals are sent as before; the person \
             can see who has looked."
                .into(),
        ],
        Direction::OutOf => vec![
            format!("Stops: what {name} holds about this person is not shown to anybody else here."),
            format!("Continues: what other organisations hold is shown as before, also to {name}."),
        ],
        Direction::Into => vec![
            format!("Stops: {name} is shown nothing about this person here{emergency}"),
            format!("Continues: other organisations are shown this person's record as before, with what {name} holds."),
        ],
    }
}

fn effects_for_person(direction: Direction, name: &str, overrides: OverridePolicy) -> Vec<String> {
    let emergency = emergency_for_person(overrides);
    match direction {
        Direction::Whole => vec![
            format!("Nobody can see your information in the Leeds Care Record. {emergency}"),
            "This goes for every hospital, GP practice and service: what they know is not shown to others, and they \
             are not shown what others know."
                .into(),
            "People who care for you may have to ask you the same questions again, or repeat tests.".into(),
            "Your GP practice and each service still keep their own notes. They can still write letters to each other."
                .into(),
        ],
        Direction::OutOf => vec![
            format!("What {name} knows about you is not shown to anybody else."),
            format!("Everything else stays the same. {name} can still see what others share."),
        ],
        Direction::Into => vec![
            format!("{name} is shown nothing about you here. {emergency}"),
            format!("Everything else stays the same. Others can still see what {name} shares."),
        ],
    }
}

#[cfg(test)]
#[path = "choice_list_tests.rs"]
mod tests;
