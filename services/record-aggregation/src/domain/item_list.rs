//! Lists the items that a reader's record shows, and those it omits with the reason. The page, the FHIR answers and the
//! files all use this list, so that none shows an item that another withholds.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use jiff::Timestamp;
use lcr_contracts::{
    record::{Entry, Omission},
    registry::{Registry, System},
};
use lcr_fhir::{Item, read};
use lcr_model::{
    Dataset, SourceId,
    permit::{Hide, PersonGrant},
};
use serde_json::Value;

use super::{
    entry, location_redaction,
    organisation::SystemOrganisations,
    prepared_item::PreparedItem,
    resource_type::{self, ResourceType},
    sensitivity::WithheldCounts,
    source_answer::SourceAnswer,
    stays::{self, Difference, Stay},
};

/// The input of a list.
#[derive(Clone, Copy)]
pub struct ListInput<'a> {
    /// Turns an id into one from which the original cannot be computed.
    pub opaque_id: &'a dyn Fn(&str) -> String,
    pub grant: &'a PersonGrant,
    pub registry: &'a Registry,
    pub answers: &'a [SourceAnswer],
    pub datasets: &'a [Dataset],
    pub now: Timestamp,
}

/// One item with its entries.
pub struct ListedItem<'a> {
    pub system: &'a System,
    pub resource_type: ResourceType,
    pub dataset: Dataset,
    pub item: Cow<'a, Item>,
    pub entries: Vec<Entry>,
}

/// Omitted items, with the id of the item if there is exactly one.
pub struct OmittedItem {
    pub source: SourceId,
    pub dataset: Dataset,
    pub reason: Omission,
    pub count: u32,
    pub item: Option<String>,
}

/// The items of a record.
pub struct ItemList<'a> {
    pub items: Vec<ListedItem<'a>>,
    pub omitted: Vec<OmittedItem>,
    /// Stays about which a hospital's messages and its answers disagree.
    pub differences: Vec<Difference>,
}

/// Lists every granted item or the reason for its omission. The list is redacted if the grant hides the location.
pub fn list_items<'a>(input: &ListInput<'a>) -> ItemList<'a> {
    let list = list_everything(input);
    if input.grant.hides(Hide::Location) { location_redaction::redact_list(input, list) } else { list }
}

fn list_everything<'a>(input: &ListInput<'a>) -> ItemList<'a> {
    let (mut items, mut omitted) = (vec![], vec![]);
    for answer in input.answers {
        let Some(system) = input.registry.system(&answer.source) else {
            continue;
        };
        let (replaced, listed_before) = (replaced_items(answer), items.len());
        let stays: HashMap<String, &Stay> = answer.stays.iter().map(|stay| (stay.item_id(), stay)).collect();
        for (resource_type, type_answer) in &answer.types {
            input.add_unreadable(system, *resource_type, type_answer.unreadable, &mut omitted);
            input.add_removed(system, &type_answer.withheld, Omission::Confidential, &mut omitted);
            input.add_removed(system, &type_answer.not_yet_on, Omission::NotYetOn, &mut omitted);
            for item in &type_answer.items {
                match stays.get(item.id()).filter(|_| *resource_type == ResourceType::Encounter) {
                    Some(stay) => items.extend(input.list_stay(system, item, stay)),
                    None => {
                        input.list_item(system, *resource_type, item, &replaced, &mut items, &mut omitted);
                    }
                }
            }
        }
        let organisations = SystemOrganisations::new(system, input.registry, input.answers, input.grant);
        for listed in items.iter_mut().skip(listed_before) {
            organisations.add_to(&mut listed.entries, listed.item.value());
        }
    }
    let differences = stays::reconcile(input.answers, &mut items);
    ItemList { items, omitted, differences }
}

impl<'a> ListInput<'a> {
    fn grants(&self, system: &System, dataset: Dataset) -> bool {
        self.grant.allows(&system.id, dataset) && self.datasets.contains(&dataset)
    }

    /// Counts unreadable items under the first granted dataset of their type.
    fn add_unreadable(&self, system: &System, resource_type: ResourceType, count: u32, omitted: &mut Vec<OmittedItem>) {
        let dataset = resource_type.datasets().iter().copied().find(|one| self.grants(system, *one));
        if let Some(dataset) = dataset.filter(|_| count > 0) {
            let (source, reason) = (system.id.clone(), Omission::CouldNotBeRead);
            omitted.push(OmittedItem { source, dataset, reason, count, item: None });
        }
    }

    /// Counts removed items, without their ids, for readers who see the whole dataset.
    fn add_removed(&self, system: &System, removed: &WithheldCounts, reason: Omission, omitted: &mut Vec<OmittedItem>) {
        for (dataset, count) in removed {
            if self.grants(system, *dataset) && !self.grant.limits(*dataset) {
                let source = system.id.clone();
                omitted.push(OmittedItem { source, dataset: *dataset, reason, count: *count, item: None });
            }
        }
    }

