//! The systems of an organisation as its administrators see them. Credentials are shown by their kind alone.

use lcr_contracts::{
    Failure,
    partners::system::SystemStatus,
    registry::{Registry, System},
};
use lcr_model::{OdsCode, SourceId};
use lcr_store::StoreError;
use sea_orm::ConnectionTrait;

use super::{draft, fingerprint::fingerprint};
use crate::{
    service::Service,
    store::{self, check_report},
};

/// By id, without those that were removed.
pub async fn statuses(service: &Service, registry: &Registry, ods: &OdsCode) -> Result<Vec<SystemStatus>, Failure> {
    Ok(load(service.store.read(), registry, ods).await?)
}

/// The same, also within a write.
pub async fn load(
    db: &impl ConnectionTrait,
    registry: &Registry,
    ods: &OdsCode,
) -> Result<Vec<SystemStatus>, StoreError> {
    let own: Vec<&System> =
        registry.systems.iter().filter(|one| one.organisation == *ods && !one.setup.removed).collect();
    let ids: Vec<&SourceId> = own.iter().map(|system| &system.id).collect();
    let mut reports = check_report::list(db, &ids).await?;
    let mut statuses = Vec::with_capacity(own.len());
    for system in own {
        let keeper = store::registry::keeper(db, &format!("system/{}", system.id)).await?;
        let report = reports.remove(&system.id).filter(|stored| stored.fingerprint == fingerprint(system));
        statuses.push(SystemStatus {
            draft: draft::of_system(system),
            datasets: system.datasets.clone(),
            live: system.setup.live,
            suspended: system.suspended,
            managed_by: keeper.unwrap_or_default(),
            credentials: system.setup.credentials.as_ref().map(|sealed| sealed.kind),
            credentials_changed_at: system.setup.credentials.as_ref().map(|sealed| sealed.changed_at),
            stages: system.setup.stages.clone(),
            report: report.map(|stored| stored.report),
        });
    }
    Ok(statuses)
}
