//! Settings and keys of each service: what is wrong is refused by name before anything starts.

use lcr_model::ServiceName;
use lcr_testkit::golden;
use lcr_tests::split::SERVICES;

use super::{output_text, run};

pub(super) const CONSENT: [(&str, &str); 6] = [
    ("LCR_LISTEN", "127.0.0.1:1"),
    ("LCR_ADMIN_LISTEN", "127.0.0.1:2"),
    ("LCR_DATABASE_URL", "postgres://consent:hunter2@db/lcr"),
    ("LCR_BUS_URL", "nats://nats:4222"),
    ("LCR_AUDIT_URL", "http://audit:8080"),
    ("LCR_TRIAL_KEY", "0123456789012345678901234567890123456789"),
];

#[test]
fn settings_are_refused_by_name_before_anything_starts_and_no_value_is_repeated() {
    let whole = run(ServiceName::Consent, "check-config", &CONSENT);
    assert!(whole.status.success(), "{}", output_text(&whole));
    let with = |pair: (&'static str, &'static str)| {
        let mut settings: Vec<_> = CONSENT.iter().copied().filter(|(name, _)| *name != pair.0).collect();
        settings.push(pair);
        settings
    };
    for (pair, named) in [
        (("LCR_AUDTI_URL", "http://audit:8080"), "`audti_url`"),
        (("LCR_FEEDS_URL", "http://feeds:8080"), "`feeds_url`"),
        (("LCR_CACHE_URL", "redis://hunter2@redis"), "`cache_url`"),
        (("LCR_LISTEN", "hunter2"), "`listen`"),
        (("LCR_AUDIT_URL", "hunter2"), "`audit_url`"),
        (("LCR_DATABASE_URL", "mysql://hunter2@db"), "`database_url`"),
        (("LCR_TRIAL_KEY", "hunter2"), "`trial_key`"),
        (("LCR_DATABASE_URL", "postgres://consent:hunter2@db:port/lcr"), "`database_url`"),
        (("LCR_BUS_URL", "nats://hunter2@nats:port"), "`bus_url`"),
        (("LCR_LOG", "hunter2=!!!"), "`log`"),
        (("LCR_BUS_REPLICAS", "many"), "`bus_replicas`"),
    ] {
        for arguments in ["check-config", "migrate", ""] {
            let refused = run(ServiceName::Consent, arguments, &with(pair));
            assert_eq!(refused.status.code(), Some(2), "{pair:?} {arguments}: {}", output_text(&refused));
            assert!(output_text(&refused).contains(named), "{pair:?}: {}", output_text(&refused));
            assert!(!output_text(&refused).contains("hunter2"), "{}", output_text(&refused));
        }
    }
    for (missing, _) in CONSENT.iter().take(5) {
        let without: Vec<_> = CONSENT.iter().copied().filter(|(name, _)| name != missing).collect();
        let refused = run(ServiceName::Consent, "check-config", &without);
        assert_eq!(refused.status.code(), Some(2));
        assert!(output_text(&refused).contains(missing), "{}", output_text(&refused));
    }
    let keyless: Vec<_> = CONSENT.iter().copied().take(5).collect();
    assert!(output_text(&run(ServiceName::Consent, "check-config", &keyless)).contains("LCR_SIGNING_KEY"));
}

#[test]
fn the_settings_of_each_service_match_the_agreed_schema() {
    for service in SERVICES {
        let schema = run(service, "config-schema", &[]);
        assert!(schema.status.success());
        let text = String::from_utf8(schema.stdout).unwrap();
        golden::compare(&format!("config/{service}.schema.json"), &text).unwrap();
    }
}

#[test]
fn new_keys_are_new_each_time_and_complete_for_every_service() {
    let (first, second) = (run(ServiceName::Audit, "new-keys", &[]), run(ServiceName::Audit, "new-keys", &[]));
    let text = output_text(&first);
    assert_ne!(text, output_text(&second));
    for service in ServiceName::ALL {
        assert!(text.contains(&format!("name: lcr-{service},")), "{service} has its Secret");
        assert!(text.contains(&format!("#   {service}: [\"")), "{service} has its public key");
    }
    assert_eq!(text.matches("LCR_LOG_KEY").count(), 1);
    let wrong = run(ServiceName::Audit, "new-keys --nmespace x", &[]);
    assert_eq!(wrong.status.code(), Some(2), "{}", output_text(&wrong));
}
