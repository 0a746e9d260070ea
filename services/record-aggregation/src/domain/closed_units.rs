//! Removes items of units that are not yet switched on for the reader, such as one practice of a shared system.
//! Every output reads its items after it. While a unit is closed, an item is shown only if its own unit is known and open. It
//! must never remove anything without counting it.

use std::collections::{BTreeSet, HashMap};

use lcr_contracts::registry::Registry;
use lcr_model::{Dataset, OdsCode, SourceId, permit::PersonGrant};

use super::{
    organisation,
    prepared_item::PreparedItem,
    resource_type::{ResourceType, dataset_of},
    source_answer::{SourceAnswer, TypeAnswer},
    stays::Stay,
};

/// Removes the items of every source. The results of a report and the item of a ward's stay belong to its unit.
pub fn remove_closed_units(answers: &mut [SourceAnswer], grant: &PersonGrant, registry: &Registry) {
    if grant.closed_units.is_empty() {
        return;
    }
    for answer in answers {
        let source = answer.source.clone();
        let units = ClosedUnits { grant, registry, source: &source };
        units.remove_from(answer);
    }
}

/// What is known of an item's unit. Of several, the last one in this order counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Unit {
    /// The item names no organisation, or none that the registry knows.
    Unknown,
    Open,
    Closed,
}

/// The closed units of one source.
struct ClosedUnits<'a> {
    grant: &'a PersonGrant,
    registry: &'a Registry,
    source: &'a SourceId,
}

impl ClosedUnits<'_> {
    fn of(&self, dataset: Dataset) -> BTreeSet<&OdsCode> {
        self.grant.closed_units(self.source, dataset)
    }

    /// The unit that one of these codes names.
    fn unit_of<'c>(&self, closed: &BTreeSet<&OdsCode>, codes: impl Iterator<Item = &'c str>) -> Unit {
        let unit = |code: &str| {
            let is_closed = closed.iter().any(|unit| unit.as_str().eq_ignore_ascii_case(code.trim()));
            match () {
                () if is_closed => Unit::Closed,
                () if self.registry.knows_unit(self.source, code) => Unit::Open,
                () => Unit::Unknown,
            }
        };
        codes.map(unit).max().unwrap_or(Unit::Unknown)
    }

    /// The unit by the organisations that the item names as its own. `None` if no unit of its dataset is closed.
    fn unit_of_item(&self, resource_type: ResourceType, item: &PreparedItem) -> Option<Unit> {
        let closed = self.of(dataset_of(resource_type, item));
        if closed.is_empty() {
            return None;
        }
        Some(self.unit_of(&closed, organisation::own_codes(self.registry, item)))
    }

    fn remove_from(&self, answer: &mut SourceAnswer) {
        let results = self.units_of_results(answer);
        let stays = self.remove_stays(answer);
        for (resource_type, type_answer) in &mut answer.types {
            let TypeAnswer { items, not_yet_on, .. } = type_answer;
            items.retain(|item| {
                let Some(own) = self.unit_of_item(*resource_type, item) else { return true };
                let whole = match resource_type {
                    ResourceType::Observation => results.get(item.id()),
                    ResourceType::Encounter => stays.get(item.id()),
                    _ => None,
                };
                if whole.map_or(own, |whole| own.max(*whole)) == Unit::Open {
                    return true;
                }
                *not_yet_on.entry(dataset_of(*resource_type, item)).or_default() += 1;
                false
            });
        }
    }

    /// The units of the results that reports refer to: they are the reports' content.
    fn units_of_results(&self, answer: &SourceAnswer) -> HashMap<String, Unit> {
        let reports = answer.types.get(&ResourceType::DiagnosticReport).map_or(&[][..], |reports| &reports.items);
        let mut units: HashMap<String, Unit> = HashMap::new();
        for report in reports {
            let Some(unit) = self.unit_of_item(ResourceType::DiagnosticReport, report) else { continue };
            for id in report.relations().result_ids() {
                let of_result = units.entry(id.to_owned()).or_insert(unit);
                *of_result = unit.max(*of_result);
            }
        }
        units
    }

    /// Removes the ward's stays that are not at a known and open unit, by the site that the hospital sent. Returns the units
    /// of their items.
    fn remove_stays(&self, answer: &mut SourceAnswer) -> HashMap<String, Unit> {
        let closed = self.of(Dataset::Encounters);
        if closed.is_empty() {
            return HashMap::new();
        }
        let unit = |stay: &Stay| self.unit_of(&closed, stay.site().into_iter());
        let units = answer.stays.iter().map(|stay| (stay.item_id(), unit(stay))).collect();
        answer.stays.retain(|stay| unit(stay) == Unit::Open);
        units
    }
}

#[cfg(test)]
#[path = "closed_units_tests.rs"]
mod tests;
