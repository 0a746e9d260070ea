//! The rows that others keep, for the operator, which opens the way to their systems. No credentials may leave identity: of
//! them the operator learns the address of the token endpoint.

use std::collections::BTreeMap;

use lcr_contracts::{
    Failure,
    registrar::PartnerSet,
    registry::{Credentials, System},
};
use lcr_model::{SourceId, seal::DataKeys};

use super::{MANAGER, clients};
use crate::{
    service::Service,
    store::{organisation_file, registry},
};

pub async fn read(service: &Service) -> Result<PartnerSet, Failure> {
    let db = service.store.read();
    let mut rows = registry::rows_managed_by(db, MANAGER, false).await?;
    let token_urls = take_credentials(&mut rows.systems, &service.data_keys);
    let files = organisation_file::all(db).await?.into_iter();
    let details = files.filter(|file| rows.organisation(&file.ods).is_some()).map(|file| (file.ods, file.details));
    Ok(PartnerSet {
        details: details.collect(),
        clients: clients::of_others(db).await?,
        token_urls,
        organisations: rows.organisations,
        systems: rows.systems,
        ..PartnerSet::default()
    })
}

/// Takes the sealed credentials out of the rows. Returns the token endpoints in them.
fn take_credentials(systems: &mut [System], keys: &DataKeys) -> BTreeMap<SourceId, String> {
    let mut token_urls = BTreeMap::new();
    for system in systems {
        let sealed = system.setup.credentials.take();
        let newest = sealed.and_then(|sealed| sealed.open(&system.id, keys).into_iter().next());
        if let Some(address) = newest.as_ref().and_then(Credentials::token_url) {
            token_urls.insert(system.id.clone(), address.to_owned());
        }
    }
    token_urls
}

#[cfg(test)]
#[path = "others_tests.rs"]
mod tests;
