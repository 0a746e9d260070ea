//! An item with what the rules read out of it: its labels, its entries, its relations to other items and its own
//! organisations. Each is read once, however many views show the item. It must never give entries of another time or of
//! another source. It must not be printed.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt,
    ops::{Deref, Range},
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use lcr_contracts::{record::Omission, registry::System, vocabulary::SystemKind};
use lcr_fhir::Item;
use lcr_model::{Label, SourceId};

use super::{
    entry::{self, ItemEntries},
    item_relations::ItemRelations,
    organisation::{self, NamedOrganisation},
    person,
    resource_type::ResourceType,
    sensitivity,
};

/// An item and what was read out of it. Clones share both.
#[derive(Clone)]
pub struct PreparedItem(Arc<Contents>);

struct Contents {
    item: Item,
    /// Most rules need it, and in the item it is found by a search.
    id: String,
    labels: OnceLock<(ResourceType, BTreeSet<Label>)>,
    entries: OnceLock<SourceEntries>,
    relations: OnceLock<ItemRelations>,
    organisations: OnceLock<Box<[NamedOrganisation]>>,
}

/// The entries of an item, and everything else that they were read from.
struct SourceEntries {
    resource_type: ResourceType,
    source: SourceId,
    name: String,
    kind: SystemKind,
    times: Range<Timestamp>,
    entries: ItemEntries,
}

impl SourceEntries {
    fn is_of(&self, resource_type: ResourceType, system: &System, now: Timestamp) -> bool {
        self.resource_type == resource_type
            && self.times.contains(&now)
            && self.source == system.id
            && self.name == system.name
            && self.kind == system.kind
    }
}

/// The times around `now` at which the entries of the item are the same: until a name or an address begins or ends.
fn valid_times(resource_type: ResourceType, item: &Item, now: Timestamp) -> Range<Timestamp> {
    let changes = entry::changes_with_time(resource_type);
    let times = if changes { person::period_boundaries(item.value()) } else { vec![] };
    let from = times.iter().filter(|at| **at <= now).max().copied();
    let until = times.iter().filter(|at| **at > now).min().copied();
    from.unwrap_or(Timestamp::MIN)..until.unwrap_or(Timestamp::MAX)
}

impl PreparedItem {
    pub fn id(&self) -> &str {
        &self.0.id
    }

    /// What the item says of other items.
    pub fn relations(&self) -> &ItemRelations {
        self.0.relations.get_or_init(|| ItemRelations::read(self.value()))
    }

    /// The organisations that the item names as its own.
    pub fn organisations(&self) -> &[NamedOrganisation] {
        self.0.organisations.get_or_init(|| organisation::own_organisations(self.value()))
    }

    /// The labels of the item (`sensitivity::labels_of`).
    pub fn labels(&self, resource_type: ResourceType) -> Cow<'_, BTreeSet<Label>> {
        let read = || sensitivity::labels_of(resource_type, self.value());
        let (of_type, labels) = self.0.labels.get_or_init(|| (resource_type, read()));
        if *of_type == resource_type { Cow::Borrowed(labels) } else { Cow::Owned(read()) }
    }

    /// The entries of the item (`entry::read_item`). They are copies, because the record changes them for its reader.
    pub fn entries(&self, resource_type: ResourceType, system: &System, now: Timestamp) -> ItemEntries {
        self.read_entries(resource_type, system, now).into_owned()
    }

    /// Whether its source ruled the item out or entered it in error, so that `entry::read_denied` reads an entry of it.
    pub fn is_denied(&self, resource_type: ResourceType, system: &System, now: Timestamp) -> bool {
        if !entry::can_be_denied(resource_type) {
            return false;
        }
        let read = self.read_entries(resource_type, system, now);
        let reason = read.omitted.first().filter(|_| read.entries.is_empty());
        reason.is_some_and(|(reason, _)| matches!(reason, Omission::EnteredInError | Omission::RuledOut))
    }

    fn read_entries(&self, resource_type: ResourceType, system: &System, now: Timestamp) -> Cow<'_, ItemEntries> {
        let read = || entry::read_item(resource_type, self, system, now);
        let first = self.0.entries.get_or_init(|| SourceEntries {
            resource_type,
            source: system.id.clone(),
            name: system.name.clone(),
            kind: system.kind.clone(),
            times: valid_times(resource_type, self, now),
            entries: read(),
        });
        if first.is_of(resource_type, system, now) { Cow::Borrowed(&first.entries) } else { Cow::Owned(read()) }
    }
}

impl From<Item> for PreparedItem {
    fn from(item: Item) -> Self {
        Self(Arc::new(Contents {
            id: item.id().to_owned(),
            item,
            labels: OnceLock::new(),
            entries: OnceLock::new(),
            relations: OnceLock::new(),
            organisations: OnceLock::new(),
        }))
    }
}

impl Deref for PreparedItem {
    type Target = Item;

    fn deref(&self) -> &Item {
        &self.0.item
    }
}

/// Two are equal if their items are: the rest follows from the item.
impl PartialEq for PreparedItem {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0) || self.0.item == other.0.item
    }
}

impl fmt::Debug for PreparedItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PreparedItem({})", self.resource_type())
    }
}

#[cfg(test)]
#[path = "prepared_item_tests.rs"]
mod tests;
