//! Who has looked, for officers, in the clinical style. It names staff, datasets and reasons, and never what was
//! in the record.

use lcr_contracts::{
    audit::{Completion, Entry, Outcome, What},
    identity::Registry,
};
use lcr_model::{ActorKind, Dataset, OdsCode, Role};

use super::{
    own_log::number,
    table::{Cell, Row, Table, headings},
    words::{in_query, list, moment},
};

/// Entries for a privacy officer. `about` adds whom each is about, where the list is not one person's.
pub fn officers_table(entries: &[Entry], registry: &Registry, about: bool) -> Table {
    let mut columns = vec!["When", "Who", "Organisation", "Outcome", "Reason", "What was shown"];
    if about {
        columns.insert(3, "About");
    }
    Table {
        caption: "Who has looked".into(),
        note: None,
        columns: headings(&columns),
        rows: entries.iter().map(|entry| row(entry, registry, about)).collect(),
        empty: if about {
            "No entry of the log matches.".into()
        } else {
            "No one is recorded as having looked. The log may not show everything.".into()
        },
    }
}

fn row(entry: &Entry, registry: &Registry, about: bool) -> Row {
    let opened = &entry.opened;
    let by_user = format!("/privacy?user={}", in_query(opened.actor.user.as_str()));
    let when = vec![moment(opened.at), format!("entry {}", number(opened.id))];
    let program = (opened.actor.kind == ActorKind::Client).then(|| "automatic".to_owned());
    let who = vec![opened.actor.name.clone(), role(opened.actor.role).to_owned()];
    let mut cells = vec![
        Cell::lines(when).nowrap(),
        Cell::lines(who.into_iter().chain(program).collect()).to(by_user),
        Cell::said(organisation(registry, &opened.actor.org)),
        Cell::lines(vec![outcome(entry).to_owned(), asked(opened.what).to_owned()]),
        Cell::or(Some(reason(&opened.reason)), "no reason recorded"),
        Cell::or(Some(what(entry)), "nothing"),
    ];
    if about {
        cells.insert(3, of_whom(entry));
    }
    Row { id: opened.id.to_string(), cells }
}

/// Whom an entry is about: nobody is named here, one person is a link.
fn of_whom(entry: &Entry) -> Cell {
    match entry.opened.people.as_slice() {
        [] => Cell::or(None, "nobody"),
        [one] => Cell::said("one person").to(format!("/people/{one}/access")),
        many => Cell::said(format!("{} people", many.len())),
    }
}

/// What was asked to be seen.
fn asked(what: What) -> &'static str {
    match what {
        What::Record => "a record",
        What::Search => "a search",
        What::Identity => "a name and number",
        What::Fhir => "a record, by a program",
        What::AuditLog => "the log",
        What::WardList => "a ward list",
        What::Choices => "choices",
        What::Review => "a review of two records",
        What::Explanation => "whether a record may be opened",
        What::UnusualSearch => "very many searches",
        What::Unknown => "something this version has no words for",
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
        "too-often" => "searched more often than anybody at work does",
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

/// An organisation's name, or its code where the registry does not know it.
pub(super) fn organisation(registry: &Registry, ods: &OdsCode) -> String {
    let found = registry.organisations.iter().find(|one| one.ods == *ods);
    found.map_or_else(|| format!("organisation {ods}"), |one| one.name.clone())
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
