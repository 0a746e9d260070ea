//! Which items of which sources a reader's record lists, and which it leaves out and why. The page, the FHIR answers and
//! the files are all made from this one list, so that none shows what another withholds.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use jiff::Timestamp;
use lcr_contracts::{
    identity::{Registry, System},
    record::{Entry, Omission},
};
use lcr_fhir::{Item, read};
use lcr_model::{
    Dataset, SourceId,
    permit::{Hide, PersonGrant},
};
use serde_json::Value;

use super::{
    answer::SourceAnswer,
    entry,
    kind::{self, Kind},
    sensitivity::Withheld,
    stays::{self, Difference, Stay},
    without_location,
};

/// What a list is made from.
#[derive(Clone, Copy)]
pub struct Listing<'a> {
    /// Makes an id of which nobody can work out what it was made from.
    pub opaque: &'a dyn Fn(&str) -> String,
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
    pub item: Cow<'a, Item>,
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

/// What a record lists.
pub struct List<'a> {
    pub listed: Vec<Listed<'a>>,
    pub omitted: Vec<Omitted>,
    /// Where a hospital's messages and its answers disagree about one stay.
    pub differences: Vec<Difference>,
}

/// Every granted item, or why it is left out. For a reader who may not know where the person is, what may leave of each.
pub fn list<'a>(of: &Listing<'a>) -> List<'a> {
    let whole = whole(of);
    if of.grant.hides(Hide::Location) { without_location::list(of, whole) } else { whole }
}

fn whole<'a>(of: &Listing<'a>) -> List<'a> {
    let (mut listed, mut omitted) = (vec![], vec![]);
    for answer in of.answers {
        let Some(system) = of.registry.systems.iter().find(|system| system.id == answer.source) else {
            continue;
        };
        let replaced = replaced(answer);
        let stays: HashMap<String, &Stay> = answer.stays.iter().map(|stay| (stay.item(), stay)).collect();
        for (kind, of_type) in &answer.types {
            of.unread(system, *kind, of_type.not_readable, &mut omitted);
            of.withheld(system, &of_type.withheld, &mut omitted);
            for item in &of_type.items {
                match stays.get(item.id()).filter(|_| *kind == Kind::Encounter) {
                    Some(stay) => listed.extend(of.stay(system, item, stay)),
                    None => of.one(system, *kind, item, &replaced, &mut listed, &mut omitted),
                }
            }
        }
    }
    let differences = stays::settle(of.answers, &mut listed);
    List { listed, omitted, differences }
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

    /// What is withheld for its labels is told to those who see the whole of its dataset, without an id.
    fn withheld(&self, system: &System, withheld: &Withheld, omitted: &mut Vec<Omitted>) {
        for (dataset, count) in withheld {
            let limited =
                self.grant.clearances.iter().any(|label| {
                    label.strip_prefix(dataset.as_str()).is_some_and(|rest| rest.starts_with(':'))
                });
            if self.grants(system, *dataset) && !limited {
                let (source, reason) = (system.id.clone(), Omission::Confidential);
                omitted.push(Omitted { source, dataset: *dataset, reason, count: *count, item: None });
            }
        }
    }

    /// A stay of the ward, under the same grant as an encounter that the source answers.
    fn stay(&self, system: &'a System, item: &'a Item, stay: &Stay) -> Option<Listed<'a>> {
        let (kind, dataset) = (Kind::Encounter, Dataset::Encounters);
        let (entries, item) = (vec![stays::entry(stay, system, self.registry)], Cow::Borrowed(item));
        self.grants(system, dataset).then_some(Listed { system, kind, dataset, item, entries })
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
            let of_report = kind == Kind::Observation;
            return leave_out(
                if of_report { Omission::EnteredInError } else { Omission::Replaced },
                Some(id),
            );
        }
        let read = entry::read_item(kind, item, system, self.now);
        for (reason, id) in read.omitted {
            leave_out(reason, Some(id));
        }
        if !read.entries.is_empty() {
            listed.push(Listed { system, kind, dataset, item: Cow::Borrowed(item), entries: read.entries });
        }
    }
}

