//! Every service's program must accept the settings that the chart renders for it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_charts_tests::{
    helm,
    objects::{service, workloads},
    programs,
};
use serde_json::{Value, json};

/// Values files with overrides of sites.
const CASES: &[(&str, &[&str])] = &[
    ("production", &[]),
    ("production", &["mesh.enabled=false", r#"mllp={"enabled":false}"#, r#"otlpEndpoint="""#]),
    ("minimal", &[]),
    ("dev", &[]),
    ("all-in-one", &[]),
    (
        "all-in-one",
        &[
            r#"providers=[{"issuer":"https://login.example.org","client_id":"lcr"}]"#,
            r#"egressAllow=["10.1.0.0/16","10.2.0.0/16"]"#,
            r#"otlpEndpoint="http://otel:4318""#,
        ],
    ),
    (
        "all-in-one",
        &[
            r#"providers=[{"issuer":"https://login.example.org","client_id":"lcr","organisation":"RR8","role":"gp"}]"#,
            r#"allInOne.registry.organisations=[{"ods":"RR8","name":"A trust","kind":"acute","agreement_signed":true}]"#,
        ],
    ),
];

#[test]
fn every_program_accepts_the_settings_of_the_chart() {
    let objects: Vec<Value> =
        ["production", "all-in-one"].iter().flat_map(|name| helm::objects(&helm::values(name)).unwrap()).collect();
    let services: Vec<&str> = workloads(&objects).map(service).collect();
    let Some(folder) = programs::folder(&services) else { return };
    let (mut secrets, keys) = programs::new_keys(&folder).unwrap();
    secrets.insert("lcr-trial".into(), json!({"LCR_TRIAL_KEY": "k".repeat(48)}));
    let mut wrong = vec![];
    for (values, set) in CASES {
        let keys = format!("publicKeys={keys}");
        let own: &[&str] = if *values == "production" { &[keys.as_str()] } else { &[] };
        let set: Vec<&str> = set.iter().chain(own).copied().collect();
        for workload in workloads(&helm::objects_with(&helm::values(values), &set).unwrap()) {
            let output = programs::check_settings(&folder, workload, &secrets).unwrap();
            wrong.extend(output.into_iter().map(|output| format!("{values}: {output}")));
        }
    }
    assert!(wrong.is_empty(), "programs of {}:\n{}", folder.display(), wrong.join("\n"));
}
