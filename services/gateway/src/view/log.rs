//! Who has looked, for officers in the clinical style and for patients in plain English. It names staff,
//! datasets and reasons, and never what was in the record.

use lcr_contracts::{
    audit::{Completion, Entry, Outcome},
    identity::Registry,
};
use lcr_model::{ActorKind, Dataset, OdsCode, Role};

use super::{
    table::{Cell, Row, Table},
    words::{in_london, list, moment, patient_day, patient_moment},
};

/// The log of one person for a privacy officer.
pub fn officers_table(entries: &[Entry], registry: &Registry) -> Table {
    let row = |entry: &Entry| Row {
        id: entry.opened.id.to_string(),
        cells: vec![
            Cell::said(moment(entry.opened.at)).nowrap(),
            Cell::lines(vec![entry.opened.actor.name.clone(), role(entry.opened.actor.role).to_owned()]),
            Cell::said(organisation(registry, &entry.opened.actor.org)),
            Cell::said(outcome(entry)),
            Cell::or(Some(reason(&entry.opened.reason)), "no reason recorded"),
            Cell::or(Some(what(entry)), "nothing"),
        ],
    };
    Table {
        caption: "Who has looked".into(),
        columns: vec!["When", "Who", "Organisation", "Outcome", "Reason", "What was shown"],
        rows: entries.iter().map(row).collect(),
        empty: "No one is recorded as having looked. The log may not show everything.".into(),
    }
}

fn outcome(entry: &Entry) -> &'static str {
    match (entry.opened.outcome, &entry.completion) {
        (Outcome::Refused, _) | (_, Completion::NothingShown) => "Refused, nothing shown",
        (_, Completion::Shown { .. }) => "Shown",
        (_, Completion::PresumedShown) => "Presumed shown",
    }
}

/// The reason of a refusal in words; a relationship is in words already.
fn reason(text: &str) -> String {
    match text {
        "role" => "the role sees no such data",
        "no-relationship" => "no caring relationship on record",
        "objected" => "the person has objected",
        "catching-up" => "details were still being checked",
        "session-ended" => "the session had ended",
        other => other,
    }
    .to_owned()
}

/// The datasets seen, in words.
fn what(entry: &Entry) -> String {
    let mut seen: Vec<Dataset> = match &entry.completion {
        Completion::Shown { shown, .. } => {
            shown.iter().filter(|one| one.count > 0).map(|one| one.dataset).collect()
        }
        Completion::PresumedShown => entry.opened.datasets.clone(),
        Completion::NothingShown => Vec::new(),
    };
    seen.sort_unstable();
    seen.dedup();
    list(&seen.iter().map(|dataset| dataset.title().to_lowercase()).collect::<Vec<_>>())
}

fn organisation(registry: &Registry, ods: &OdsCode) -> String {
    let found = registry.organisations.iter().find(|one| one.ods == *ods);
    found.map_or_else(|| format!("organisation {ods}"), |one| one.name.clone())
}

/// A day of the patient's own log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Day {
    pub date: String,
    pub lines: Vec<Line>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    pub at: String,
}

/// The patient's own log by day. `None` when the answer is about more than one person: then something is
/// wrong, and nothing is better than somebody else's log.
pub fn patients_days(entries: &[Entry], registry: &Registry) -> Option<Vec<Day>> {
    let mut people = entries.iter().flat_map(|entry| &entry.opened.people);
    let first = people.next();
    if people.any(|person| Some(person) != first) || entries.iter().any(|entry| entry.opened.people.len() > 1)
    {
        return None;
    }
    let mut days: Vec<Day> = Vec::new();
    for entry in entries {
        let date = patient_day(in_london(entry.opened.at).date());
        let line = Line { text: sentence(entry, registry), at: patient_moment(entry.opened.at) };
        match days.last_mut().filter(|day| day.date == date) {
            Some(day) => day.lines.push(line),
            None => days.push(Day { date, lines: vec![line] }),
        }
    }
    Some(days)
}

/// "Dr Aisha Khan, a GP at Beckside Surgery, looked at your medicines. Recorded link to you: …"
fn sentence(entry: &Entry, registry: &Registry) -> String {
    let actor = &entry.opened.actor;
    let place = organisation(registry, &actor.org);
    if actor.kind == ActorKind::Client {
        return format!("Automatic check by {place}.");
    }
    let seen = what(entry);
    let did = match outcome(entry) {
        "Refused, nothing shown" => {
            "asked to look at your record and was not allowed to. Nothing was shown".into()
        }
        _ if seen.is_empty() => "looked at your name and NHS number".to_owned(),
        _ => format!("looked at your {seen}"),
    };
    let link = if entry.opened.outcome == Outcome::Allowed && !entry.opened.reason.is_empty() {
        format!(" Recorded link to you: {}.", entry.opened.reason)
    } else {
        String::new()
    };
    format!("{}, {} at {place}, {did}.{link}", actor.name, role(actor.role))
}

/// A role with its article, in plain English.
pub fn role(role: Role) -> &'static str {
    match role {
        Role::Gp => "a GP",
        Role::PracticeManager => "a practice manager",
        Role::Receptionist => "a receptionist",
        Role::Consultant => "a hospital doctor",
        Role::EdClinician => "an emergency department clinician",
        Role::WardNurse => "a ward nurse",
        Role::CommunityNurse => "a community nurse",
        Role::SocialWorker => "a social worker",
        Role::ChildrensSocialWorker => "a children's social worker",
        Role::MentalHealth => "a mental health clinician",
        Role::Pharmacist => "a pharmacist",
        Role::Paramedic => "a paramedic",
        Role::OutOfHoursGp => "an out-of-hours GP",
        Role::CareHome => "a care home nurse",
        Role::PrivacyOfficer => "a privacy officer",
        Role::CaldicottGuardian => "a Caldicott guardian",
        Role::DataSteward => "a data steward",
        Role::OrgAdmin => "an administrator",
        Role::PlatformAdmin => "a platform administrator",
        Role::Commissioner => "a commissioner",
        Role::Patient => "a patient",
        Role::ProxyParent => "a parent",
        Role::FeedsClient | Role::FhirClient => "a computer system",
    }
}
