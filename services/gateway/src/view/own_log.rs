//! A patient's own log, by day, in plain English. It names who looked, at what kind of information and why they
//! could; what policy withholds is not here to be shown, and nothing says that the list is complete.

use lcr_contracts::{
    audit::{Look, Outcome, What},
    identity::Registry,
};
use lcr_model::{ActorKind, Dataset};
use uuid::Uuid;

use super::{
    log::{organisation, role},
    words::{capital, in_london, list, patient_day, patient_time},
};

/// A day of the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub date: String,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    pub at: String,
    /// Where a question about it starts; a look of one's own needs none.
    pub ask: Option<String>,
}

/// The looks by day, newest first. `before` names the page they came on.
pub fn days(looks: &[Look], registry: &Registry, before: Option<Uuid>) -> Vec<Day> {
    let mut days: Vec<Day> = Vec::new();
    let page = before.map(|before| format!("?before={before}")).unwrap_or_default();
    for look in looks {
        let date = patient_day(in_london(look.at).date());
        let line = Line {
            text: sentence(look, registry),
            at: patient_time(look.at),
            ask: (look.kind != ActorKind::Patient).then(|| format!("/my-record/looks/{}{page}", look.entry)),
        };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.lines.push(line),
            None => days.push(Day { date, lines: vec![line] }),
        }
    }
    days
}

/// "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines and test results. Recorded link to you:
/// your GP practice."
pub fn sentence(look: &Look, registry: &Registry) -> String {
    let place = organisation(registry, &look.org);
    let did = did(look);
    match look.kind {
        ActorKind::Patient => return format!("You {did}."),
        ActorKind::Client if look.who.is_empty() => return format!("Automatic check by {place}: it {did}."),
        ActorKind::Client => return format!("Automatic check by {} for {place}: it {did}.", look.who),
        ActorKind::Person => {}
    }
    let who = if look.who.is_empty() {
        format!("{} at {place}", capital(role(look.role)))
    } else {
        format!("{}, {} at {place},", look.who, role(look.role))
    };
    let link = (look.outcome == Outcome::Allowed && look.what != What::Choices)
        .then(|| link(&look.reason))
        .flatten()
        .map(|link| format!(" Recorded link to you: {link}."))
        .unwrap_or_default();
    format!("{who} {did}.{link}")
}

/// What was done, after the name of who did it.
fn did(look: &Look) -> String {
    if look.outcome == Outcome::Refused {
        return "asked to see your record and was not allowed to. Nothing was shown".to_owned();
    }
    let seen: Vec<String> = look.datasets.iter().map(|dataset| plain(*dataset).to_owned()).collect();
    match look.what {
        What::Choices => chose(&look.reason, look.kind == ActorKind::Patient).to_owned(),
        What::Search => "found your name in a search".to_owned(),
        What::Identity => "looked at your name and NHS number".to_owned(),
        What::Review => "checked whether a record with your NHS number is yours".to_owned(),
        What::Explanation => "asked whether they may open your record".to_owned(),
        What::UnusualSearch => "searched very often".to_owned(),
        What::Unknown if seen.is_empty() => "looked at something about you".to_owned(),
        What::AuditLog => "looked at the list of who has looked at your record".to_owned(),
        What::WardList if look.presumed => {
            "opened a list of people in hospital that may have shown you".to_owned()
        }
        What::WardList => "saw you on a list of people in hospital".to_owned(),
        What::Record | What::Fhir if seen.is_empty() => "looked at your name and NHS number".to_owned(),
        What::Record | What::Fhir if look.presumed => format!("may have looked at your {}", list(&seen)),
        What::Record | What::Fhir | What::Unknown => format!("looked at your {}", list(&seen)),
    }
}

/// What was done about choices, by how the entry's reason begins.
fn chose(reason: &str, own: bool) -> &'static str {
    match (reason.split(':').next().unwrap_or_default(), own) {
        ("objection made", true) => "objected to sharing",
        ("objection made", false) => "made an objection to sharing for you",
        ("objection withdrawn", true) => "took back your objection to sharing",
        ("objection withdrawn", false) => "took back an objection to sharing for you",
        ("objection reviewed", _) => "reviewed your objection to sharing",
        _ => "looked at your choices about sharing",
    }
}

/// The recorded link, as the patient knows it; what has no plainer words is told as recorded.
fn link(reason: &str) -> Option<String> {
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

/// Kinds of information as people call them.
pub fn plain(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Demographics => "name and contact details",
        Dataset::Alerts => "safety alerts",
        Dataset::Allergies => "allergies",
        Dataset::Medications => "medicines",
        Dataset::Diagnoses => "health conditions",
        Dataset::Results => "test results",
        Dataset::Documents => "letters and documents",
        Dataset::Encounters => "visits and hospital stays",
        Dataset::Referrals => "referrals",
        Dataset::Appointments => "appointments",
        Dataset::Procedures => "operations and procedures",
        Dataset::Immunisations => "vaccinations",
        Dataset::Contacts => "family and other contacts",
        Dataset::SocialCare => "social care",
        Dataset::CarePlans => "care plans",
        Dataset::EndOfLife => "plans for the end of life",
        Dataset::Safeguarding => "safeguarding notes",
    }
}

/// The number of an entry, short enough to read out: its last eight figures. The first ones are the time.
pub fn number(entry: Uuid) -> String {
    let text = entry.simple().to_string().to_uppercase();
    format!("{}-{}", &text[24..28], &text[28..])
}

#[cfg(test)]
#[path = "own_log_tests.rs"]
mod tests;
