//! Tests of `service_settings.rs`.

use serde::Deserialize;

use super::*;
use crate::process::NoSettings;

const CONSENT: ServiceSpec = ServiceSpec {
    service: ServiceName::Consent,
    store: true,
    bus: true,
    cache: false,
    subscribes_to: &[],
    data_key: true,
};

/// Own settings: one required, one optional.
#[derive(Debug, Deserialize, JsonSchema)]
struct OwnSettings {
    public_origin: String,
    searches_per_minute: Option<u32>,
}

fn read(pairs: &[(&str, &str)]) -> Result<(CommonSettings, OwnSettings), BadSettings> {
    let whole = [
        ("LCR_LISTEN", "0.0.0.0:8080"),
        ("LCR_ADMIN_LISTEN", "0.0.0.0:9090"),
        ("LCR_DATABASE_URL", "postgres://lcr:hunter2@db/lcr"),
        ("LCR_BUS_URL", "nats://nats:4222"),
        ("LCR_AUDIT_URL", "http://audit:8080"),
        ("LCR_PUBLIC_ORIGIN", "https://record.example"),
        ("PATH", "/bin"),
    ];
    let all = whole.iter().chain(pairs).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    CONSENT.read(&all.filter(|(_, value)| !value.is_empty()).collect())
}

#[test]
fn an_error_names_the_setting_and_never_its_value() {
    assert!(read(&[]).is_ok());
    assert_eq!(read(&[("LCR_GATEWAY_URL", "http://x")]).unwrap_err(), BadSettings::Unknown("gateway_url".into()));
    assert_eq!(read(&[("LCR_CACHE_URL", "redis://x")]).unwrap_err(), BadSettings::Unknown("cache_url".into()));
    let missing = read(&[("LCR_AUDIT_URL", "")]).map_or_else(|_| "", |_| "read");
    assert_eq!(missing, "read", "an empty address reads; whether it is one is asked when it is used");
    let wrong = read(&[("LCR_LISTEN", "8080 or so")]).unwrap_err().to_string();
    assert!(wrong.contains("`listen`") && !wrong.contains("or so"), "{wrong}");
    let missing = CONSENT.read::<OwnSettings>(&BTreeMap::new()).unwrap_err().to_string();
    assert!(missing.contains("LCR_LISTEN"), "{missing}");
    assert!(!format!("{:?}", read(&[]).unwrap()).contains("hunter2"));
}

#[test]
fn variables_parse_as_numbers_lists_or_text() {
    assert_eq!(read(&[("LCR_BUS_REPLICAS", "3")]).unwrap().0.bus_replicas, Some(3));
    let keys = read(&[("LCR_PUBLIC_KEYS", r#"{ audit = ["k:AAA"] }"#)]).unwrap().0.public_keys.unwrap();
    assert_eq!(keys["audit"], ["k:AAA"]);
}

#[test]
fn a_service_s_own_settings_are_read_and_refused_like_the_common_ones() {
    let (_, own) = read(&[("LCR_SEARCHES_PER_MINUTE", "30")]).unwrap();
    assert_eq!((own.public_origin.as_str(), own.searches_per_minute), ("https://record.example", Some(30)));
    let wrong = read(&[("LCR_SEARCHES_PER_MINUTE", "hunter2")]).unwrap_err().to_string();
    assert!(wrong.contains("`searches_per_minute`") && !wrong.contains("hunter2"), "{wrong}");
    let of_other = CONSENT.read::<NoSettings>(&BTreeMap::from([("LCR_PUBLIC_ORIGIN".into(), "x".into())]));
    assert_eq!(of_other.unwrap_err(), BadSettings::Unknown("public_origin".into()));
    let required = CONSENT.schema::<OwnSettings>()["required"].clone();
    let names = ["listen", "admin_listen", "audit_url", "database_url", "bus_url", "public_origin"];
    assert_eq!(required, serde_json::json!(names));
}

#[test]
fn the_schema_lists_only_the_service_s_settings() {
    let schema = CONSENT.schema::<OwnSettings>();
    assert!(schema["properties"]["audit_url"].is_object());
    assert!(schema["properties"]["public_origin"].is_object());
    assert!(schema["properties"]["cache_url"].is_null());
    assert_eq!(schema["additionalProperties"], false);
}
