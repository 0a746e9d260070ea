//! Plans which sources a view asks, for which resource types and with which ids. It must never ask a source with a hashed id.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use lcr_contracts::{patient_index::PersonIdentities, registry::Registry};
use lcr_model::{Dataset, SourceId, SourceIdentity, permit::PersonGrant};

use super::{fetch::FetchPlan, resource_types_of};

/// One plan for every source with a granted dataset.
pub fn plan_fetches(
    grant: &PersonGrant,
    resolved: &PersonIdentities,
    own_ids: &HashMap<SourceIdentity, String>,
    registry: &Registry,
    datasets: &[Dataset],
) -> Vec<FetchPlan> {
    let mut granted_by_source: BTreeMap<&SourceId, Vec<Dataset>> = BTreeMap::new();
    for (source, dataset) in grant.grants.iter().filter(|(_, dataset)| datasets.contains(dataset)) {
        granted_by_source.entry(source).or_default().push(*dataset);
    }
    let plans = registry.systems.iter().filter_map(|system| {
        let granted = granted_by_source.get(&system.id)?;
        let of_source = || resolved.identities.iter().filter(|identity| identity.source == system.id);
        let local_ids: BTreeSet<String> = of_source().filter_map(|one| own_ids.get(one).cloned()).collect();
        let plan = FetchPlan {
            source: system.id.clone(),
            local_ids: local_ids.into_iter().collect(),
            is_linked: of_source().next().is_some(),
            nhs_numbers: resolved.numbers.iter().cloned().collect(),
            resource_types: resource_types_of(granted),
        };
        Some(plan)
    });
    plans.collect()
}
