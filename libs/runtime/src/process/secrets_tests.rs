//! A service holds the keys it needs and no other, in a trial and as `new-keys` makes them (S-13).

use std::collections::BTreeMap;

use super::*;
use crate::process::new_keys;

const TRIAL: &str = "only-for-tests-and-trials-0123456789";
/// The services that open what another service seals.
const SHARING: [ServiceName; 6] = [
    ServiceName::Identity,
    ServiceName::Consent,
    ServiceName::PatientIndex,
    ServiceName::RecordAggregation,
    ServiceName::VirtualWard,
    ServiceName::Feeds,
];

/// The data keys of each service that has any.
fn of_trial() -> BTreeMap<ServiceName, DataKeys> {
    let data = |service| Some((service, Secrets::of_trial(TRIAL, service).ok()?.data?));
    ServiceName::ALL.iter().copied().filter_map(data).collect()
}

fn of_new_keys() -> BTreeMap<ServiceName, DataKeys> {
    let text = new_keys::text("lcr", "lcr", "").unwrap();
    let data = |service: ServiceName| {
        let (_, secret) = text.split_once(&format!("name: lcr-{service},"))?;
        let secret = secret.split("---").next()?;
        let (_, key) = secret.split_once("LCR_DATA_KEY: \"")?;
        Some((service, DataKeys::parse(key.split('"').next()?).ok()?))
    };
    ServiceName::ALL.iter().copied().filter_map(data).collect()
}

#[test]
fn the_gateway_and_the_services_cannot_open_each_others_data() {
    for keys in [of_trial(), of_new_keys()] {
        let gateway = &keys[&ServiceName::Gateway];
        let own = gateway.seal("cache/x/1", b"own").unwrap();
        assert!(gateway.open("cache/x/1", &own).is_ok());
        for service in SHARING {
            let other = &keys[&service];
            let sealed = other.seal("feeds/demographics", b"somebody").unwrap();
            assert!(gateway.open("feeds/demographics", &sealed).is_err(), "the gateway opens what {service} seals");
            assert!(other.open("cache/x/1", &own).is_err(), "{service} opens what the gateway seals");
            assert_ne!(gateway.hash_name("somebody"), other.hash_name("somebody"), "{service}");
            let of_feeds = keys[&ServiceName::Feeds].open("feeds/demographics", &sealed);
            assert!(of_feeds.is_ok(), "{service} and feeds open what the other seals");
        }
        assert_eq!(keys.len(), SHARING.len() + 1, "audit and operator seal nothing");
    }
}

#[test]
fn only_audit_holds_the_log_key() {
    for service in ServiceName::ALL {
        let log = Secrets::of_trial(TRIAL, *service).map(|secrets| secrets.trial_log.is_some()).ok();
        assert_eq!(log, Some(*service == ServiceName::Audit), "{service}");
    }
}
