//! Which database addresses a process accepts.

use super::*;

fn settings(url: &str, of_trial: &[&str]) -> CommonSettings {
    CommonSettings {
        database_url: Some(Phi::new(url.to_owned())),
        trial_key: of_trial.contains(&"trial_key").then(|| Phi::new("k".repeat(48))),
        demo: of_trial.contains(&"demo").then_some(true),
        ..CommonSettings::default()
    }
}

#[test]
fn an_unverified_database_is_refused_except_in_a_trial() {
    let weak = "postgres://consent:hunter2@db/lcr?sslmode=prefer";
    for migrating in [true, false] {
        let refused = location(&settings(weak, &[]), ServiceName::Consent, migrating).unwrap_err().to_string();
        assert!(refused.contains("`database_url`") && refused.contains("sslmode=prefer"), "{refused}");
        assert!(refused.contains("verify-full") && !refused.contains("hunter2"), "{refused}");
        for trial in ["trial_key", "demo"] {
            assert!(location(&settings(weak, &[trial]), ServiceName::Consent, migrating).is_ok(), "{trial}");
        }
    }
    let mut apart = settings("postgres://consent@db/lcr", &[]);
    apart.migrate_database_url = Some(Phi::new("postgres://owner@db/lcr?sslmode=require".to_owned()));
    let refused = location(&apart, ServiceName::Consent, true).unwrap_err().to_string();
    assert!(refused.contains("`migrate_database_url`"), "{refused}");
    let Ok(Location::Schema { url, .. }) = location(&apart, ServiceName::Consent, false) else { panic!() };
    assert!(url.ends_with("?sslmode=verify-full"), "asked when nothing is said");
}
