//! The waiting messages for those whose desk that is: counts, pages, a text as far as the role may read it, and reading
//! a message again. A list says what a message is about by ids.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Messages,
    events::MessageRead,
    messages::{MessageText, Replayed, WaitingCount, WaitingMessage, WaitingPage, WaitingQuery},
};
use lcr_model::{Role, SourceId, SourceIdentity, seal::DataKeys};
use lcr_store::Store;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{Looker, Service, row, waiting::About};
use crate::{
    domain::redacted::{self, Extent},
    store::message::{self, Row, Waiting},
};

/// Messages on a page.
const PAGE: u64 = 50;

#[async_trait]
impl Messages for Service {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure> {
        let scope = self.scope(&desk(caller)?);
        let outcome = query.reason.map(|reason| format!("{}{reason}", row::WAITS));
        let source = query.source.map(|source| source.0.clone());
        let wanted = Waiting { source, outcome, after: query.after, limit: PAGE };
        let counts = message::waiting_counts(self.store.read(), &scope).await;
        let rows = message::waiting_page(self.store.read(), &scope, &wanted).await;
        let counts = counts.map_err(|e| lcr_store::unavailable(&e))?;
        let rows = rows.map_err(|e| lcr_store::unavailable(&e))?;
        let after = (rows.len() as u64 == PAGE).then(|| rows.last().map(|row| row.id)).flatten();
        Ok(WaitingPage {
            counts: counts.into_iter().map(count).collect(),
            messages: rows.iter().map(|row| listed(row, &self.keys, self.extent(caller, row))).collect(),
            after,
        })
    }

    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure> {
        let row = self.find(&desk(caller)?, id).await?;
        let extent = self.extent(caller, &row);
        let sealed = row.sealed.as_deref().unwrap_or_default();
        let bytes = self.keys.open(&row::place(id), sealed).map_err(Failure::internal)?;
        if extent == Extent::Identities {
            self.record_reading(caller, id).await?;
        }
        tracing::info!(message = %id, user = %caller.actor.user, "the text of a message was read");
        let lines = match row.transport.as_str() {
            "fhir" => redacted::bundle(&bytes, extent),
            _ => redacted::hl7(&bytes, extent),
        };
        let waits = row.status == "dead-letter";
        Ok(MessageText { message: listed(&row, &self.keys, extent), waits, lines })
    }

    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<Replayed, Failure> {
        let now = Self::replay(self, &desk(caller)?, id).await?;
        let waits = now.status == "dead-letter";
        Ok(Replayed { waits, outcome: reason(&now.outcome) })
    }
}

impl Service {
    fn extent(&self, caller: &Caller, row: &Row) -> Extent {
        let systems = self.sources.now();
        let source = systems.iter().find(|system| Some(&system.id.0) == row.source.as_ref());
        redacted::extent(caller.actor.role, source)
    }

    /// Nothing of anybody is shown before it is on disk that it is: without that the text is refused.
    async fn record_reading(&self, caller: &Caller, message: Uuid) -> Result<(), Failure> {
        let at = self.clock.now();
        let read = MessageRead { message, by: caller.actor.user.clone(), at };
        let recorded = self
            .store
            .write::<_, DbErr, _>(move |tx| Box::pin(async move { Store::publish(tx, at, &[read]).await }));
        recorded.await.map_err(|error| Failure::cannot_record(Failure::from(error).inward()))
    }
}

/// Machines that send see their messages elsewhere.
fn desk(caller: &Caller) -> Result<Looker, Failure> {
    match caller.actor.role {
        Role::DataSteward | Role::PlatformAdmin | Role::OrgAdmin => Looker::of(caller),
        _ => Err(Failure::forbidden("Waiting messages are for data stewards and administrators.")),
    }
}

/// Why a message waits, without the words to its sender.
fn reason(outcome: &str) -> String {
    outcome.strip_prefix(row::WAITS).unwrap_or(outcome).to_owned()
}

fn time(microseconds: i64) -> Timestamp {
    Timestamp::from_microsecond(microseconds).unwrap_or_default()
}

fn count((source, outcome, count, oldest): (Option<String>, String, i64, i64)) -> WaitingCount {
    WaitingCount {
        source: source.map(SourceId::new),
        reason: reason(&outcome),
        count: u64::try_from(count).unwrap_or_default(),
        oldest: time(oldest),
    }
}

/// Whom it is about is for those who may read identities.
fn listed(row: &Row, keys: &DataKeys, extent: Extent) -> WaitingMessage {
    let withheld = extent != Extent::Identities;
    let about = if withheld { About::default() } else { About::of(row, keys) };
    let source = row.source.clone().map(SourceId::new);
    let person = |local_id| Some(SourceIdentity { source: source.clone()?, local_id });
    WaitingMessage {
        id: row.id,
        received: time(row.received),
        kind: row.kind.clone(),
        control_id: row.control_id.clone(),
        reason: reason(&row.outcome),
        failed_at: row.place.clone(),
        people: about.people.into_iter().filter_map(person).collect(),
        visits: about.visits,
        withheld,
        source,
    }
}
