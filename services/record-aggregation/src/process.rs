//! Record aggregation as a process of its own. It must only wire the service to its context.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;

use crate::{Deps, Metrics, build, store::Migrator};

/// The process of record-aggregation.
#[derive(Debug)]
pub struct RecordAggregationProcess;

impl Process for RecordAggregationProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::RecordAggregation,
        store: true,
        bus: true,
        cache: true,
        subscribes_to: &[Stream::Feeds, Stream::Partners, Stream::Ward],
        data_key: true,
        settings: &[],
        optional: &["egress_allow", "deadline_ms"],
    };
    type Tables = Migrator;

    async fn start(context: ServiceContext) -> Result<RunningService, StartError> {
        let cache = context.cache().await?;
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            cache: cache.cache.clone(),
            outbound: context.outbound()?,
            patient_index: Arc::new(remote::patient_index::Remote(context.peer(ServiceName::PatientIndex)?)),
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
            deadline: context.deadline(),
            stop: context.stop.clone(),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus).uses_cache(&cache))
    }
}
