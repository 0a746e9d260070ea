//! Messages that wait to be read, in words: how many by hospital and reason, then each with whom it affects. It names
//! people by the numbers that their hospital gave them, and says nothing clinical.

use jiff::Timestamp;
use lcr_contracts::messages::{MessageText, WaitingCount, WaitingMessage, WaitingPage};
use lcr_model::{SourceId, SourceIdentity};

use super::{
    table::{Cell, Row, Table, headings},
    ward::around::ago,
    words::{count, in_query, moment},
};

const NO_SOURCE: &str = "no hospital of the registry";
const WITHHELD: &str = "not shown to you";
const NO_VISIT: &str = "no visit named";
const NOBODY: &str = "no patient named";

/// How many wait, by hospital and reason, the oldest first; each leads to its messages.
pub fn counts(counts: &[WaitingCount], name: impl Fn(&SourceId) -> String, now: Timestamp) -> Table {
    let mut counts: Vec<&WaitingCount> = counts.iter().collect();
    counts.sort_by_key(|one| one.oldest);
    let row = |(at, one): (usize, &&WaitingCount)| Row {
        id: format!("count-{at}"),
        cells: vec![
            hospital(one.source.as_ref(), &name).to(address(one.source.as_ref(), Some(&one.reason), None)),
            Cell::said(one.reason.clone()),
            Cell::said(one.count.to_string()),
            Cell::lines(vec![ago(one.oldest, now), moment(one.oldest)]),
        ],
    };
    Table {
        caption: "Waiting, by hospital and reason".into(),
        columns: headings(&["Hospital", "Reason", "Messages", "Oldest received"]),
        rows: counts.iter().enumerate().map(row).collect(),
        ..Table::default()
    }
}

/// The messages of this page, the oldest first.
pub fn messages(page: &WaitingPage, name: impl Fn(&SourceId) -> String, now: Timestamp) -> Table {
    let row = |one: &WaitingMessage| Row {
        id: one.id.to_string(),
        cells: vec![
            Cell::lines(vec![moment(one.received), ago(one.received, now)])
                .to(format!("/waiting/{}", one.id)),
            hospital(one.source.as_ref(), &name),
            Cell::lines(vec![one.kind.clone(), format!("number {}", one.control_id)]),
            Cell::lines(why(one)),
            Cell::or(people(one, &name), absent(one, NOBODY)),
            Cell::or(visits(one), absent(one, NO_VISIT)),
        ],
    };
    Table {
        caption: "Messages that wait, the oldest first".into(),
        columns: headings(&[
            "Received",
            "Hospital",
            "Message",
            "Why it waits",
            "Patients affected",
            "Visits affected",
        ]),
        rows: page.messages.iter().map(row).collect(),
        ..Table::default()
    }
}

/// One message: (what, value).
pub fn facts(
    text: &MessageText,
    name: impl Fn(&SourceId) -> String,
    now: Timestamp,
) -> Vec<(&'static str, String)> {
    let message = &text.message;
    let or = |text: Option<String>, absent: &str| text.unwrap_or_else(|| absent.to_owned());
    vec![
        (
            "State",
            if text.waits { "It waits." } else { "It has been read and does not wait any longer." }
                .to_owned(),
        ),
        ("Received", format!("{} ({})", moment(message.received), ago(message.received, now))),
        ("Hospital", message.source.as_ref().map_or_else(|| NO_SOURCE.to_owned(), &name)),
        ("Message", format!("{}, number {}", message.kind, message.control_id)),
        ("Why", why(message).join(", ")),
        ("Patients affected", or(people(message, &name), absent(message, NOBODY))),
        ("Visits affected", or(visits(message), absent(message, NO_VISIT))),
    ]
}

/// For the home page: how many wait, and since when.
pub fn in_short(counts: &[WaitingCount], now: Timestamp) -> String {
    let all: u64 = counts.iter().map(|one| one.count).sum();
    let Some(oldest) = counts.iter().map(|one| one.oldest).min().filter(|_| all > 0) else {
        return "No hospital messages are waiting.".to_owned();
    };
    let all = count(
        usize::try_from(all).unwrap_or(usize::MAX),
        "message of a hospital waits",
        "messages of hospitals wait",
    );
    format!("{all} to be read, the oldest received {}.", ago(oldest, now))
}

/// The page of the messages of one hospital and reason.
pub fn address(source: Option<&SourceId>, reason: Option<&str>, after: Option<&str>) -> String {
    let pairs = [("source", source.map(SourceId::as_str)), ("reason", reason), ("after", after)];
    let pairs = pairs.iter().filter_map(|(name, value)| Some(format!("{name}={}", in_query((*value)?))));
    let query: Vec<String> = pairs.collect();
    if query.is_empty() { "/waiting".to_owned() } else { format!("/waiting?{}", query.join("&")) }
}

fn hospital(source: Option<&SourceId>, name: impl Fn(&SourceId) -> String) -> Cell {
    Cell::or(source.map(name), NO_SOURCE)
}

fn why(message: &WaitingMessage) -> Vec<String> {
    let at = message.failed_at.as_ref().map(|at| format!("at {at}"));
    std::iter::once(message.reason.clone()).chain(at).collect()
}

/// Local numbers, each with whose it is. A hash says nothing to anybody: the number is in the message's text.
fn people(message: &WaitingMessage, name: impl Fn(&SourceId) -> String) -> Option<String> {
    let words = |one: &SourceIdentity| {
        if one.local_id.is_hash() {
            format!("somebody whom {} knows by their NHS number", name(&one.source))
        } else {
            format!("{} of {}", one.local_id.0, name(&one.source))
        }
    };
    let known: Vec<String> = message.people.iter().map(words).collect();
    (!known.is_empty()).then(|| known.join(", "))
}

fn visits(message: &WaitingMessage) -> Option<String> {
    (!message.visits.is_empty()).then(|| message.visits.join(", "))
}

/// Why nothing is named: it is not for this reader, or the message does not say.
fn absent(message: &WaitingMessage, not_named: &'static str) -> &'static str {
    if message.withheld { WITHHELD } else { not_named }
}

#[cfg(test)]
mod tests {
    use lcr_model::LocalId;

    use super::*;

    #[test]
    fn a_hashed_number_is_put_in_words() {
        let named = |id: &str| {
            let identity = SourceIdentity { source: SourceId::new("x"), local_id: LocalId(id.to_owned()) };
            let message = WaitingMessage {
                id: uuid::Uuid::nil(),
                received: Timestamp::UNIX_EPOCH,
                source: None,
                kind: String::new(),
                control_id: String::new(),
                reason: String::new(),
                failed_at: None,
                people: vec![identity],
                visits: vec![],
                withheld: false,
            };
            people(&message, |_| "St Hilda's".to_owned()).unwrap()
        };
        assert_eq!(named("4711"), "4711 of St Hilda's");
        let hash = format!("nhs-{}", "a".repeat(40));
        assert_eq!(named(&hash), "somebody whom St Hilda's knows by their NHS number");
    }
}
