//! Which items of which sources a reader's record lists, and which it leaves out and why. The page, the FHIR answers and
//! the files are all made from this one list, so that none shows what another withholds.

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::{
    identity::{Registry, System},
    record::{Entry, Omission},
};
use lcr_fhir::{Item, read};
use lcr_model::{Dataset, SourceId, permit::PersonGrant};

use super::{
    answer::SourceAnswer,
    entry,
    kind::{self, Kind},
};

/// What a list is made from.
#[derive(Clone, Copy)]
pub struct Listing<'a> {
    pub grant: &'a PersonGrant,
    pub registry: &'a Registry,
    pub answers: &'a [SourceAnswer],
    pub datasets: &'a [Dataset],
    pub now: Timestamp,
}

/// One item with what it gives the record.
pub struct Listed<'a> {
    pub system: &'a System,
    pub kind: Kind,
    pub dataset: Dataset,
    pub item: &'a Item,
    pub entries: Vec<Entry>,
}

/// What is left out, and the id of the item as sent where it has one.
pub struct Omitted {
    pub source: SourceId,
    pub dataset: Dataset,
    pub reason: Omission,
    pub count: u32,
    pub item: Option<String>,
}

/// Every granted item, or why it is left out.
pub fn list<'a>(of: &Listing<'a>) -> (Vec<Listed<'a>>, Vec<Omitted>) {
    let (mut listed, mut omitted) = (vec![], vec![]);
    for answer in of.answers {
        let Some(system) = of.registry.systems.iter().find(|system| system.id == answer.source) else {
            continue;
        };
        let replaced = replaced(answer);
        for (kind, of_type) in &answer.types {
            of.unread(system, *kind, of_type.not_readable, &mut omitted);
            for item in &of_type.items {
                of.one(system, *kind, item, &replaced, &mut listed, &mut omitted);
            }
        }
    }
    (listed, omitted)
}

impl<'a> Listing<'a> {
    fn grants(&self, system: &System, dataset: Dataset) -> bool {
        self.grant.allows(&system.id, dataset) && self.datasets.contains(&dataset)
    }

    /// What cannot be read is told under the first dataset of its type that this reader asks for.
    fn unread(&self, system: &System, kind: Kind, count: u32, omitted: &mut Vec<Omitted>) {
        let dataset = kind.datasets().iter().copied().find(|one| self.grants(system, *one));
        if let Some(dataset) = dataset.filter(|_| count > 0) {
            let (source, reason) = (system.id.clone(), Omission::CouldNotBeRead);
            omitted.push(Omitted { source, dataset, reason, count, item: None });
        }
    }

    fn one(
        &self,
        system: &'a System,
        kind: Kind,
        item: &'a Item,
        replaced: &HashSet<String>,
        listed: &mut Vec<Listed<'a>>,
        omitted: &mut Vec<Omitted>,
    ) {
        let dataset = kind::dataset_of(kind, item);
        if !self.grants(system, dataset) {
            return;
        }
        let mut leave_out = |reason, item| {
            omitted.push(Omitted { source: system.id.clone(), dataset, reason, count: 1, item });
        };
        let id = entry::entry_id(&system.id, kind.fhir(), item.id());
        if replaced.contains(&format!("{}/{}", kind.fhir(), item.id())) {
            return leave_out(Omission::Replaced, Some(id));
        }
        let read = entry::read_item(kind, item, system, self.now);
        for (reason, id) in read.omitted {
            leave_out(reason, Some(id));
        }
        if !read.entries.is_empty() {
            listed.push(Listed { system, kind, dataset, item, entries: read.entries });
        }
    }
}

/// `Type/id` of what other items of the source replace. An item entered in error replaces nothing.
fn replaced(answer: &SourceAnswer) -> HashSet<String> {
    let mut replaced = HashSet::new();
    for (kind, of_type) in &answer.types {
        let stands = |item: &&Item| {
            let value = item.value();
            !["status", "docStatus"].iter().any(|path| read::str_at(value, path) == Some("entered-in-error"))
        };
        for item in of_type.items.iter().filter(stands) {
            let related = read::list(item.value(), "relatesTo").iter();
            let related = related.filter(|one| read::str_at(one, "code") == Some("replaces"));
            let targets = related.filter_map(|one| read::str_at(one, "target.reference"));
            let direct = read::list(item.value(), "replaces").iter();
            let direct = direct.filter_map(|one| read::str_at(one, "reference"));
            let ids = targets.chain(direct).filter_map(|to| to.rsplit('/').next());
            let own = item.id();
            replaced.extend(ids.filter(|id| *id != own).map(|id| format!("{}/{id}", kind.fhir())));
        }
        replaced.extend(by_identifier(*kind, &of_type.items));
    }
    replaced
}

/// Documents that another names by its number rather than by its id.
fn by_identifier(kind: Kind, items: &[Item]) -> Vec<String> {
    let named: HashSet<&str> = items
        .iter()
        .flat_map(|item| read::list(item.value(), "relatesTo"))
        .filter(|one| read::str_at(one, "code") == Some("replaces"))
        .filter_map(|one| read::str_at(one, "target.identifier.value"))
        .collect();
    if named.is_empty() {
        return vec![];
    }
    let has = |item: &&Item| {
        let value = item.value();
        let own = read::list(value, "identifier").iter().filter_map(|one| read::str_at(one, "value"));
        own.chain(read::str_at(value, "masterIdentifier.value")).any(|number| named.contains(number))
    };
    items.iter().filter(has).map(|item| format!("{}/{}", kind.fhir(), item.id())).collect()
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
