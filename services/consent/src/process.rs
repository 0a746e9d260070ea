//! Consent as a process of its own: builds it from settings.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{NoCommand, Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, Metrics, build, domain::policies::OverridePolicy, store::Migrator};

/// The settings that only consent has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// Whether staff may override a refusal in an emergency: `no-override`, the default, or `emergency-override`.
    pub override_policy: Option<OverridePolicy>,
}

/// Consent as one program.
#[derive(Debug)]
pub struct ConsentProcess;

impl Process for ConsentProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Consent,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[Stream::People, Stream::Partners, Stream::Ward, Stream::Feeds, Stream::Identity],
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
            signer: context.keys.own().clone(),
            authenticator: context.authenticator(),
            audit: Arc::new(remote::audit::Remote(context.peer(ServiceName::Audit)?)),
            data_keys: context.data_keys()?,
            override_policy: settings.override_policy.unwrap_or_default(),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        let service = handle.clone();
        let is_reconciled = move || {
            let reconciled = service.require_reconciled();
            Box::pin(async move { reconciled }) as _
        };
        let running = RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus);
        Ok(running.needs("choices", Arc::new(is_reconciled)))
    }
}
