//! The row of a message: what is kept of it in the clear, by what was decided.

use jiff::Timestamp;
use lcr_contracts::identity::System;
use lcr_hl7::{Code, Header};
use uuid::Uuid;

use super::{Transport, Verdict, code};
use crate::{
    domain::{Sender, digest, is_type},
    store::message::Row,
};

/// Where a message lives, sealed.
pub fn place(id: Uuid) -> String {
    format!("feeds/messages/{id}")
}

pub fn row(
    received: Timestamp,
    transport: Transport,
    sender: &Sender,
    header: &Header,
    system: Option<&System>,
    content: &str,
    size: usize,
) -> Row {
    // Longer than the standard allows is no name: a misplaced field must not put a person's name in a list.
    let short =
        |text: &str, most: usize| text.chars().take(most).filter(|c| !c.is_control()).collect::<String>();
    let known = is_type(&header.code) && (header.event.is_empty() || is_type(&header.event));
    let client = if let Sender::Client { id, .. } = sender { Some(id.clone()) } else { None };
    Row {
        id: Uuid::now_v7(),
        received: received.as_microsecond(),
        transport: transport.as_str().to_owned(),
        source: system.map(|system| system.id.0.clone()),
        organisation: system.map(|system| system.organisation.0.clone()),
        client,
        application: short(&header.application, 50),
        facility: short(&header.facility, 50),
        kind: if known { header.kind() } else { String::new() },
        control_id: short(&header.control_id, 199),
        protocol_version: short(&header.version, 15),
        content: content.to_owned(),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        status: String::new(),
        answer: String::new(),
        outcome: String::new(),
        place: None,
        events: 0,
        once: None,
        sealed: None,
        about: None,
    }
}

/// The row as it is kept for what was decided.
pub fn outcome(mut row: Row, verdict: Verdict) -> (Row, Verdict) {
    let (status, answer, outcome, place) = match &verdict {
        Verdict::Mapped(_) => ("accepted", Code::Aa, "accepted".to_owned(), None),
        Verdict::Waits { words, place } => {
            ("dead-letter", Code::Aa, format!("{WAITS}{words}"), place.clone())
        }
        Verdict::Refused(fault) => {
            let status = if code(fault) == Code::Ae { "refused" } else { "rejected" };
            (status, code(fault), fault.words.clone(), Some(fault.place()))
        }
    };
    status.clone_into(&mut row.status);
    answer.as_str().clone_into(&mut row.answer);
    (row.outcome, row.place) = (outcome, place);
    if answer == Code::Aa {
        let source = row.source.clone().unwrap_or_default();
        row.once = Some(digest(&[&source, &row.control_id, &row.content]));
    }
    (row, verdict)
}

/// The reason for which a message waits, of the outcome that its row has.
pub const WAITS: &str = "accepted, and waits to be read: ";

/// A message that came before is counted, and its bytes are not kept twice.
pub fn duplicate(row: Row) -> Row {
    Row {
        status: "duplicate".into(),
        outcome: "the same message was accepted before; nothing was done".into(),
        place: None,
        once: None,
        sealed: None,
        ..row
    }
}
