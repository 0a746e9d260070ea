//! The database row of a message. Unsealed columns must never hold a person's data.

use jiff::Timestamp;
use lcr_contracts::registry::System;
use lcr_hl7::{AckCode, Header};
use uuid::Uuid;

use super::{Transport, Verdict, ack_code};
use crate::{
    domain::{Sender, digest, is_type},
    store::message::Row,
};

/// The associated data of a message's seal.
pub fn associated_data(id: Uuid) -> String {
    format!("feeds/messages/{id}")
}

/// A new row without a verdict.
pub fn new_row(
    received: Timestamp,
    transport: Transport,
    sender: &Sender,
    header: &Header,
    system: Option<&System>,
    content: &str,
    size: usize,
) -> Row {
    // Values are cut to the length the standard allows: a misplaced field must not put a person's name in a list.
    let shorten = |text: &str, max: usize| text.chars().take(max).filter(|c| !c.is_control()).collect::<String>();
    let is_known_type = is_type(&header.code) && (header.event.is_empty() || is_type(&header.event));
    let client = if let Sender::Client { id, .. } = sender { Some(id.clone()) } else { None };
    Row {
        id: Uuid::now_v7(),
        received: received.as_microsecond(),
        transport: transport.as_str().to_owned(),
        source: system.map(|system| system.id.0.clone()),
        organisation: system.map(|system| system.organisation.0.clone()),
        client,
        application: shorten(&header.application, 50),
        facility: shorten(&header.facility, 50),
        kind: if is_known_type { header.message_type() } else { String::new() },
        control_id: shorten(&header.control_id, 199),
        protocol_version: shorten(&header.version, 15),
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

/// Fills the status, answer, outcome and location of a row from the verdict.
pub fn with_verdict(mut row: Row, verdict: Verdict) -> (Row, Verdict) {
    let (status, answer, outcome, location) = match &verdict {
        Verdict::Mapped(_) => ("accepted", AckCode::Aa, "accepted".to_owned(), None),
        Verdict::Waits { reason, location } => {
            ("dead-letter", AckCode::Aa, format!("{WAITS_PREFIX}{reason}"), location.clone())
        }
        Verdict::Refused(fault) => {
            let status = if ack_code(fault) == AckCode::Ae { "refused" } else { "rejected" };
            (status, ack_code(fault), fault.text.clone(), Some(fault.location()))
        }
    };
    status.clone_into(&mut row.status);
    answer.as_str().clone_into(&mut row.answer);
    (row.outcome, row.place) = (outcome, location);
    if answer == AckCode::Aa {
        let source = row.source.clone().unwrap_or_default();
        row.once = Some(digest(&[&source, &row.control_id, &row.content]));
    }
    (row, verdict)
}

/// Begins the outcome of a waiting message; the reason follows. Stored rows have it, so it must not change.
pub const WAITS_PREFIX: &str = "accepted, and waits to be read: ";

/// The row of a repeated message: it is listed, but its content is not stored again.
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
