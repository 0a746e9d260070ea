//! The steps of other organisations' switch-on that reach an organisation. A discreet service must never be named.

use std::collections::BTreeMap;

use lcr_contracts::{
    Failure,
    partners::system::Notice,
    registry::{Registry, System},
};
use lcr_model::{OdsCode, SourceId};

use crate::{service::Service, store::switch_step};

/// The most notices that are shown.
const MOST: u64 = 50;

/// The newest first.
pub async fn notices(service: &Service, registry: &Registry, ods: &OdsCode) -> Result<Vec<Notice>, Failure> {
    let mut notices = switch_step::list_for(service.store.read(), &names(registry, ods), ods, MOST).await?;
    for notice in &mut notices {
        let stages = registry.system(&notice.system).map(|system| &system.setup.stages);
        notice.declined = stages.is_some_and(|stages| stages.is_declined(notice.dataset, ods));
    }
    Ok(notices)
}

/// The names of the systems whose steps are told, with their organisations.
fn names(registry: &Registry, ods: &OdsCode) -> BTreeMap<SourceId, String> {
    let is_told = |system: &&System| {
        let owner = registry.organisation(&system.organisation);
        system.organisation != *ods && !system.is_discreet() && owner.is_some_and(|owner| !registry.is_discreet(owner))
    };
    let name = |system: &System| {
        let owner = registry.organisation(&system.organisation).map_or("", |owner| owner.name.as_str());
        (system.id.clone(), format!("{}, {owner}", system.name))
    };
    registry.systems.iter().filter(is_told).map(name).collect()
}
