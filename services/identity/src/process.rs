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
        providers_hold(&providers, frame.settings.demo.unwrap_or(false))
            .map_err(|why| BadSettings::wrong("providers", why))?;
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

/// Whether people can be sent to these providers, and back, without one answering for another.
fn providers_hold(providers: &[Provider], demo: bool) -> Result<(), &'static str> {
    let plain = |issuer: &str| issuer.strip_prefix("http://").is_some_and(|rest| demo && is_loopback(rest));
    if providers.iter().any(|one| !one.issuer.starts_with("https://") && !plain(&one.issuer)) {
        return Err("names an `issuer` that is not https");
    }
    let names: Vec<Option<&str>> = providers.iter().map(|one| one.callback.as_deref()).collect();
    let reads = |name: &str| {
        (1..=40).contains(&name.len())
            && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    if !names.iter().flatten().all(|name| reads(name)) {
        return Err("has a `callback` that is not of small letters, digits and hyphens");
    }
    if names.iter().enumerate().any(|(at, name)| names[..at].contains(name)) {
        return Err(
            "has two without a `callback` of their own: each sends people back to an address of its own",
        );
    }
    Ok(())
}

fn is_loopback(rest: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .filter_map(|host| rest.strip_prefix(host))
        .any(|after| after.is_empty() || after.starts_with([':', '/']))
}

impl From<Provider> for ProviderSettings {
    fn from(told: Provider) -> Self {
        let Provider { issuer, client_id, callback, organisations, patients, organisation, role } = told;
        Self { issuer, client_id, callback, organisations, patients, organisation, role }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn provider(issuer: &str, callback: Option<&str>) -> Provider {
        Provider {
            issuer: issuer.to_owned(),
            client_id: "lcr".to_owned(),
            callback: callback.map(str::to_owned),
            organisations: vec![],
            patients: false,
            organisation: None,
            role: None,
        }
    }

    #[test]
    fn a_provider_in_the_clear_is_refused_but_for_a_demonstration_on_this_machine() {
        let holds = |issuer: &str, demo| providers_hold(&[provider(issuer, None)], demo).is_ok();
        assert!(holds("https://login.example.nhs.uk", false));
        assert!(holds("http://127.0.0.1:8090", true));
        for (issuer, demo) in [
            ("http://login.example.nhs.uk", true),
            ("http://127.0.0.1:8090", false),
            ("http://localhost.example.org", true),
            ("ftp://x", true),
        ] {
            assert!(!holds(issuer, demo), "{issuer}");
        }
    }

    #[test]
    fn each_provider_has_an_address_of_its_own_to_send_people_back_to() {
        let two = |one, other| {
            providers_hold(&[provider("https://a.example", one), provider("https://b.example", other)], false)
                .is_ok()
        };
        assert!(two(None, Some("nhs-login")) && two(Some("one"), Some("other")));
        assert!(!two(None, None) && !two(Some("one"), Some("one")) && !two(None, Some("../x")));
    }
}
