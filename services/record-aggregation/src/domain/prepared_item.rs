//! An item with the labels and entries that the rules read out of it: each is read once, however many views show the item. It
//! must never remember entries that change with time, nor give those read for another source. It must not be printed.

use std::{
    borrow::Cow,
    collections::BTreeSet,
    fmt,
    ops::Deref,
    sync::{Arc, OnceLock},
};

use jiff::Timestamp;
use lcr_contracts::{registry::System, vocabulary::SystemKind};
use lcr_fhir::Item;
use lcr_model::{Label, SourceId};

use super::{
    entry::{self, ItemEntries},
    resource_type::ResourceType,
    sensitivity,
};

/// An item and what was read out of it. Clones share both.
#[derive(Clone)]
pub struct PreparedItem(Arc<Prepared>);

struct Prepared {
    item: Item,
    labels: OnceLock<(ResourceType, BTreeSet<Label>)>,
    entries: OnceLock<SourceEntries>,
}

/// The entries of an item, and everything else that they were read from.
struct SourceEntries {
    resource_type: ResourceType,
    source: SourceId,
    name: String,
    kind: SystemKind,
    entries: ItemEntries,
}

impl SourceEntries {
    fn is_of(&self, resource_type: ResourceType, system: &System) -> bool {
        self.resource_type == resource_type
            && self.source == system.id
            && self.name == system.name
            && self.kind == system.kind
    }
}

impl PreparedItem {
    /// The labels of the item (`sensitivity::labels_of`).
    pub fn labels(&self, resource_type: ResourceType) -> Cow<'_, BTreeSet<Label>> {
        let read = || sensitivity::labels_of(resource_type, self.value());
        let (of_type, labels) = self.0.labels.get_or_init(|| (resource_type, read()));
        if *of_type == resource_type { Cow::Borrowed(labels) } else { Cow::Owned(read()) }
    }

    /// The entries of the item (`entry::read_item`). They are copies, because the record changes them for its reader.
    pub fn entries(&self, resource_type: ResourceType, system: &System, now: Timestamp) -> ItemEntries {
        let read = || entry::read_item(resource_type, self, system, now);
        if entry::changes_with_time(resource_type) {
            return read();
        }
        let first = self.0.entries.get_or_init(|| SourceEntries {
            resource_type,
            source: system.id.clone(),
            name: system.name.clone(),
            kind: system.kind.clone(),
            entries: read(),
        });
        if first.is_of(resource_type, system) { first.entries.clone() } else { read() }
    }
}

impl From<Item> for PreparedItem {
    fn from(item: Item) -> Self {
        Self(Arc::new(Prepared { item, labels: OnceLock::new(), entries: OnceLock::new() }))
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
