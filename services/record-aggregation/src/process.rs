//! Record aggregation as a process of its own. It must only wire the service to its context.

use std::{sync::Arc, time::Duration};

use ipnet::IpNet;
use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{NoCommand, Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, Metrics, build, store::Migrator};

/// How long a view waits for its sources, unless the settings say otherwise.
const DEADLINE_MS: u64 = 2000;

/// The settings that only record-aggregation has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// Private ranges partners may be in.
    #[schemars(with = "Option<Vec<String>>")]
    pub egress_allow: Option<Vec<IpNet>>,
    /// How long a view waits for its sources, in milliseconds.
    pub deadline_ms: Option<u64>,
}

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
    };
    type Settings = Settings;
    type Command = NoCommand;
    type Tables = Migrator;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let cache = context.cache().await?;
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            cache: cache.cache.clone(),
            outbound: context.outbound(settings.egress_allow)?,
            patient_index: Arc::new(remote::patient_index::Remote(context.peer(ServiceName::PatientIndex)?)),
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
            deadline: Duration::from_millis(settings.deadline_ms.unwrap_or(DEADLINE_MS)),
            stop: context.stop.clone(),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus).uses_cache(&cache))
    }
}
