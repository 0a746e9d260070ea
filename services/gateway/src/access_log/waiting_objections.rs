//! The objections that wait for an officer's review: a count for the home page, a list for the page of the log. It must name
//! nobody: the officer opens a choice to see whose it is.

use lcr_contracts::choices::{ChoiceStatus, WaitingCount, WaitingList, WaitingObjection};

use crate::{
    choices::choice_list::describe_objection,
    layout::{
        format::{format_count, format_moment},
        table::{Cell, Row, Table, headings},
    },
    web::session::SignedInReader,
};

const NONE: &str = "No objection waits for your review.";
const NOT_ALL_READ: &str = "Objections may wait for your review: not all could be read.";
const UNAVAILABLE: &str = "Whether objections wait for your review is not known right now.";
const NOTE: &str = "Choose a receipt number to see whose objection it is and to review it.";
const NOTE_ON_PART: &str = "Not all could be read. The table is cut at 100 objections: the others follow when these are \
     reviewed. Choose a receipt number to see whose objection it is and to review it.";

/// The sentence of the home page.
pub(crate) async fn home_summary(reader: &SignedInReader) -> Result<String, &'static str> {
    let count = reader.app.deps.consent.count_waiting_objections(&reader.caller()).await;
    count.map(count_text).map_err(|_| UNAVAILABLE)
}

fn count_text(count: WaitingCount) -> String {
    let wait = |count| format_count(count, "objection waits", "objections wait");
    match count {
        WaitingCount::Exactly(0) => NONE.to_owned(),
        WaitingCount::Exactly(count) => format!("{} for your review.", wait(count)),
        WaitingCount::AtLeast { at_least: 0 } => NOT_ALL_READ.to_owned(),
        WaitingCount::AtLeast { at_least } => format!("At least {} for your review.", wait(at_least)),
    }
}

/// The list, or why it is not known.
pub(crate) async fn load_table(reader: &SignedInReader) -> Result<Table, &'static str> {
    let waiting = reader.app.deps.consent.waiting_objections(&reader.caller()).await;
    waiting.map(|waiting| waiting_table(&waiting)).map_err(|_| UNAVAILABLE)
}

fn waiting_table(waiting: &WaitingList) -> Table {
    let row = |one: &WaitingObjection| Row {
        id: one.choice.to_string(),
        cells: vec![
            Cell::new(one.number.clone()).nowrap().with_link(format!("/people/{}/choices", one.person)),
            Cell::new(describe_objection(one.direction, one.organisation.as_deref())),
            Cell::new(format_moment(one.made_at)).nowrap(),
            Cell::new(if one.status == ChoiceStatus::Requested {
                "not in force until it is reviewed"
            } else {
                "in force meanwhile"
            }),
        ],
    };
    let (note, empty) = match waiting {
        WaitingList::All(_) => (NOTE, NONE),
        WaitingList::Part { .. } => (NOTE_ON_PART, NOT_ALL_READ),
    };
    Table {
        caption: "The oldest first".into(),
        note: Some(note),
        columns: headings(&["Receipt", "Objection", "Made", "State"]),
        rows: waiting.objections().iter().map(row).collect(),
        empty: empty.to_owned(),
    }
}

#[cfg(test)]
#[path = "waiting_objections_tests.rs"]
mod tests;
