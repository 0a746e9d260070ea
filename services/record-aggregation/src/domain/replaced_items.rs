//! Finds the items of one source that its other items replace or withdraw. An item entered in error must never replace
//! another, and no item replaces itself.

use std::{
    borrow::Cow,
    collections::{HashMap, HashSet},
};

use lcr_fhir::read;

use super::{
    item_relations::{ItemRelations, read_identifier},
    prepared_item::PreparedItem,
    resource_type::ResourceType,
    source_answer::SourceAnswer,
};

/// The replaced items of one source, each as `Type/id`.
pub struct ReplacedItems<'a>(HashSet<Cow<'a, str>>);

impl<'a> ReplacedItems<'a> {
    /// Finds what other items replace, by reference or by identifier, and the results of withdrawn reports.
    pub fn of(answer: &'a SourceAnswer) -> Self {
        let mut replaced = HashSet::new();
        for (resource_type, type_answer) in &answer.types {
            for item in type_answer.items.iter().filter(|item| !item.relations().is_entered_in_error) {
                let targets = item.relations().replaces.iter().map(String::as_str);
                let others = targets.filter(|target| !is_own(target, *resource_type, item.id()));
                replaced.extend(others.map(Cow::Borrowed));
            }
            replaced.extend(replaced_by_identifier(*resource_type, &type_answer.items).into_iter().map(Cow::Owned));
        }
        replaced.extend(results_of_withdrawn_reports(answer).into_iter().map(Cow::Borrowed));
        Self(replaced)
    }

    pub fn contains(&self, resource_type: ResourceType, id: &str) -> bool {
        !self.0.is_empty() && self.0.contains(type_and_id(resource_type, id).as_str())
    }
}

fn type_and_id(resource_type: ResourceType, id: &str) -> String {
    format!("{}/{id}", resource_type.as_str())
}

/// Whether `Type/id` names the item itself.
fn is_own(target: &str, resource_type: ResourceType, id: &str) -> bool {
    target.strip_prefix(resource_type.as_str()).and_then(|rest| rest.strip_prefix('/')) == Some(id)
}

/// Documents that another document replaces by identifier: by system and value, or by the value if either has no
/// system.
fn replaced_by_identifier(resource_type: ResourceType, items: &[PreparedItem]) -> Vec<String> {
    // Value → system → ids of the replacing items. Two ids are enough, because no item replaces itself.
    let mut named: HashMap<&str, HashMap<Option<&str>, Vec<&str>>> = HashMap::new();
    for by in items.iter().filter(|by| !by.relations().is_entered_in_error) {
        for identifier in &by.relations().replaced_identifiers {
            let systems = named.entry(identifier.value.as_str()).or_default();
            let ids = systems.entry(identifier.system.as_deref()).or_default();
            if ids.len() < 2 && !ids.contains(&by.id()) {
                ids.push(by.id());
            }
        }
    }
    if named.is_empty() {
        return vec![];
    }
    let is_named = |item: &PreparedItem, (system, value): (Option<&str>, &str)| {
        let Some(systems) = named.get(value) else { return false };
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
        own.any(|one| read_identifier(one).is_some_and(|own| is_named(item, own)))
    };
    items.iter().filter(is_replaced).map(|item| type_and_id(resource_type, item.id())).collect()
}

/// Results that belong only to reports entered in error. They are no more valid than the reports.
fn results_of_withdrawn_reports(answer: &SourceAnswer) -> Vec<&str> {
    let reports = answer.types.get(&ResourceType::DiagnosticReport).map_or(&[][..], |type_answer| &type_answer.items);
    let results = |in_error: bool| {
        let of = reports.iter().map(PreparedItem::relations).filter(move |one| one.is_entered_in_error == in_error);
        of.flat_map(ItemRelations::results).collect::<HashSet<_>>()
    };
    let of_withdrawn = results(true);
    if of_withdrawn.is_empty() {
        return vec![];
    }
    let of_valid_reports = results(false);
    of_withdrawn.into_iter().filter(|result| !of_valid_reports.contains(result)).collect()
}
