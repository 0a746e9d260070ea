//! Lists messages without their content. A user must only see the messages of their own organisation's sources, unless
//! they run the platform.

use jiff::Timestamp;
use lcr_contracts::{Caller, Failure};
use lcr_model::Role;
use serde::Serialize;
use uuid::Uuid;

use super::Service;
use crate::{
    domain,
    store::message::{self, Query, Row, Scope},
};

/// Somebody who may list messages, and which ones.
#[derive(Debug, Clone)]
pub struct MessageReader(Scope);

impl MessageReader {
    pub fn of(caller: &Caller) -> Result<Self, Failure> {
        let actor = &caller.actor;
        let organisation = || actor.org.0.clone();
        match actor.role {
            Role::PlatformAdmin | Role::DataSteward => Ok(Self(Scope::All)),
            Role::OrgAdmin => Ok(Self(Scope::Organisation(organisation()))),
            Role::FeedsClient => {
                let client = actor.user.0.clone();
                Ok(Self(Scope::Client { organisation: organisation(), client, open_source: None }))
            }
            _ => Err(Failure::forbidden("Messages are for those who run the platform and its feeds.")),
        }
    }
}

/// A message in a list: its header and its outcome, never its content.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Message {
    pub id: Uuid,
    #[schema(value_type = String, format = DateTime)]
    pub received: Timestamp,
    /// `mllp`, `http` or `fhir`.
    pub transport: String,
    pub source: Option<String>,
    /// MSH-3.
    pub application: String,
    /// MSH-4.
    pub facility: String,
    /// `ADT^A01`, `Bundle`.
    #[serde(rename = "type")]
    pub kind: String,
    pub control_id: String,
    pub version: String,
    /// Bytes.
    pub size: i64,
    /// `accepted`, `dead-letter`, `duplicate`, `refused`, `rejected`, `unreadable`.
    pub status: String,
    /// `AA`, `AE`, `AR`; empty if no answer was sent.
    pub answer: String,
    /// In words.
    pub outcome: String,
    /// How many events it produced.
    pub events: i32,
    /// Where it failed, by segment and field: `PID-3`.
    pub failed_at: Option<String>,
}

impl Message {
    fn of(row: Row) -> Self {
        Self {
            id: row.id,
            received: Timestamp::from_microsecond(row.received).unwrap_or(Timestamp::UNIX_EPOCH),
            transport: row.transport,
            source: row.source,
            application: row.application,
            facility: row.facility,
            kind: row.kind,
            control_id: row.control_id,
            version: row.protocol_version,
            size: row.size,
            status: row.status,
            answer: row.answer,
            outcome: row.outcome,
            events: row.events,
            failed_at: row.place,
        }
    }
}

impl Service {
    pub async fn messages(&self, browser: &MessageReader, query: &Query) -> Result<Vec<Message>, Failure> {
        let rows = message::list(self.store.read(), &self.scope(browser), query).await?;
        Ok(rows.into_iter().map(Message::of).collect())
    }

    pub async fn message(&self, browser: &MessageReader, id: Uuid) -> Result<Message, Failure> {
        Ok(Message::of(self.find(browser, id).await?))
    }

    /// Adds the source that accepts any sender to the scope of a client, which may send to it.
    pub(super) fn scope(&self, browser: &MessageReader) -> Scope {
        match browser.0.clone() {
            Scope::Client { organisation, client, .. } => {
                let registry = self.sources.current();
                let open_source = domain::catch_all_source(&registry.systems).map(|system| system.id.0.clone());
                Scope::Client { organisation, client, open_source }
            }
            scope => scope,
        }
    }

    pub(super) async fn find(&self, browser: &MessageReader, id: Uuid) -> Result<Row, Failure> {
        let row = message::get(self.store.read(), &self.scope(browser), id).await?;
        row.ok_or_else(Failure::not_found)
    }
}
