//! Decides which links to publish: those that say something new, those that no longer stand, and after a day every one again.
//! Pure: rows and time are passed in. An open link that cannot be read any more must never stay open.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    events::{CareLink, CareLinkReceived},
    registry::System,
};
use lcr_model::{CareLinkKind, LocalId, SourceIdentity, seal::DataKeys};

use super::episode::EpisodeLink;
use crate::{list_reader::StopReason, store::care_list::LinkVersion};

/// The most open links that one source may state for one person. Real caseloads stay far below it.
const MAX_OPEN_LINKS: i64 = 1_000;
/// A reading of all episodes publishes a link again after this time. A late push may have replaced it meanwhile.
const REPUBLISH_AFTER_MICROS: i64 = 24 * 3600 * 1_000_000;

/// One reading of a source's episodes.
#[derive(Clone, Copy)]
pub struct ReadContext<'a> {
    pub system: &'a System,
    pub keys: &'a DataKeys,
    pub now: Timestamp,
    /// The number of the last reading of all episodes.
    pub number: i64,
    /// Whether this is it, not only a reading of changes.
    pub reads_all: bool,
}

/// What to publish and to store.
pub struct LinkChanges<'a> {
    pub context: ReadContext<'a>,
    known: HashMap<String, LinkVersion>,
    /// Open links by local id.
    open: HashMap<String, i64>,
    pub events: Vec<CareLinkReceived>,
    pub versions: BTreeMap<String, LinkVersion>,
    /// Links that are not published because the person has too many.
    pub over_limit: usize,
}

impl<'a> LinkChanges<'a> {
    pub fn new(context: ReadContext<'a>, known: Vec<LinkVersion>, open: HashMap<String, i64>) -> Self {
        let known = known.into_iter().map(|row| (row.link.clone(), row)).collect();
        Self { context, known, open, events: vec![], versions: BTreeMap::new(), over_limit: 0 }
    }

    /// Takes a link as its source says now.
    pub fn update(&mut self, one: EpisodeLink) -> Result<(), StopReason> {
        let ReadContext { system, keys, now, number, reads_all } = self.context;
        let before = self.known.get(&one.key);
        let of_person = before.filter(|before| before.local_id == one.identity.local_id.0);
        let is_open = one.link.stands && one.link.until.is_none_or(|until| now < until);
        if is_open && of_person.is_none_or(|before| !before.is_open) && self.has_too_many(&one.identity.local_id) {
            self.over_limit += 1;
            return self.withdraw(&one.key);
        }
        let hash = keys.hash_name(&one.content_to_hash);
        let is_same = before.is_some_and(|before| before.hash == hash);
        let is_old = |before: &LinkVersion| now.as_microsecond() - before.version >= REPUBLISH_AFTER_MICROS;
        let is_again = is_same && reads_all && before.is_some_and(is_old);
        // A change without a later time of change is newer all the same.
        let least = before.map_or(i64::MIN, |before| before.version + 1);
        let version = if is_again { now } else { one.changed }.as_microsecond().max(least);
        let first = of_person.map_or(now.as_microsecond(), |before| before.first_published);
        let row = LinkVersion {
            source: system.id.0.clone(),
            link: one.key,
            version: before.filter(|_| is_same && !is_again).map_or(version, |before| before.version),
            hash,
            local_id: one.identity.local_id.0.clone(),
            first_published: first,
            is_open,
            seen_in: number,
        };
        if is_same && !is_again {
            self.store(row);
            return Ok(());
        }
        // Published again, a link without a start must not begin again.
        let from = one.link.from.or(Timestamp::from_microsecond(first).ok());
        self.publish(row, &CareLink { from, ..one.link })
    }

    /// Takes back a link that its source does not give any more, or not in a form that can be read.
    pub fn withdraw(&mut self, key: &str) -> Result<(), StopReason> {
        let ReadContext { system, now, number, .. } = self.context;
        let Some(before) = self.known.get(key).cloned() else { return Ok(()) };
        if !before.is_open {
            self.store(LinkVersion { seen_in: number, ..before });
            return Ok(());
        }
        let version = now.as_microsecond().max(before.version + 1);
        // What does not stand grants nothing, so only that matters.
        let (kind, organisation) = (CareLinkKind::from("unknown"), system.organisation.clone());
        let link = CareLink { kind, organisation, team: None, from: None, until: None, stands: false };
        self.publish(LinkVersion { version, hash: String::new(), is_open: false, seen_in: number, ..before }, &link)
    }

    fn has_too_many(&self, person: &LocalId) -> bool {
        self.open.get(&person.0).is_some_and(|count| *count >= MAX_OPEN_LINKS)
    }

    fn publish(&mut self, row: LinkVersion, link: &CareLink) -> Result<(), StopReason> {
        let plain = serde_json::to_vec(link).map_err(|_| StopReason::Sealing)?;
        let sealed = self.context.keys.seal("feeds/care-link", &plain).map_err(|_| StopReason::Sealing)?;
        let identity =
            SourceIdentity { source: self.context.system.id.clone(), local_id: LocalId(row.local_id.clone()) };
        self.events.push(CareLinkReceived { identity, link: row.link.clone(), version: row.version, sealed });
        self.store(row);
        Ok(())
    }

    /// Remembers the row, and stores it if it differs.
    fn store(&mut self, row: LinkVersion) {
        let before = self.known.insert(row.link.clone(), row.clone());
        if before.as_ref() == Some(&row) {
            return;
        }
        if let Some(before) = before.filter(|before| before.is_open) {
            *self.open.entry(before.local_id).or_default() -= 1;
        }
        if row.is_open {
            *self.open.entry(row.local_id.clone()).or_default() += 1;
        }
        self.versions.insert(row.link.clone(), row);
    }
}

#[cfg(test)]
#[path = "link_changes_tests.rs"]
mod tests;
