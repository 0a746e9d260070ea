//! A message that waits says whom and which stays it is about, and that it waits no longer when a replay has settled it:
//! with the message, in its own transaction. What it says of people is sealed.

use jiff::Timestamp;
use lcr_contracts::events::MessageWaits;
use lcr_model::{LocalId, SourceId, SpellId, seal::DataKeys};
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::known_stays;
use crate::{
    domain::{Mentions, Numbers, StayBook},
    store::message::Row,
};

/// What a waiting message is about.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub people: Vec<LocalId>,
    /// Visit and account numbers as they were sent.
    pub visits: Vec<String>,
    pub stays: Vec<SpellId>,
}

impl About {
    /// As it was stored with the row; empty for messages from before this was stored.
    pub fn of(row: &Row, keys: &DataKeys) -> Self {
        let plain = row.about.as_ref().and_then(|sealed| keys.open(&place(row.id), sealed).ok());
        plain.and_then(|plain| serde_json::from_slice(&plain).ok()).unwrap_or_default()
    }

    fn names_nobody(&self) -> bool {
        self.people.is_empty() && self.stays.is_empty()
    }
}

/// Stores with `row` what a message that waits is about, and publishes it. A row that says so already is left alone.
pub async fn begin(
    tx: &DatabaseTransaction,
    keys: &DataKeys,
    now: Timestamp,
    row: &mut Row,
    mentions: &Mentions,
) -> Result<(), DbErr> {
    let about = about(tx, keys, mentions).await?;
    if about.names_nobody() || about == About::of(row, keys) {
        return Ok(());
    }
    let first = row.about.is_none();
    row.about = Some(super::publish::sealed(keys, &place(row.id), &about)?);
    let version = if first { row.received } else { later(row, now) };
    publish(tx, now, row, about, true, version).await
}

/// Publishes that a message waits no longer.
pub async fn end(tx: &DatabaseTransaction, keys: &DataKeys, now: Timestamp, row: &Row) -> Result<(), DbErr> {
    publish(tx, now, row, About::of(row, keys), false, later(row, now)).await
}

/// Above every version that was published of the message.
fn later(row: &Row, now: Timestamp) -> i64 {
    now.as_microsecond().max(row.received + 1)
}

async fn publish(
    tx: &DatabaseTransaction,
    now: Timestamp,
    row: &Row,
    about: About,
    waits: bool,
    version: i64,
) -> Result<(), DbErr> {
    let Some(source) = row.source.clone().filter(|_| !about.names_nobody()) else { return Ok(()) };
    let event = MessageWaits {
        message: row.id,
        source: SourceId::new(source),
        received: Timestamp::from_microsecond(row.received).unwrap_or_default(),
        waits,
        identities: about.people,
        stays: about.stays,
        version,
    };
    Store::publish(tx, now, &[event]).await
}

/// The stays are those that the source's messages meant by these numbers before.
async fn about(tx: &DatabaseTransaction, keys: &DataKeys, mentions: &Mentions) -> Result<About, DbErr> {
    let mut about = About { people: mentions.people.clone(), ..About::default() };
    let mut book = StayBook::default();
    for (identity, numbers) in &mentions.stays {
        let mut pages = StayBook::pages_of(identity, numbers);
        pages.retain(|page| !book.is_loaded(page));
        known_stays::load(tx, keys, &mut book, pages).await?;
        let Numbers { visit, account } = numbers;
        for number in [visit, account].into_iter().flatten().map(|number| &number.digits) {
            if !about.visits.contains(number) {
                about.visits.push(number.clone());
            }
        }
        about.stays.extend(book.item(identity, numbers).filter(|stay| !about.stays.contains(stay)));
    }
    Ok(about)
}

fn place(id: Uuid) -> String {
    format!("feeds/about/{id}")
}

impl std::fmt::Debug for About {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "About({} people, {} stays)", self.people.len(), self.stays.len())
    }
}
