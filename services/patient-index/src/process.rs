//! Patient-index as a process of its own: builds it from settings.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;

use crate::{Deps, Metrics, SEARCHES_PER_MINUTE, build, store::Migrator};

/// Patient-index as one program.
#[derive(Debug)]
pub struct PatientIndexProcess;

impl Process for PatientIndexProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::PatientIndex,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[Stream::Feeds],
        data_key: true,
        settings: &[],
        optional: &["searches_per_minute"],
    };
    type Tables = Migrator;

    async fn start(context: ServiceContext) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            searches_per_minute: context.settings.searches_per_minute.unwrap_or(SEARCHES_PER_MINUTE),
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }
}
