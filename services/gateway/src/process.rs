//! The gateway as its own process: it calls every other service over HTTP. Nothing here may hold request logic.

use std::sync::Arc;

use lcr_model::ServiceName;
use lcr_runtime::process::{
    NoCommand, NoTables, Process, RunningService, ServiceContext, ServiceSpec, StartError, origin_of,
};
use lcr_web::{EgressRules, Outbound, remote};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, router};

/// The settings of the gateway's own.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// As browsers see it: `https://record.example.nhs.uk`.
    pub public_origin: String,
}

/// The gateway process.
#[derive(Debug)]
pub struct GatewayProcess;

impl Process for GatewayProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Gateway,
        store: false,
        bus: false,
        cache: true,
        subscribes_to: &[],
        data_key: true,
    };
    type Settings = Settings;
    type Command = NoCommand;
    type Tables = NoTables;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let cache = context.cache().await?;
        let settings = crate::Settings {
            public_origin: origin_of(&settings.public_origin)?,
            demo: context.common.is_demo(),
            proxied: context.addresses(),
        };
        let deps = Deps {
            identity: Arc::new(remote::identity::Remote(context.peer(ServiceName::Identity)?)),
            partners: Arc::new(remote::partners::Remote(context.peer(ServiceName::Identity)?)),
            consent: Arc::new(remote::consent::Remote(context.peer(ServiceName::Consent)?)),
            patient_index: Arc::new(remote::patient_index::Remote(context.peer(ServiceName::PatientIndex)?)),
            records: Arc::new(remote::records::Remote(context.peer(ServiceName::RecordAggregation)?)),
            virtual_ward: Arc::new(remote::ward::Remote(context.peer(ServiceName::VirtualWard)?)),
            messages: Arc::new(remote::messages::Remote(context.peer(ServiceName::Feeds)?)),
            audit: Arc::new(remote::audit::Remote(context.peer(ServiceName::Audit)?)),
            clock: context.clock.clone(),
            cache: cache.cache.clone(),
            stop: context.stop.clone(),
            settings,
        };
        let inside = EgressRules { inside: true, ..EgressRules::default() };
        let router = router(deps, Outbound::new(inside).map_err(StartError::unavailable)?);
        Ok(RunningService::new(router).uses_cache(&cache))
    }
}
