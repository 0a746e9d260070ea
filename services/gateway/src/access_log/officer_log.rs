//! The access log for privacy officers. It names staff, kinds of information and reasons, and must never show what was
//! in a record.

use lcr_contracts::{
    audit::{AccessKind, Completion, Entry, Outcome},
    identity::Registry,
};
use lcr_model::{ActorKind, Dataset};

use crate::{
    access_log::log_words::{entry_number, organisation_name, role_with_article},
    layout::{
        format::{encode_query_value, format_moment, join_with_and},
        table::{Cell, Row, Table, headings},
    },
};

/// `with_people` adds a column for the people concerned, for a list that is not about one person.
pub fn officer_table(entries: &[Entry], registry: &Registry, with_people: bool) -> Table {
    let mut columns = vec!["When", "Who", "Organisation", "Outcome", "Reason", "What was shown"];
    if with_people {
        columns.insert(3, "About");
    }
    Table {
        caption: "Who has looked".into(),
        note: None,
        columns: headings(&columns),
        rows: entries.iter().map(|entry| row(entry, registry, with_people)).collect(),
        empty: if with_people {
            "No entry of the log matches.".into()
        } else {
            "No one is recorded as having looked. The log may not show everything.".into()
        },
    }
}

fn row(entry: &Entry, registry: &Registry, with_people: bool) -> Row {
    let opened = &entry.opened;
    let user_href = format!("/privacy?user={}", encode_query_value(opened.actor.user.as_str()));
    let when = vec![format_moment(opened.at), format!("entry {}", entry_number(opened.id))];
    let program = (opened.actor.kind == ActorKind::Client).then(|| "automatic".to_owned());
    let who = vec![opened.actor.name.clone(), role_with_article(opened.actor.role).to_owned()];
    let mut cells = vec![
        Cell::lines(when).nowrap(),
        Cell::lines(who.into_iter().chain(program).collect()).with_link(user_href),
        Cell::new(organisation_name(registry, &opened.actor.org)),
        Cell::lines(vec![outcome_text(entry).to_owned(), access_text(opened.what).to_owned()]),
        Cell::or(Some(reason_text(&opened.reason)), "no reason recorded"),
        Cell::or(Some(shown_datasets(entry)), "nothing"),
    ];
    if with_people {
        cells.insert(3, people_cell(entry));
    }
    Row { id: opened.id.to_string(), cells }
}

/// The people that an entry is about. They are not named; one person is a link.
fn people_cell(entry: &Entry) -> Cell {
    match entry.opened.people.as_slice() {
        [] => Cell::or(None, "nobody"),
        [one] => Cell::new("one person").with_link(format!("/people/{one}/access")),
        many => Cell::new(format!("{} people", many.len())),
    }
}

fn access_text(kind: AccessKind) -> &'static str {
    match kind {
        AccessKind::Record => "a record",
        AccessKind::Search => "a search",
        AccessKind::Identity => "a name and number",
        AccessKind::Fhir => "a record, by a program",
        AccessKind::AuditLog => "the log",
        AccessKind::WardList => "a ward list",
        AccessKind::Choices => "choices",
        AccessKind::Review => "a review of two records",
        AccessKind::Explanation => "whether a record may be opened",
        AccessKind::UnusualSearch => "an unusual number of searches",
        AccessKind::Unknown => "a kind of access that this version does not know",
    }
}

fn outcome_text(entry: &Entry) -> &'static str {
    match (entry.opened.outcome, &entry.completion) {
        (Outcome::Refused, _) | (_, Completion::NothingShown) => "Refused, nothing shown",
        (_, Completion::Shown { .. }) => "Shown",
        (_, Completion::PresumedShown) => "Presumed shown",
    }
}

/// Words for a refusal's code. A relationship is text already.
fn reason_text(text: &str) -> String {
    match text {
        "role" => "the role may not see this data",
        "no-relationship" => "no caring relationship on record",
        "objected" => "the person has objected",
        "catching-up" => "details were still being checked",
        "session-ended" => "the session had ended",
        "too-often" => "searched unusually often",
        other => other,
    }
    .to_owned()
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
