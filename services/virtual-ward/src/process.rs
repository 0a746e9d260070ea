//! Runs virtual-ward as its own process. Settings that other services own must not be read here.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{NoCommand, NoSettings, Process, RunningService, ServiceContext, ServiceSpec, StartError};
use lcr_web::remote;

use crate::{Deps, Metrics, build, store::Migrator};

/// The process of virtual-ward.
#[derive(Debug)]
pub struct VirtualWardProcess;

impl Process for VirtualWardProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::VirtualWard,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[Stream::Feeds, Stream::People, Stream::Partners],
        data_key: true,
    };
    type Settings = NoSettings;
    type Command = NoCommand;
    type Tables = Migrator;

    async fn start(context: ServiceContext, _: NoSettings) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
            stop: context.stop.clone(),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }
}
