//! Lists the items that a reader's record shows, and those it omits with the reason. The page, the FHIR answers and the
//! files all use this list, so that none shows an item that another withholds.

use std::{borrow::Cow, collections::HashMap};

use jiff::Timestamp;
use lcr_contracts::{
    record::{Entry, Omission},
    registry::{Registry, System},
};
use lcr_fhir::Item;
use lcr_model::{
    Dataset, SourceId,
    permit::{Hide, PersonGrant},
};

use super::{
    entry, location_redaction,
    organisation::SystemOrganisations,
    prepared_item::PreparedItem,
    replaced_items::ReplacedItems,
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
    let mut list = ItemList { items: vec![], omitted: vec![], differences: vec![] };
    for answer in input.answers {
        if let Some(system) = input.registry.system(&answer.source) {
            SourceLister::new(*input, system, answer).add_to(&mut list);
        }
    }
    list.differences = stays::reconcile(input.answers, &mut list.items);
    list
}

/// Lists the items of one source.
struct SourceLister<'a> {
    input: ListInput<'a>,
    system: &'a System,
    answer: &'a SourceAnswer,
    /// The stays of the ward, by the id of their item.
    stays: HashMap<String, &'a Stay>,
    replaced: ReplacedItems<'a>,
    organisations: SystemOrganisations<'a>,
}

impl<'a> SourceLister<'a> {
    fn new(input: ListInput<'a>, system: &'a System, answer: &'a SourceAnswer) -> Self {
        Self {
            input,
            system,
            answer,
            stays: answer.stays.iter().map(|stay| (stay.item_id(), stay)).collect(),
            replaced: ReplacedItems::of(answer),
            organisations: SystemOrganisations::new(system, input.registry, input.answers, input.grant),
        }
    }

    fn add_to(mut self, list: &mut ItemList<'a>) {
        let answer = self.answer;
        for (resource_type, type_answer) in &answer.types {
            let granted = self.granted_datasets(*resource_type);
            let Some(first) = granted.first() else { continue };
            // Unreadable items count under the first granted dataset of their type.
            if type_answer.unreadable > 0 {
                list.omitted.push(self.omission(*first, Omission::CouldNotBeRead, type_answer.unreadable));
            }
            self.add_removed(&granted, &type_answer.withheld, Omission::Confidential, list);
            self.add_removed(&granted, &type_answer.not_yet_on, Omission::NotYetOn, list);
            for item in &type_answer.items {
                match self.stays.get(item.id()).copied().filter(|_| *resource_type == ResourceType::Encounter) {
                    Some(stay) => self.list_stay(item, stay, list),
                    None => self.list_item(*resource_type, item, &granted, list),
                }
            }
        }
    }

    /// The datasets of a type that are asked for and granted.
    fn granted_datasets(&self, resource_type: ResourceType) -> Vec<Dataset> {
        let (input, source) = (&self.input, &self.system.id);
        let is_granted = |dataset: &Dataset| input.datasets.contains(dataset) && input.grant.allows(source, *dataset);
        resource_type.datasets().iter().copied().filter(is_granted).collect()
    }

    fn omission(&self, dataset: Dataset, reason: Omission, count: u32) -> OmittedItem {
        OmittedItem { source: self.system.id.clone(), dataset, reason, count, item: None }
    }

    /// Counts removed items, without their ids, for readers who see the whole dataset.
    fn add_removed(&self, granted: &[Dataset], removed: &WithheldCounts, reason: Omission, list: &mut ItemList<'a>) {
        for (dataset, count) in removed {
            if granted.contains(dataset) && !self.input.grant.limits(*dataset) {
                list.omitted.push(self.omission(*dataset, reason, *count));
            }
        }
    }

    /// Lists a stay of the ward under the grant for encounters of its source.
    fn list_stay(&mut self, item: &'a PreparedItem, stay: &Stay, list: &mut ItemList<'a>) {
        let entries = vec![stays::stay_entry(stay, self.system, self.input.registry)];
        self.add_listed(ResourceType::Encounter, Dataset::Encounters, item, entries, list);
    }

    fn list_item(
        &mut self,
        resource_type: ResourceType,
        item: &'a PreparedItem,
        granted: &[Dataset],
        list: &mut ItemList<'a>,
    ) {
        let dataset = resource_type::dataset_of(resource_type, item);
        if !granted.contains(&dataset) {
            return;
        }
        if self.replaced.contains(resource_type, item.id()) {
            let is_result = resource_type == ResourceType::Observation;
            let reason = if is_result { Omission::EnteredInError } else { Omission::Replaced };
            let id = entry::entry_id(&self.system.id, resource_type.as_str(), item.id());
            list.omitted.push(OmittedItem { item: Some(id), ..self.omission(dataset, reason, 1) });
            return;
        }
        let read = item.entries(resource_type, self.system, self.input.now);
        for (reason, id) in read.omitted {
            list.omitted.push(OmittedItem { item: Some(id), ..self.omission(dataset, reason, 1) });
        }
        if !read.entries.is_empty() {
            self.add_listed(resource_type, dataset, item, read.entries, list);
        }
    }

    fn add_listed(
        &mut self,
        resource_type: ResourceType,
        dataset: Dataset,
        item: &'a PreparedItem,
        mut entries: Vec<Entry>,
        list: &mut ItemList<'a>,
    ) {
        self.organisations.add_to(&mut entries, item);
        let sent: &'a Item = item;
        let (system, item) = (self.system, Cow::Borrowed(sent));
        list.items.push(ListedItem { system, resource_type, dataset, item, entries });
    }
}

#[cfg(test)]
#[path = "item_list_tests.rs"]
mod tests;
