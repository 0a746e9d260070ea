//! Which sources a view asks, for which datasets, and with which ids. It must never ask one with a hash of an id.

use std::collections::{BTreeSet, HashMap};

use lcr_contracts::{identity::Registry, patient_index::Resolved};
use lcr_model::{Dataset, SourceIdentity, permit::PersonGrant};

use super::{asking::Asked, kinds_of};

/// Every source with a granted dataset, with the ids it knows the person by.
pub fn plan(
    grant: &PersonGrant,
    resolved: &Resolved,
    own_ids: &HashMap<SourceIdentity, String>,
    registry: &Registry,
    datasets: &[Dataset],
) -> Vec<Asked> {
    let asked = registry.systems.iter().filter_map(|system| {
        let granted: Vec<Dataset> =
            datasets.iter().copied().filter(|one| grant.allows(&system.id, *one)).collect();
        let of_source = || resolved.identities.iter().filter(|identity| identity.source == system.id);
        let local_ids: BTreeSet<String> = of_source().filter_map(|one| own_ids.get(one).cloned()).collect();
        let one = Asked {
            source: system.id.clone(),
            local_ids: local_ids.into_iter().collect(),
            sends_about: of_source().next().is_some(),
            numbers: resolved.numbers.iter().cloned().collect(),
            kinds: kinds_of(&granted),
        };
        (!granted.is_empty()).then_some(one)
    });
    asked.collect()
}
