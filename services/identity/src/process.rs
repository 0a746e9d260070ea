//! Identity as a process of its own.

use lcr_model::ServiceName;
use lcr_runtime::process::{
    Frame, Needs, Process, Running, StartError,
    settings::{BadSettings, Provider},
};

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
        hears: &[],
        data_key: true,
        own: &["public_origin"],
        optional: &["providers", "egress_allow"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let providers = frame.settings.providers.clone().unwrap_or_default();
        let names = providers.iter().any(|one| one.organisation.is_some() || one.role.is_some());
        if names && frame.settings.trial_key.is_none() {
            let why =
                "names the organisation or role of everybody who signs in: that is for trials (`trial_key`)";
            return Err(BadSettings::wrong("providers", why).into());
        }
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
        let Provider { issuer, client_id, organisations, patients, organisation, role } = told;
        Self { issuer, client_id, organisations, patients, organisation, role }
    }
}
