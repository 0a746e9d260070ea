//! Claims and overrides as their officer reads them: who said what to open whose record, and what was found. It must name
//! nobody whose name was not asked for.

mod review_input;

use lcr_contracts::claims::{Claim, ClaimCount, ClaimList, ClaimOutcome};
use lcr_model::RelationshipKind;

use crate::{
    access_log::people_names::PeopleNames,
    claims::offer::Radio,
    layout::{
        format::{format_count, format_moment, join_with_and},
        link_words::permission_words,
        reasons::relationship_for_officers,
        table::{Cell, Row, Table, headings},
    },
};
use review_input::{OUTCOMES, found_id};
pub(crate) use review_input::{RejectedReview, ReviewInput, outcome_id};

const OPENED_NOTHING: &str = "opened nothing";

/// A claim that waits, with its form.
pub(crate) struct ClaimLine {
    pub id: String,
    pub heading: String,
    pub made: String,
    /// Until when it is in force, or that it opened nothing.
    pub effect: String,
    pub reason: String,
    pub permission: Option<String>,
    pub text: Option<String>,
    pub person: String,
    pub person_href: String,
    pub outcomes: Vec<Radio>,
    pub outcome_id: String,
    pub outcome_problem: Option<String>,
    pub found: String,
    pub found_id: String,
    pub found_problem: Option<String>,
}

/// The claims that wait: overrides first, then the oldest first.
pub(crate) fn waiting_lines(list: &ClaimList, names: &PeopleNames, rejected: &RejectedReview) -> Vec<ClaimLine> {
    let mut waiting: Vec<&Claim> = list.waiting.iter().collect();
    waiting.sort_by_key(|claim| (!is_override(claim), claim.made_at));
    waiting.into_iter().map(|claim| line(claim, names, rejected)).collect()
}

fn is_override(claim: &Claim) -> bool {
    claim.relationship.kind() == RelationshipKind::EmergencyOverride
}

fn line(claim: &Claim, names: &PeopleNames, rejected: &RejectedReview) -> ClaimLine {
    let id = claim.id.to_string();
    let input = if rejected.claim == id { rejected.input.clone() } else { ReviewInput::default() };
    let problem = |field: &str| {
        let problem = rejected.problems.iter().find(|problem| problem.field == field);
        problem.map(|problem| problem.text.clone())
    };
    let (outcome_id, found_id) = (outcome_id(&id), found_id(&id));
    ClaimLine {
        heading: format!("{}: {}", if is_override(claim) { "Emergency override" } else { "Claim" }, claim.made_by),
        made: format_moment(claim.made_at),
        effect: effect(claim),
        reason: relationship_for_officers(&claim.relationship),
        permission: claim.permission.as_ref().map(|permission| permission_words(permission).to_owned()),
        text: claim.text.clone(),
        person: person_words(claim, names),
        person_href: person_href(claim),
        outcomes: OUTCOMES
            .map(|(name, words, _)| Radio {
                value: name.to_owned(),
                words: words.to_owned(),
                checked: name == input.outcome,
            })
            .into(),
        outcome_problem: problem(&outcome_id),
        found_problem: problem(&found_id),
        found: input.text,
        outcome_id,
        found_id,
        id,
    }
}

/// A refused attempt ends when it is made.
fn opened_nothing(claim: &Claim) -> bool {
    claim.until == claim.made_at
}

fn effect(claim: &Claim) -> String {
    if opened_nothing(claim) {
        OPENED_NOTHING.to_owned()
    } else {
        format!("in force until {} at the latest", format_moment(claim.until))
    }
}

fn person_words(claim: &Claim, names: &PeopleNames) -> String {
    names.get(&claim.person).cloned().unwrap_or_else(|| "a person".to_owned())
}

fn person_href(claim: &Claim) -> String {
    format!("/people/{}/access", claim.person)
}

/// The claims that were reviewed, the newest first.
pub(crate) fn reviewed_table(list: &ClaimList, names: &PeopleNames) -> Table {
    let row = |claim: &Claim| {
        let outcome = match claim.outcome {
            Some(ClaimOutcome::Justified) => "Justified",
            Some(ClaimOutcome::NotJustified) => "Not justified",
            None => "Not reviewed",
        };
        let found = [Some(outcome.to_owned()), claim.reviewed_at.map(format_moment), claim.review.clone()];
        let nothing = opened_nothing(claim).then(|| OPENED_NOTHING.to_owned());
        let reason = [Some(relationship_for_officers(&claim.relationship)), claim.text.clone(), nothing];
        Row {
            id: claim.id.to_string(),
            cells: vec![
                Cell::new(format_moment(claim.made_at)).nowrap(),
                Cell::new(claim.made_by.clone()),
                Cell::new(person_words(claim, names)).with_link(person_href(claim)).nowrap(),
                Cell::lines(reason.into_iter().flatten().collect()),
                Cell::lines(found.into_iter().flatten().collect()),
            ],
        }
    };
    Table {
        caption: "Checked, the newest first".into(),
        note: None,
        columns: headings(&["When", "Who", "About", "Reason", "Found"]),
        rows: list.reviewed.iter().map(row).collect(),
        empty: "No claim has been checked yet.".into(),
    }
}

/// How many wait, in words, overrides first.
pub(crate) fn count_words(count: ClaimCount) -> String {
    let some = |number: u32, one, many| {
        let number = usize::try_from(number).unwrap_or(usize::MAX);
        (number > 0).then(|| format_count(number, one, many))
    };
    let parts = [some(count.overrides, "override", "overrides"), some(count.claims, "claim", "claims")];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match (parts.len(), count.overrides.saturating_add(count.claims)) {
        (0, _) => "No claim waits for your check.".to_owned(),
        (_, 1) => format!("{} waits for your check.", join_with_and(&parts)),
        _ => format!("{} wait for your check.", join_with_and(&parts)),
    }
}

#[cfg(test)]
#[path = "claim_queue_tests.rs"]
mod tests;
