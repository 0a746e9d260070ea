//! Reads what sources ruled out or entered in error, for comparing with other sources. None of it may be shown on a list.

use std::collections::BTreeMap;

use lcr_contracts::record::Entry;
use lcr_model::{Dataset, permit::Hide};

use crate::domain::{entry, item_list::ListInput, organisation::SystemOrganisations, resource_type};

/// What sources ruled out or entered in error, by dataset. No list shows it, but it may contradict another source.
pub fn denied_entries(input: &ListInput<'_>) -> BTreeMap<Dataset, Vec<Entry>> {
    let mut denied: BTreeMap<Dataset, Vec<Entry>> = BTreeMap::new();
    // A denial names its source, which may reveal the location.
    if input.grant.hides(Hide::Location) {
        return denied;
    }
    for answer in input.answers {
        let Some(system) = input.registry.system(&answer.source) else { continue };
        // Few sources deny anything.
        let mut organisations: Option<SystemOrganisations<'_>> = None;
        for (resource_type, type_answer) in &answer.types {
            for item in &type_answer.items {
                if !item.is_denied(*resource_type, system, input.now) {
                    continue;
                }
                let Some(mut entry) = entry::read_denied(*resource_type, item, system, input.now) else { continue };
                let dataset = resource_type::dataset_of(*resource_type, item);
                if input.grant.allows(&system.id, dataset) && !input.grant.limits(dataset) {
                    let organisations = organisations.get_or_insert_with(|| {
                        SystemOrganisations::new(system, input.registry, input.answers, input.grant)
                    });
                    organisations.add_to(std::slice::from_mut(&mut entry), item);
                    denied.entry(dataset).or_default().push(entry);
                }
            }
        }
    }
    denied
}

#[cfg(test)]
#[path = "denied_tests.rs"]
mod tests;
