//! Evidence that an organisation cares for a person, as a message gives it, and what a newer list of people changes.
//! Must never judge whether the organisation may have the record: consent decides that.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::{Moment, events::CareLink};
use lcr_model::{CareLinkKind, LocalId, LocalIdKey, OdsCode, SourceId, SourceIdentity};
use serde::{Deserialize, Serialize};

use super::hashed_ids::digest;

/// Evidence about one person.
#[derive(Debug, Clone)]
pub struct CareLinkUpdate {
    pub identity: SourceIdentity,
    /// The source's key of the evidence.
    pub key: String,
    pub link: CareLink,
    /// When the source says this version was made.
    pub sent: Timestamp,
}

/// A complete list of people. A person who was on it before and is missing now was taken off it.
#[derive(Debug, Clone)]
pub struct CareList {
    pub source: SourceId,
    /// `Group/<id>`.
    pub key: String,
    pub kind: CareLinkKind,
    pub organisation: OdsCode,
    pub members: BTreeMap<LocalId, CareLink>,
    pub sent: Timestamp,
}

/// Evidence that its sender deleted, or that a newer version of its resource no longer gives.
#[derive(Debug, Clone)]
pub struct CareLinkDeletion {
    pub source: SourceId,
    /// `Type/id`.
    pub key: String,
    pub sent: Timestamp,
    /// Whether the resource is also an item. Then there may be no evidence to end, and a deletion waits only if the item is
    /// not known.
    pub is_item: bool,
}

/// A list as last published: its people, each with a hash of their link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListState {
    kind: CareLinkKind,
    organisation: OdsCode,
    members: BTreeMap<LocalId, String>,
}

impl CareLinkDeletion {
    pub fn is_of_list(&self) -> bool {
        self.key.starts_with("Group/")
    }
}

impl CareList {
    /// Adds a member. A person who is named twice is one member, with the entry that lasts longer.
    pub fn add(&mut self, person: LocalId, link: CareLink) {
        let lasts = |link: &CareLink| (link.stands, link.until.unwrap_or(Timestamp::MAX));
        match self.members.get(&person) {
            Some(known) if lasts(known) >= lasts(&link) => {}
            _ => drop(self.members.insert(person, link)),
        }
    }

    /// The links that differ from the list before, those of people taken off it included, and the list as it is now.
    pub fn changes(self, before: Option<&ListState>) -> (Vec<CareLinkUpdate>, ListState) {
        let Self { source, key, kind, organisation, members, sent } = self;
        let now: BTreeMap<LocalId, String> =
            members.iter().map(|(person, link)| (person.clone(), hash(link))).collect();
        let known = |person: &LocalId| before.and_then(|before| before.members.get(person));
        let gone = before.into_iter().flat_map(|before| before.members.keys());
        let gone = gone.filter(|person| !now.contains_key(*person)).map(|person| {
            let (kind, organisation) = (kind.clone(), organisation.clone());
            let link = CareLink { kind, organisation, team: None, from: None, until: Some(sent), stands: false };
            (person.clone(), link)
        });
        let changed = members.into_iter().filter(|(person, _)| known(person) != now.get(person));
        let update = |(person, link): (LocalId, CareLink)| CareLinkUpdate {
            key: format!("{key}#{}", person.0),
            identity: SourceIdentity { source: source.clone(), local_id: person },
            link,
            sent,
        };
        let links = changed.chain(gone).map(update).collect();
        (links, ListState { kind, organisation, members: now })
    }
}

impl ListState {
    pub fn has(&self, person: &LocalId) -> bool {
        self.members.contains_key(person)
    }

    /// The list without anybody, after its sender deleted it.
    pub fn emptied(&self, deletion: CareLinkDeletion) -> CareList {
        CareList {
            source: deletion.source,
            key: deletion.key,
            kind: self.kind.clone(),
            organisation: self.organisation.clone(),
            members: BTreeMap::new(),
            sent: deletion.sent,
        }
    }
}

fn hash(link: &CareLink) -> String {
    digest(&[&serde_json::to_string(link).unwrap_or_default()])
}

/// The key of evidence: the prefix and the source's number. Keys are not sealed, so a number that contains an NHS number is
/// hashed, as local ids are.
pub fn key(secret: &LocalIdKey, source: &SourceId, prefix: &str, number: &str) -> String {
    let hashed = secret.hash(source, None, number);
    format!("{prefix}{}", hashed.as_ref().map_or(number, |hash| hash.0.as_str()))
}

/// The end of a period, exclusive. A day alone includes that whole day.
pub fn end_of(moment: Moment) -> Timestamp {
    if !moment.is_day() {
        return moment.at;
    }
    moment.date().tomorrow().map_or(moment.at, |next| Moment::day(next).at)
}

#[cfg(test)]
#[path = "care_links_tests.rs"]
mod tests;
