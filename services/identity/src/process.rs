//! Identity as a process of its own.

use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, StartError, settings::Provider};

use crate::{Deps, Numbers, ProviderSettings, build, store::Migrator};

/// Identity, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Identity,
        store: true,
        bus: true,
        cache: false,
        data_key: true,
        own: &["public_origin"],
        optional: &["providers", "egress_allow"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let providers = frame.settings.providers.clone().unwrap_or_default();
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            gate: frame.gate(),
            data_keys: frame.data_keys()?,
            outbound: frame.outbound()?,
            public_origin: frame.public_origin()?,
            providers: providers.into_iter().map(ProviderSettings::from).collect(),
            demo: frame.settings.demo.unwrap_or(false),
        })
        .await
        .map_err(StartError::away)?;
        // It hears nobody; the bus carries its log to the others.
        let bus = frame.bus(&handle.store).await?;
        Ok(Running::new(handle.router).needs_store(&handle.store).hears(&bus))
    }
}

impl From<Provider> for ProviderSettings {
    fn from(told: Provider) -> Self {
        let Provider { issuer, client_id, organisations, patients } = told;
        Self { issuer, client_id, organisations, patients }
    }
}
