//! Patient-index as a process of its own: builds it from settings.

use std::{num::NonZeroU32, sync::Arc};

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{NoCommand, Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, Metrics, SEARCHES_PER_MINUTE, build, store::Migrator};

/// The settings that only patient-index has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// How often one person may search in a minute; 60 by default.
    pub searches_per_minute: Option<NonZeroU32>,
}

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
    };
    type Settings = Settings;
    type Command = NoCommand;
    type Tables = Migrator;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            searches_per_minute: settings.searches_per_minute.unwrap_or(SEARCHES_PER_MINUTE),
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }
}
