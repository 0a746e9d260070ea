//! A patient's own access log, by day, in plain English: who looked, at what kind of information, and why they could.
//! It must not claim to be complete, because policy withholds some entries.

use lcr_contracts::{
    audit::{AccessEvent, AccessKind, Outcome},
    identity::Registry,
};
use lcr_model::ActorKind;
use uuid::Uuid;

use crate::{
    access_log::log_words::{dataset_in_plain_english, organisation_name, role_with_article},
    layout::format::{capitalise, format_day_for_patient, format_time_for_patient, in_london, join_with_and},
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogDay {
    pub date: String,
    pub lines: Vec<LogLine>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogLine {
    pub text: String,
    pub at: String,
    /// The page that says whom to ask about the entry. The patient's own entries have none.
    pub question_href: Option<String>,
}

/// Groups the events by day, newest first. `before` is the log page that they are on.
pub fn group_by_day(events: &[AccessEvent], registry: &Registry, before: Option<Uuid>) -> Vec<LogDay> {
    let mut days: Vec<LogDay> = Vec::new();
    let page = before.map(|before| format!("?before={before}")).unwrap_or_default();
    for event in events {
        let date = format_day_for_patient(in_london(event.at).date());
        let line = LogLine {
            text: access_sentence(event, registry),
            at: format_time_for_patient(event.at),
            question_href: (event.kind != ActorKind::Patient)
                .then(|| format!("/my-record/looks/{}{page}", event.entry)),
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.lines.push(line),
            None => days.push(LogDay { date, lines: vec![line] }),
        }
    }
    days
}

/// "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results. Recorded link to you:
/// your GP practice."
pub fn access_sentence(event: &AccessEvent, registry: &Registry) -> String {
    let organisation = organisation_name(registry, &event.org);
    let action = action_text(event);
    match event.kind {
        ActorKind::Patient => return format!("You {action}."),
        ActorKind::Client if event.who.is_empty() => {
            return format!("Automatic check by {organisation}: it {action}.");
        }
        ActorKind::Client => {
            return format!("Automatic check by {} for {organisation}: it {action}.", event.who);
        }
        ActorKind::Person => {}
    }
    let who = if event.who.is_empty() {
        format!("{} at {organisation}", capitalise(role_with_article(event.role)))
    } else {
        format!("{}, {} at {organisation},", event.who, role_with_article(event.role))
    };
    let relationship = (event.outcome == Outcome::Allowed && event.what != AccessKind::Choices)
        .then(|| relationship_text(&event.reason))
        .flatten()
        .map(|text| format!(" Recorded link to you: {text}."))
        .unwrap_or_default();
    format!("{who} {action}.{relationship}")
}

/// The action, to follow the name of the reader.
fn action_text(event: &AccessEvent) -> String {
    if event.outcome == Outcome::Refused {
        return "asked to see your record and was not allowed to. Nothing was shown".to_owned();
    }
    let datasets: Vec<String> =
        event.datasets.iter().map(|dataset| dataset_in_plain_english(*dataset).to_owned()).collect();
    match event.what {
        AccessKind::Choices => choice_action(&event.reason, event.kind == ActorKind::Patient).to_owned(),
        AccessKind::Search => "found your name in a search".to_owned(),
        AccessKind::Identity => "looked at your name and NHS number".to_owned(),
        AccessKind::Review => "checked whether a record with your NHS number is yours".to_owned(),
        AccessKind::Explanation => "asked whether they may open your record".to_owned(),
        AccessKind::UnusualSearch => "searched very often".to_owned(),
        AccessKind::Unknown if datasets.is_empty() => "looked at something about you".to_owned(),
        AccessKind::AuditLog => "looked at the list of who has looked at your record".to_owned(),
        AccessKind::WardList if event.presumed => {
            "opened a list of people in hospital that may have shown you".to_owned()
        }
        AccessKind::WardList => "saw you on a list of people in hospital".to_owned(),
        AccessKind::Record | AccessKind::Fhir if datasets.is_empty() => "looked at your name and NHS number".to_owned(),
        AccessKind::Record | AccessKind::Fhir if event.presumed => {
            format!("may have looked at your {}", join_with_and(&datasets))
        }
        AccessKind::Record | AccessKind::Fhir | AccessKind::Unknown => {
            format!("looked at your {}", join_with_and(&datasets))
        }
    }
}

/// The action on choices, which consent writes at the start of the reason.
fn choice_action(reason: &str, by_patient: bool) -> &'static str {
    match (reason.split(':').next().unwrap_or_default(), by_patient) {
        ("objection made", true) => "objected to sharing",
        ("objection made", false) => "made an objection to sharing for you",
        ("objection withdrawn", true) => "took back your objection to sharing",
        ("objection withdrawn", false) => "took back an objection to sharing for you",
        ("objection reviewed", _) => "reviewed your objection to sharing",
        _ => "looked at your choices about sharing",
    }
}

/// The relationship in the patient's terms. One without plainer words is shown as recorded.
fn relationship_text(reason: &str) -> Option<String> {
    let reason = reason.trim().trim_end_matches('.');
    if reason.is_empty() {
        return None;
    }
    Some(match reason {
        _ if reason.starts_with("registered at ") => "your GP practice".to_owned(),
        _ if reason.starts_with("in hospital at ") => format!("you were {reason}"),
        _ if reason.starts_with("left ") => format!("you {reason}"),
        _ if reason.starts_with("in the area of ") => format!("your GP practice is {reason}"),
        _ => reason.to_owned(),
    })
}

#[cfg(test)]
#[path = "patient_log_tests.rs"]
mod tests;
