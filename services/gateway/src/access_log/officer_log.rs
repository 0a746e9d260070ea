//! The access log for privacy officers. It names staff, kinds of information and reasons, and must never show what was
//! in a record.

use lcr_contracts::{
    audit::{AccessKind, Completion, Entry, Outcome},
    registry::Registry,
};
use lcr_model::{ActorKind, Dataset};

use crate::{
    access_log::{
        actions::{Action, action},
        log_format::{entry_number, organisation_name, role_with_article},
        people_names::{MAX_NAMED_IN_ENTRY, PeopleNames},
    },
    layout::{
        format::{encode_query_value, format_moment, join_with_and},
        reasons::reason_for_officers,
        table::{Cell, Row, Table, headings},
    },
};

/// `people` adds a column for the people concerned, for a list that is not about one person, with the names that are known.
pub fn officer_table(entries: &[Entry], registry: &Registry, people: Option<&PeopleNames>) -> Table {
    let mut columns = vec!["When", "Who", "Organisation", "What was done", "Reason", "What was shown"];
    if people.is_some() {
        columns.insert(3, "About");
    }
    Table {
        caption: "Who has looked".into(),
        note: None,
        columns: headings(&columns),
        rows: entries.iter().map(|entry| row(entry, registry, people)).collect(),
        empty: if people.is_some() {
            "No entry of the log matches.".into()
        } else {
            "No one is recorded as having looked. The log may not show everything.".into()
        },
    }
}

fn row(entry: &Entry, registry: &Registry, people: Option<&PeopleNames>) -> Row {
    let opened = &entry.opened;
    let user_href = format!("/privacy?user={}", encode_query_value(opened.actor.user.as_str()));
    let when = vec![format_moment(opened.at), format!("entry {}", entry_number(opened.id))];
    let program = (opened.actor.kind == ActorKind::Client).then(|| "automatic".to_owned());
    let who = vec![opened.actor.name.clone(), role_with_article(opened.actor.role)];
    let reason = reason_for_officers(&opened.reason).into_iter();
    let reason: Vec<String> = reason.chain(entry.receipt.as_ref().map(|number| format!("receipt {number}"))).collect();
    let mut cells = vec![
        Cell::lines(when).nowrap(),
        Cell::lines(who.into_iter().chain(program).collect()).with_link(user_href),
        Cell::new(organisation_name(registry, &opened.actor.org)),
        Cell::lines(action_lines(entry)),
        if reason.is_empty() { Cell::or(None, "no reason recorded") } else { Cell::lines(reason) },
        Cell::or(Some(shown_datasets(entry)), "nothing"),
    ];
    if let Some(names) = people {
        cells.insert(3, people_cell(entry, names));
    }
    Row { id: opened.id.to_string(), cells }
}

/// The people that an entry is about: one person is a link, and has a name if the officer asked for it.
fn people_cell(entry: &Entry, names: &PeopleNames) -> Cell {
    let known: Vec<String> = entry.opened.people.iter().filter_map(|person| names.get(person).cloned()).collect();
    match entry.opened.people.as_slice() {
        [] => Cell::or(None, "nobody"),
        [one] => {
            let name = names.get(one).cloned().unwrap_or_else(|| "one person".to_owned());
            Cell::new(name).with_link(format!("/people/{one}/access"))
        }
        few if few.len() <= MAX_NAMED_IN_ENTRY && known.len() == few.len() => Cell::lines(known),
        many => Cell::new(format!("{} people", many.len())),
    }
}

/// What was done, and what is known of how it ended.
fn action_lines(entry: &Entry) -> Vec<String> {
    let opened = &entry.opened;
    let presumed = entry.completion == Completion::PresumedShown;
    let outcome = if entry.completion == Completion::NothingShown { Outcome::Refused } else { opened.outcome };
    let done = action(opened.what, outcome, &opened.datasets, presumed);
    let end = match done {
        Action::Refused | Action::LeftOffList | Action::LeftOffCareList => {
            Some(format!("Tried: {}", access_text(opened.what)))
        }
        Action::MayHaveLooked | Action::MayHaveOpenedDocument | Action::MayHaveBeenOnList => {
            Some("May have been shown: the page was opened, and its end was not recorded".to_owned())
        }
        _ => None,
    };
    std::iter::once(done_text(done).to_owned()).chain(end).collect()
}

fn done_text(done: Action) -> &'static str {
    match done {
        Action::LookedAtRecord | Action::MayHaveLooked => "Opened a record",
        Action::OpenedDocument | Action::MayHaveOpenedDocument => "Opened a document",
        Action::ReadName => "Read a name and NHS number",
        Action::FoundInSearch => "Searched for people",
        Action::SeenOnList | Action::MayHaveBeenOnList => "Opened a list of people in hospital",
        Action::SeenOnCareList => "Opened a list of people in their care",
        Action::UsedChoices => "Choices about sharing",
        Action::StatedReason => "A stated reason or an override",
        Action::ReadLog => "Read the log",
        Action::WorkedOnIncident => "Worked on an incident",
        Action::ReviewedLink => "Reviewed two records",
        Action::AskedWhetherAllowed => "Asked whether a record may be opened",
        Action::SearchedOften => "Searched unusually often",
        Action::Unknown => "A kind of access that this version does not know",
        Action::Refused | Action::LeftOffList | Action::LeftOffCareList => "Refused, nothing shown",
    }
}

fn access_text(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::Record => "to open a record",
        AccessKind::Search => "to search",
        AccessKind::Identity => "to read a name and number",
        AccessKind::Fhir => "to read a record, by a program",
        AccessKind::AuditLog => "to read the log",
        AccessKind::WardList => "to open a list of people in hospital",
        AccessKind::CareList => "to open a list of people in their care",
        AccessKind::Choices => "to read or change choices",
        AccessKind::Claim => "to give or check a reason for opening a record",
        AccessKind::Incident => "to work on an incident",
        AccessKind::Review => "to review two records",
        AccessKind::Explanation => "to ask whether a record may be opened",
        AccessKind::UnusualSearch => "to search unusually often",
        AccessKind::Unknown => "something that this version does not know",
    }
}

fn shown_datasets(entry: &Entry) -> String {
    let mut datasets: Vec<Dataset> = match &entry.completion {
        Completion::Shown { shown, .. } => shown.iter().filter(|one| one.count > 0).map(|one| one.dataset).collect(),
        Completion::PresumedShown => entry.opened.datasets.clone(),
        Completion::NothingShown => Vec::new(),
    };
    datasets.sort_unstable();
    datasets.dedup();
    join_with_and(&datasets.iter().map(|dataset| dataset.title().to_lowercase()).collect::<Vec<_>>())
}

#[cfg(test)]
#[path = "officer_log_tests.rs"]
pub(crate) mod tests;