/// `Type/id` of what other items of the source replace, by reference or by number. An item entered in error replaces
/// nothing, and none replaces itself.
fn replaced(answer: &SourceAnswer) -> HashSet<String> {
    let mut replaced = HashSet::new();
    for (kind, of_type) in &answer.types {
        let stands: Vec<&Item> = of_type.items.iter().filter(|item| !is_error(item)).collect();
        for item in &stands {
            let direct = read::list(item.value(), "replaces").iter();
            let direct = direct.filter_map(|one| read::str_at(one, "reference"));
            let targets = replaced_by(item).filter_map(|one| read::str_at(one, "target.reference"));
            let own = format!("{}/{}", kind.fhir(), item.id());
            replaced.extend(targets.chain(direct).filter_map(type_and_id).filter(|target| *target != own));
        }
        replaced.extend(by_number(*kind, &of_type.items, &stands));
    }
    replaced.extend(results_of_withdrawn_reports(answer));
    replaced
}

fn is_error(item: &Item) -> bool {
    ["status", "docStatus"].iter().any(|path| read::str_at(item.value(), path) == Some("entered-in-error"))
}

fn replaced_by(item: &Item) -> impl Iterator<Item = &Value> {
    let related = read::list(item.value(), "relatesTo").iter();
    related.filter(|one| read::str_at(one, "code") == Some("replaces"))
}

/// `Type/id` of a reference, relative or absolute, with or without a version.
fn type_and_id(reference: &str) -> Option<String> {
    let plain = reference.split("/_history").next().unwrap_or(reference);
    let mut parts = plain.rsplit('/');
    let (id, kind) = (parts.next()?, parts.next()?);
    (!id.is_empty()).then(|| format!("{kind}/{id}"))
}

/// Documents that another names by its number: system and value, where both are given.
fn by_number(kind: Kind, items: &[Item], stands: &[&Item]) -> Vec<String> {
    let number = |identifier: &Value| {
        let value = read::text(identifier, "value")?;
        Some((read::text(identifier, "system"), value))
    };
    // By value: who names it, and under which system. No more than two of a kind are needed, since none replaces itself.
    let mut named: HashMap<String, HashMap<Option<String>, Vec<&str>>> = HashMap::new();
    for by in stands {
        for (system, value) in replaced_by(by).filter_map(|one| number(read::at(one, "target.identifier")?)) {
            let who = named.entry(value).or_default().entry(system).or_default();
            if who.len() < 2 && !who.contains(&by.id()) {
                who.push(by.id());
            }
        }
    }
    let is_named = |item: &Item, (system, value): (Option<String>, String)| {
        let Some(systems) = named.get(&value) else { return false };
        let by_another = |who: &Vec<&str>| who.iter().any(|by| *by != item.id());
        match system {
            // Without a system on either side the value alone counts.
            None => systems.values().any(by_another),
            system => [system, None].iter().any(|one| systems.get(one).is_some_and(by_another)),
        }
    };
    let has = |item: &&Item| {
        let value = item.value();
        let mut own = read::list(value, "identifier").iter().chain(read::at(value, "masterIdentifier"));
        own.any(|one| number(one).is_some_and(|own| is_named(item, own)))
    };
    if named.is_empty() {
        return vec![];
    }
    items.iter().filter(has).map(|item| format!("{}/{}", kind.fhir(), item.id())).collect()
}

/// Results that only a report entered in error has. They were its results, and stand no more than it does.
fn results_of_withdrawn_reports(answer: &SourceAnswer) -> Vec<String> {
    let reports = answer.types.get(&Kind::DiagnosticReport).map_or(&[][..], |of_type| &of_type.items);
    let results = |error: bool| -> HashSet<String> {
        let of = reports.iter().filter(|report| is_error(report) == error);
        let named = of.flat_map(|report| read::list(report.value(), "result"));
        named.filter_map(|one| type_and_id(read::str_at(one, "reference")?)).collect()
    };
    let standing = results(false);
    results(true).into_iter().filter(|result| !standing.contains(result)).collect()
}

#[cfg(test)]
#[path = "listing_tests.rs"]
mod tests;
