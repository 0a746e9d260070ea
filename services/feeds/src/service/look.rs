//! Looking at what came, without its content, and trying again what waits. Each sees the messages of its own
//! organisation's sources; those whose desk the platform is see all.

use jiff::Timestamp;
use lcr_contracts::{Caller, Failure, Kind};
use lcr_hl7::Header;
use lcr_model::Role;
use sea_orm::DbErr;
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use super::{
    Service, Verdict, contained, fhir, mentioned,
    publish::{self, Published},
    row, waiting,
};
use crate::{
    domain::{self, Arrival, Mentions, Sender, bundle},
    store::message::{self, Query, Row, Scope},
};

/// Whose eyes.
#[derive(Debug, Clone)]
pub struct Looker(Scope);

impl Looker {
    pub fn of(caller: &Caller) -> Result<Self, Failure> {
        let actor = &caller.actor;
        let organisation = || actor.org.0.clone();
        match actor.role {
            Role::PlatformAdmin | Role::DataSteward => Ok(Self(Scope::All)),
            Role::OrgAdmin => Ok(Self(Scope::Of(organisation()))),
            Role::FeedsClient => {
                let client = actor.user.0.clone();
                Ok(Self(Scope::Client { organisation: organisation(), client, open: None }))
            }
            _ => Err(Failure::forbidden("Messages are for those who run the platform and its feeds.")),
        }
    }
}

/// A message as it is listed: what it said of itself and what came of it, nothing of what is in it.
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
    /// `AA`, `AE`, `AR`; empty where nobody was answered.
    pub answer: String,
    /// In words.
    pub outcome: String,
    /// How many events came of it.
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
    pub async fn messages(&self, looker: &Looker, query: &Query) -> Result<Vec<Message>, Failure> {
        let rows = message::page(self.store.read(), &self.scope(looker), query).await;
        Ok(rows.map_err(|e| lcr_store::unavailable(&e))?.into_iter().map(Message::of).collect())
    }

    pub async fn message(&self, looker: &Looker, id: Uuid) -> Result<Message, Failure> {
        Ok(Message::of(self.find(looker, id).await?))
    }

    /// Maps a waiting message again, with the rules and the registry of now. It succeeds once: events are published
    /// with the change of its status.
    pub async fn replay(&self, looker: &Looker, id: Uuid) -> Result<Message, Failure> {
        let was = self.find(looker, id).await?;
        if was.status != "dead-letter" {
            return Err(Failure::new(Kind::Conflict, "This message does not wait in the dead letters."));
        }
        let sealed = was.sealed.as_deref().unwrap_or_default();
        let bytes = self.keys.open(&row::place(id), sealed).map_err(Failure::internal)?;
        let (verdict, mentions) = self.again(&was, &bytes);
        let (mut now, verdict) = row::outcome(was.clone(), verdict);
        match &verdict {
            Verdict::Mapped(_) => {
                "accepted, and read after a replay".clone_into(&mut now.outcome);
                if was.transport == "fhir" {
                    let bundle = serde_json::from_slice(&bytes).unwrap_or_default();
                    now.outcome += &fhir::left_aside(&bundle);
                }
            }
            Verdict::Waits { .. } => {}
            // It was answered AA: whatever is wrong with it now, it waits.
            Verdict::Refused(fault) => {
                "dead-letter".clone_into(&mut now.status);
                now.outcome = format!("{}{}", row::WAITS, fault.words);
            }
        }
        let (keys, at) = (self.keys.clone(), self.clock.now());
        let settled = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                if let Verdict::Mapped(mapped) = verdict {
                    match publish::publish(tx, &keys, at, mapped).await? {
                        Published::Events(events) => now.events = events,
                        Published::Waits { words, place } => {
                            now = row::outcome(now, Verdict::Waits { words, place }).0;
                        }
                    }
                }
                if now.status == "dead-letter" {
                    waiting::begin(tx, &keys, at, &mut now, &mentions).await?;
                } else {
                    waiting::end(tx, &keys, at, &now).await?;
                }
                if message::settle(tx, &was, &now).await? {
                    return Ok(());
                }
                // Somebody else was faster: undoing this also undoes the events.
                Err(DbErr::RecordNotUpdated)
            })
        });
        match settled.await {
            Err(lcr_store::WriteError::Work(DbErr::RecordNotUpdated)) => {
                Err(Failure::new(Kind::Conflict, "This message was replayed just now."))
            }
            other => {
                other.map_err(Failure::from)?;
                self.message(looker, id).await
            }
        }
    }

    /// A client may send to the source that takes any sender, and so looks at it too.
    pub(super) fn scope(&self, looker: &Looker) -> Scope {
        match looker.0.clone() {
            Scope::Client { organisation, client, .. } => {
                let open = domain::open_to_all(&self.sources.now()).map(|system| system.id.0.clone());
                Scope::Client { organisation, client, open }
            }
            scope => scope,
        }
    }

    pub(super) async fn find(&self, looker: &Looker, id: Uuid) -> Result<Row, Failure> {
        let row = message::get(self.store.read(), &self.scope(looker), id).await;
        row.map_err(|e| lcr_store::unavailable(&e))?.ok_or_else(Failure::not_found)
    }

    /// The verdict on a kept message now, and whom it names. Whose it is was decided when it came.
    fn again(&self, row: &Row, bytes: &[u8]) -> (Verdict, Mentions) {
        let waits =
            |words: &str| (Verdict::Waits { words: words.to_owned(), place: None }, Mentions::default());
        let systems = self.sources.now();
        let source = systems.iter().find(|system| Some(&system.id.0) == row.source.as_ref());
        let Some(system) = source.filter(|system| !system.suspended) else {
            return waits("its source is no longer registered");
        };
        let received = Timestamp::from_microsecond(row.received).unwrap_or(Timestamp::UNIX_EPOCH);
        let content = &row.content;
        if row.transport == "fhir" {
            let value: Value = serde_json::from_slice(bytes).unwrap_or_default();
            let coming = bundle::Coming {
                system,
                received,
                content,
                control_id: &row.control_id,
                local_ids: &self.local_ids,
            };
            let mentions = mentioned(|| bundle::mentions(&coming, &value));
            return (contained(|| bundle::map(&coming, &value)), mentions);
        }
        let Ok(message) = lcr_hl7::Message::read(bytes) else {
            return waits("the kept message does not read");
        };
        let header = Header::of(&message);
        let arrival = Arrival {
            message: &message,
            header: &header,
            system,
            received,
            content,
            local_ids: &self.local_ids,
        };
        (contained(|| domain::map(&arrival)), mentioned(|| Mentions::of_message(&arrival)))
    }
}

impl From<&Caller> for Sender {
    fn from(caller: &Caller) -> Self {
        Self::Client { id: caller.actor.user.0.clone(), organisation: caller.actor.org.clone() }
    }
}