    /// Lists a stay of the ward under the grant for encounters of its source.
    fn list_stay(&self, system: &'a System, item: &'a Item, stay: &Stay) -> Option<ListedItem<'a>> {
        let (resource_type, dataset) = (ResourceType::Encounter, Dataset::Encounters);
        let (entries, item) = (vec![stays::stay_entry(stay, system, self.registry)], Cow::Borrowed(item));
        self.grants(system, dataset).then_some(ListedItem { system, resource_type, dataset, item, entries })
    }

    fn list_item(
        &self,
        system: &'a System,
        resource_type: ResourceType,
        item: &'a PreparedItem,
        replaced: &HashSet<String>,
        items: &mut Vec<ListedItem<'a>>,
        omitted: &mut Vec<OmittedItem>,
    ) {
        let dataset = resource_type::dataset_of(resource_type, item);
        if !self.grants(system, dataset) {
            return;
        }
        let mut leave_out = |reason, item| {
            omitted.push(OmittedItem { source: system.id.clone(), dataset, reason, count: 1, item });
        };
        let id = entry::entry_id(&system.id, resource_type.as_str(), item.id());
        if replaced.contains(&format!("{}/{}", resource_type.as_str(), item.id())) {
            let is_result = resource_type == ResourceType::Observation;
            return leave_out(if is_result { Omission::EnteredInError } else { Omission::Replaced }, Some(id));
        }
        let read = item.entries(resource_type, system, self.now);
        for (reason, id) in read.omitted {
            leave_out(reason, Some(id));
        }
        if !read.entries.is_empty() {
            let item: &Item = item;
            items.push(ListedItem { system, resource_type, dataset, item: Cow::Borrowed(item), entries: read.entries });
        }
    }
}

/// `Type/id` of items that other items of the source replace, by reference or by identifier. An item entered in error
/// replaces nothing, and no item replaces itself.
fn replaced_items(answer: &SourceAnswer) -> HashSet<String> {
    let mut replaced = HashSet::new();
    for (resource_type, type_answer) in &answer.types {
        let valid: Vec<&PreparedItem> = type_answer.items.iter().filter(|item| !is_entered_in_error(item)).collect();
        for item in &valid {
            let direct = read::list(item.value(), "replaces").iter();
            let direct = direct.filter_map(|one| read::str_at(one, "reference"));
            let targets = replacements_in(item).filter_map(|one| read::str_at(one, "target.reference"));
            let own = format!("{}/{}", resource_type.as_str(), item.id());
            replaced.extend(targets.chain(direct).filter_map(type_and_id).filter(|target| *target != own));
        }
        replaced.extend(replaced_by_number(*resource_type, &type_answer.items, &valid));
    }
    replaced.extend(results_of_withdrawn_reports(answer));
    replaced
}

fn is_entered_in_error(item: &Item) -> bool {
    ["status", "docStatus"].iter().any(|path| read::str_at(item.value(), path) == Some("entered-in-error"))
}

fn replacements_in(item: &Item) -> impl Iterator<Item = &Value> {
    let related = read::list(item.value(), "relatesTo").iter();
    related.filter(|one| read::str_at(one, "code") == Some("replaces"))
}

/// `Type/id` of a reference, relative or absolute, with or without a version.
fn type_and_id(reference: &str) -> Option<String> {
    let plain = reference.split("/_history").next().unwrap_or(reference);
    let mut parts = plain.rsplit('/');
    let (id, resource_type) = (parts.next()?, parts.next()?);
    (!id.is_empty()).then(|| format!("{resource_type}/{id}"))
}

/// Documents that another document replaces by identifier: by system and value, or by the value if either has no
/// system.
fn replaced_by_number(resource_type: ResourceType, items: &[PreparedItem], valid: &[&PreparedItem]) -> Vec<String> {
    let system_and_value = |identifier: &Value| {
        let value = read::text(identifier, "value")?;
        Some((read::text(identifier, "system"), value))
    };
    // Value → system → ids of the replacing items. Two ids are enough, because no item replaces itself.
    let mut named: HashMap<String, HashMap<Option<String>, Vec<&str>>> = HashMap::new();
    for by in valid {
        for (system, value) in
            replacements_in(by).filter_map(|one| system_and_value(read::at(one, "target.identifier")?))
        {
            let ids = named.entry(value).or_default().entry(system).or_default();
            if ids.len() < 2 && !ids.contains(&by.id()) {
                ids.push(by.id());
            }
        }
    }
    let is_named = |item: &Item, (system, value): (Option<String>, String)| {
        let Some(systems) = named.get(&value) else { return false };
        let by_another = |ids: &Vec<&str>| ids.iter().any(|by| *by != item.id());
        match system {
            // Without a system on either side the value alone counts.
            None => systems.values().any(by_another),
            system => [system, None].iter().any(|one| systems.get(one).is_some_and(by_another)),
        }
    };
    let is_replaced = |item: &&PreparedItem| {
        let value = item.value();
        let mut own = read::list(value, "identifier").iter().chain(read::at(value, "masterIdentifier"));
        own.any(|one| system_and_value(one).is_some_and(|own| is_named(item, own)))
    };
    if named.is_empty() {
        return vec![];
    }
    items.iter().filter(is_replaced).map(|item| format!("{}/{}", resource_type.as_str(), item.id())).collect()
}

/// Results that belong only to reports entered in error. They are no more valid than the reports.
fn results_of_withdrawn_reports(answer: &SourceAnswer) -> Vec<String> {
    let reports = answer.types.get(&ResourceType::DiagnosticReport).map_or(&[][..], |type_answer| &type_answer.items);
    let results = |in_error: bool| -> HashSet<String> {
        let of = reports.iter().filter(|report| is_entered_in_error(report) == in_error);
        let named = of.flat_map(|report| read::list(report.value(), "result"));
        named.filter_map(|one| type_and_id(read::str_at(one, "reference")?)).collect()
    };
    let of_valid_reports = results(false);
    results(true).into_iter().filter(|result| !of_valid_reports.contains(result)).collect()
}

#[cfg(test)]
#[path = "item_list_tests.rs"]
mod tests;
