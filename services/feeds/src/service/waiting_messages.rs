//! The `Messages` contract: lists waiting messages, shows a text as far as the role may read it, and replays a message.
//! A list must name people and stays by ids only.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Messages,
    events::MessageRead,
    messages::{MessageText, ReplayResult, WaitingCount, WaitingMessage, WaitingPage, WaitingQuery},
};
use lcr_model::{Role, SourceId, SourceIdentity, seal::DataKeys};
use lcr_store::Store;
use uuid::Uuid;

use super::{MessageReader, Service, message_row, waiting_events::Subjects};
use crate::{
    domain::redaction::{self, Extent},
    store::message::{self, Row, WaitingFilter},
};

/// Messages on a page.
const PAGE_SIZE: u64 = 50;

#[async_trait]
impl Messages for Service {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure> {
        let scope = self.scope(&desk_browser(caller)?);
        let outcome = query.reason.map(|reason| format!("{}{reason}", message_row::WAITS_PREFIX));
        let source = query.source.map(|source| source.0.clone());
        let filter = WaitingFilter { source, outcome, after: query.after, limit: PAGE_SIZE };
        let counts = message::count_waiting_by_reason(self.store.read(), &scope).await?;
        let rows = message::list_waiting(self.store.read(), &scope, &filter).await?;
        let after = (rows.len() as u64 == PAGE_SIZE).then(|| rows.last().map(|row| row.id)).flatten();
        Ok(WaitingPage {
            counts: counts.into_iter().map(to_waiting_count).collect(),
            messages: rows.iter().map(|row| to_waiting_message(row, &self.keys, self.extent(caller, row))).collect(),
            after,
        })
    }

    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure> {
        let row = self.find(&desk_browser(caller)?, id).await?;
        let extent = self.extent(caller, &row);
        let sealed = row.sealed.as_deref().unwrap_or_default();
        let bytes = self.keys.open(&message_row::associated_data(id), sealed).map_err(Failure::internal)?;
        if extent == Extent::Identities {
            self.record_reading(caller, id).await?;
        }
        tracing::info!(message = %id, user = %caller.actor.user, "a user read the text of a message");
        let lines = match row.transport.as_str() {
            "fhir" => redaction::redact_bundle(&bytes, extent),
            _ => redaction::redact_hl7(&bytes, extent),
        };
        let waits = row.status == "dead-letter";
        Ok(MessageText { message: to_waiting_message(&row, &self.keys, extent), waits, lines })
    }

    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<ReplayResult, Failure> {
        let replayed = Self::replay(self, &desk_browser(caller)?, id).await?;
        let waits = replayed.status == "dead-letter";
        Ok(ReplayResult { waits, outcome: waiting_reason(&replayed.outcome) })
    }
}

impl Service {
    fn extent(&self, caller: &Caller, row: &Row) -> Extent {
        let registry = self.sources.current();
        let source = registry.systems.iter().find(|system| Some(&system.id.0) == row.source.as_ref());
        redaction::readable_extent(caller.actor.role, source)
    }

    /// Records who reads a text. A text with identities is never shown without this record.
    async fn record_reading(&self, caller: &Caller, message: Uuid) -> Result<(), Failure> {
        let at = self.clock.now();
        let read = MessageRead { message, by: caller.actor.user.clone(), at };
        let recorded = self.store.write(async move |tx| Store::publish(&tx, at, &[read]).await);
        recorded.await.map_err(|error| Failure::cannot_record(Failure::from(error).inward()))
    }
}

/// Sending systems are refused here; they list their messages over HTTP.
fn desk_browser(caller: &Caller) -> Result<MessageReader, Failure> {
    match caller.actor.role {
        Role::DataSteward | Role::PlatformAdmin | Role::OrgAdmin => MessageReader::of(caller),
        _ => Err(Failure::forbidden("Waiting messages are for data stewards and administrators.")),
    }
}

/// The reason in an outcome, without the prefix.
fn waiting_reason(outcome: &str) -> String {
    outcome.strip_prefix(message_row::WAITS_PREFIX).unwrap_or(outcome).to_owned()
}

fn to_timestamp(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

fn to_waiting_count((source, outcome, count, oldest): (Option<String>, String, i64, i64)) -> WaitingCount {
    WaitingCount {
        source: source.map(SourceId::new),
        reason: waiting_reason(&outcome),
        count: u64::try_from(count).unwrap_or_default(),
        oldest: to_timestamp(oldest),
    }
}

/// Names the people only to those who may read identities.
fn to_waiting_message(row: &Row, keys: &DataKeys, extent: Extent) -> WaitingMessage {
    let withheld = extent != Extent::Identities;
    let subjects = if withheld { Subjects::default() } else { Subjects::of(row, keys) };
    let source = row.source.clone().map(SourceId::new);
    let person = |local_id| Some(SourceIdentity { source: source.clone()?, local_id });
    WaitingMessage {
        id: row.id,
        received: to_timestamp(row.received),
        kind: row.kind.clone(),
        control_id: row.control_id.clone(),
        reason: waiting_reason(&row.outcome),
        failed_at: row.place.clone(),
        people: subjects.people.into_iter().filter_map(person).collect(),
        visits: subjects.visits,
        withheld,
        source,
    }
}
