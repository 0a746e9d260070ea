//! Hospital messages that could not be read yet: how many by hospital and reason, then each with the patients and
//! visits it affects. It names patients by their hospital's number and must show nothing clinical.

use jiff::Timestamp;
use lcr_contracts::messages::{MessageText, WaitingCount, WaitingMessage, WaitingPage};
use lcr_model::{SourceId, SourceIdentity};

use crate::layout::{
    format::{encode_query_value, format_ago, format_count, format_moment},
    table::{Cell, Row, Table, headings},
};

const NO_SOURCE: &str = "not a registered hospital";
const WITHHELD: &str = "not shown to you";
const NO_VISIT: &str = "no visit named";
const NOBODY: &str = "no patient named";

/// The number of messages by hospital and reason, oldest first. Each row links to its messages.
pub fn counts_table(counts: &[WaitingCount], source_name: impl Fn(&SourceId) -> String, now: Timestamp) -> Table {
    let mut counts: Vec<&WaitingCount> = counts.iter().collect();
    counts.sort_by_key(|one| one.oldest);
    let row = |(at, one): (usize, &&WaitingCount)| Row {
        id: format!("count-{at}"),
        cells: vec![
            hospital_cell(one.source.as_ref(), &source_name).with_link(page_href(
                one.source.as_ref(),
                Some(&one.reason),
                None,
            )),
            Cell::new(one.reason.clone()),
            Cell::new(one.count.to_string()),
            Cell::lines(vec![format_ago(one.oldest, now), format_moment(one.oldest)]),
        ],
    };
    Table {
        caption: "Waiting, by hospital and reason".into(),
        columns: headings(&["Hospital", "Reason", "Messages", "Oldest received"]),
        rows: counts.iter().enumerate().map(row).collect(),
        ..Table::default()
    }
}

/// The messages of a page, oldest first.
pub fn messages_table(page: &WaitingPage, source_name: impl Fn(&SourceId) -> String, now: Timestamp) -> Table {
    let row = |one: &WaitingMessage| Row {
        id: one.id.to_string(),
        cells: vec![
            Cell::lines(vec![format_moment(one.received), format_ago(one.received, now)])
                .with_link(format!("/waiting/{}", one.id)),
            hospital_cell(one.source.as_ref(), &source_name),
            Cell::lines(vec![one.kind.clone(), format!("number {}", one.control_id)]),
            Cell::lines(reason_lines(one)),
            Cell::or(people_text(one, &source_name), absence_reason(one, NOBODY)),
            Cell::or(visits_text(one), absence_reason(one, NO_VISIT)),
        ],
    };
    Table {
        caption: "Waiting messages, oldest first".into(),
        columns: headings(&["Received", "Hospital", "Message", "Why it waits", "Patients affected", "Visits affected"]),
        rows: page.messages.iter().map(row).collect(),
        ..Table::default()
    }
}

/// The facts of one message: label and value.
pub fn message_facts(
    text: &MessageText,
    source_name: impl Fn(&SourceId) -> String,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let message = &text.message;
    let or = |text: Option<String>, absent: &str| text.unwrap_or_else(|| absent.to_owned());
    vec![
        ("State", if text.waits { "Waiting." } else { "Read, no longer waiting." }.to_owned()),
        ("Received", format!("{} ({})", format_moment(message.received), format_ago(message.received, now))),
        ("Hospital", message.source.as_ref().map_or_else(|| NO_SOURCE.to_owned(), &source_name)),
        ("Message", format!("{}, number {}", message.kind, message.control_id)),
        ("Why", reason_lines(message).join(", ")),
        ("Patients affected", or(people_text(message, &source_name), absence_reason(message, NOBODY))),
        ("Visits affected", or(visits_text(message), absence_reason(message, NO_VISIT))),
    ]
}

/// The home page's sentence: how many messages wait, and since when.
pub fn waiting_summary(counts: &[WaitingCount], now: Timestamp) -> String {
    let all: u64 = counts.iter().map(|one| one.count).sum();
    let Some(oldest) = counts.iter().map(|one| one.oldest).min().filter(|_| all > 0) else {
        return "No hospital messages are waiting.".to_owned();
    };
    let all = format_count(
        usize::try_from(all).unwrap_or(usize::MAX),
        "hospital message is waiting",
        "hospital messages are waiting",
    );
    format!("{all} to be read, the oldest received {}.", format_ago(oldest, now))
}

/// The page with the messages of one hospital and reason.
pub fn page_href(source: Option<&SourceId>, reason: Option<&str>, after: Option<&str>) -> String {
    let pairs = [("source", source.map(SourceId::as_str)), ("reason", reason), ("after", after)];
    let pairs = pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", encode_query_value((*value)?))));
    let query: Vec<String> = pairs.collect();
    if query.is_empty() { "/waiting".to_owned() } else { format!("/waiting?{}", query.join("&")) }
}

fn hospital_cell(source: Option<&SourceId>, source_name: impl Fn(&SourceId) -> String) -> Cell {
    Cell::or(source.map(source_name), NO_SOURCE)
}

fn reason_lines(message: &WaitingMessage) -> Vec<String> {
    let at = message.failed_at.as_ref().map(|at| format!("at {at}"));
    std::iter::once(message.reason.clone()).chain(at).collect()
}

/// The hospitals' numbers of the patients. A hash is useless to a reader, who finds the number in the message.
fn people_text(message: &WaitingMessage, source_name: impl Fn(&SourceId) -> String) -> Option<String> {
    let words = |one: &SourceIdentity| {
        if one.local_id.is_hash() {
            format!("a patient whom {} identifies by NHS number", source_name(&one.source))
        } else {
            format!("{} of {}", one.local_id.0, source_name(&one.source))
        }
    };
    let known: Vec<String> = message.people.iter().map(words).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn visits_text(message: &WaitingMessage) -> Option<String> {
    (!message.visits.is_empty()).then(|| message.visits.join(", "))
}

/// Why nothing is named: it is withheld from this reader, or the message names nothing.
fn absence_reason(message: &WaitingMessage, not_named: &'static str) -> &'static str {
    if message.withheld { WITHHELD } else { not_named }
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
