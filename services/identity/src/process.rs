//! Identity as a process of its own: checks its settings and builds it.

use std::collections::BTreeSet;

use ipnet::IpNet;
use lcr_model::ServiceName;
use lcr_runtime::process::{
    NoCommand, Process, RunningService, ServiceContext, ServiceSpec, StartError, origin_of, settings::BadSettings,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, Metrics, ProviderSettings, build, domain, oidc::assertion_key, store::Migrator};

/// The settings of identity's own.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// As browsers see it: `https://record.example.nhs.uk`.
    pub public_origin: String,
    /// The identity providers people sign in with.
    pub providers: Option<Vec<ProviderSettings>>,
    /// Private ranges partners may be in.
    #[schemars(with = "Option<Vec<String>>")]
    pub egress_allow: Option<Vec<IpNet>>,
}

/// Identity as one program.
#[derive(Debug)]
pub struct IdentityProcess;

impl Process for IdentityProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Identity,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[],
        data_key: true,
    };
    type Settings = Settings;
    type Command = NoCommand;
    type Tables = Migrator;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let providers = settings.providers.unwrap_or_default();
        let assigns = providers.iter().any(|provider| provider.organisation.is_some() || provider.role.is_some());
        if assigns && context.common.trial_key.is_none() {
            let why = "names the organisation or role of everybody who signs in: that is for trials (`trial_key`)";
            return Err(BadSettings::wrong("providers", why).into());
        }
        check_providers(&providers, context.common.is_demo()).map_err(|why| BadSettings::wrong("providers", why))?;
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            outbound: context.outbound(settings.egress_allow)?,
            public_origin: origin_of(&settings.public_origin)?,
            providers,
            demo: context.common.is_demo(),
        })
        .await
        .map_err(StartError::unavailable)?;
        // It subscribes to nothing. The bus relays its own events.
        let bus = context.bus(&handle.store).await?;
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }
}

/// Checks that each provider is safe to send people to, and has a callback of its own so that none can answer for another.
fn check_providers(providers: &[ProviderSettings], demo: bool) -> Result<(), &'static str> {
    let is_local = |issuer: &str| issuer.strip_prefix("http://").is_some_and(|rest| demo && is_loopback(rest));
    if providers.iter().any(|provider| !provider.issuer.starts_with("https://") && !is_local(&provider.issuer)) {
        return Err("names an `issuer` that is not https");
    }
    let issuers = || providers.iter().flat_map(|provider| &provider.launch_issuers);
    if issuers().any(|iss| !iss.starts_with("https://") && !is_local(iss)) {
        return Err("has a `launch_issuers` address that is not https");
    }
    if issuers().map(|iss| iss.trim_end_matches('/')).collect::<BTreeSet<_>>().len() != issuers().count() {
        return Err("names an address in `launch_issuers` twice");
    }
    let is_origin = |origin: &String| domain::is_frame_origin(origin, demo);
    if !providers.iter().flat_map(|provider| &provider.frame_ancestors).all(is_origin) {
        return Err("has a `frame_ancestors` entry that is not an https origin");
    }
    let is_known = |name: &String| name == "EdDSA" || assertion_key::algorithm_named(name).is_some();
    if !providers.iter().filter_map(|provider| provider.algorithm.as_ref()).all(is_known) {
        return Err("has an `algorithm` other than EdDSA, ES384, RS256, RS512 and PS256");
    }
    let names: Vec<Option<&str>> = providers.iter().map(|provider| provider.callback.as_deref()).collect();
    let is_valid = |name: &str| {
        (1..=40).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !names.iter().flatten().all(|name| is_valid(name)) {
        return Err("has a `callback` that is not of small letters, digits and hyphens");
    }
    if names.iter().enumerate().any(|(at, name)| names[..at].contains(name)) {
        return Err("has two without a `callback` of their own: each sends people back to an address of its own");
    }
    Ok(())
}

fn is_loopback(rest: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .filter_map(|host| rest.strip_prefix(host))
        .any(|after| after.is_empty() || after.starts_with([':', '/']))
}

#[cfg(test)]
#[path = "process_tests.rs"]
mod tests;
