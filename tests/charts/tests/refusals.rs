//! Wrong values must be refused before anything reaches a cluster, with the key in the message.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_charts_tests::{chart, documents, helm};
use serde_json::Value;

/// A values file, its overrides, and texts of the refusal.
type Case = (&'static str, &'static [&'static str], &'static [&'static str]);

const DIGEST_OF_ALL: &str =
    r#"defaults.digest="sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa""#;

/// A key for gateway alone: 43 characters, as 32 bytes have.
const KEY_OF_GATEWAY: &str = r#"publicKeys={"gateway":["a:TqXuaP6gVYYQaJDe1XM4ILt32RnNonvEuBObfNM7iIk"]}"#;

const CASES: &[Case] = &[
    ("production", &[r#"services.consent={"replica":2}"#], &["replica", "consent"]),
    ("production", &[r#"services.gateway={"calls":["consnt"]}"#], &["/services/gateway/calls"]),
    ("production", &[r#"services.consnt={"replicas":2}"#], &["consnt", "'/services'"]),
    ("production", &[r#"bus={"ulr":"nats://nats:4222"}"#], &["ulr", "bus"]),
    ("production", &["busReplicas=3"], &["busReplicas"]),
    ("production", &["bus.replicas=2"], &["/bus/replicas"]),
    ("production", &[r#"bus.url="nats://user:secret@nats:4222""#], &["/bus/url"]),
    ("production", &["services.audit.enabled=false"], &["services.consent.calls", "audit", "not an enabled service"]),
    ("production", &[r#"services.audit.calls=["audit"]"#], &["services.audit.calls", "itself"]),
    ("production", &["trial.enabled=true"], &["trial.enabled", "publicKeys", "mllp.enabled"]),
    (
        "minimal",
        &[r#"services.consent.existingSecret="lcr-consent""#],
        &["trial.enabled", "services.consent.existingSecret"],
    ),
    ("minimal", &["trial.enabled=false", r#"trial.databaseUrl="""#], &["publicKeys is empty", "trial.enabled"]),
    ("minimal", &[r#"trial.databaseUrl="""#], &["trial.databaseUrl is missing"]),
    ("production", &[r#"trial.databaseUrl="postgres://db/lcr""#], &["trial.databaseUrl", "trial.enabled is false"]),
    (
        "minimal",
        &["trial.enabled=false", r#"trial.databaseUrl="""#, KEY_OF_GATEWAY],
        &["publicKeys has no key of audit"],
    ),
    ("production", &[r#"publicKeys.identity=["no colon"]"#], &["/publicKeys/identity"]),
    ("production", &[r#"publicKeys.portal=["a:b"]"#], &["portal", "'/publicKeys'"]),
    ("production", &[r#"publicKeys.consent=["consent-x:AAAA"]"#], &["/publicKeys/consent/0"]),
    ("production", &[r#"image.registry="https://reg/x""#], &["/image/registry"]),
    ("production", &[r#"image.registry="reg/x/""#], &["/image/registry"]),
    ("production", &[r#"image.tag="bad tag""#], &["/image/tag"]),
    ("production", &[r#"publicOrigin="""#], &["publicOrigin is missing"]),
    ("production", &[r#"publicOrigin="record.example.nhs.uk""#], &["/publicOrigin"]),
    ("production", &["mllp.sourceRanges=[]"], &["mllp.sourceRanges is empty"]),
    ("production", &[r#"mllp.existingSecret="""#], &["mllp.existingSecret is missing"]),
    ("production", &["route.parentRefs=[]"], &["route.parentRefs is empty"]),
    ("production", &["services.gateway.autoscaling.max=2"], &["services.gateway.autoscaling.max"]),
    ("production", &["allInOne.enabled=true"], &["allInOne.enabled", "publicKeys"]),
    ("production", &[r#"services.feeds.resources={"limits":{"cpu":"1"}}"#], &["cpu"]),
    ("production", &[r#"defaults.resources.limits.memory="lots""#], &["/defaults/resources/limits/memory"]),
    (
        "production",
        &[r#"services.feeds.resources={"requests":{"cpu":"-1","memory":"1Gi"},"limits":{"memory":"1Gi"}}"#],
        &["/services/feeds/resources/requests/cpu"],
    ),
    (
        "production",
        &[r#"providers=[{"issuer":"https://login.example.org","client_id":""}]"#],
        &["/providers/0/client_id"],
    ),
    ("production", &[r#"network.backing.redis=[{"namespace":"redis"}]"#], &["namespace", "/network/backing/redis"]),
    ("production", &["network.kubernetesApi=[]"], &["network.kubernetesApi is empty"]),
    (
        "production",
        &[r#"network.kubernetesApi=[{"ipBlock":{"cidr":"0.0.0.0/0"}}]"#],
        &["network.kubernetesApi", "0.0.0.0/0 is every address there is"],
    ),
    (
        "production",
        &[r#"network.kubernetesApi=[{"ipBlock":{"cidr":"10.50.0.10/32"}},{"ipBlock":{"cidr":"::/0"}}]"#],
        &["network.kubernetesApi", "::/0 is every address there is"],
    ),
    (
        "production",
        &[r#"network.ingress=[{"ipBlock":{"cidr":"10.9.0.0/16"}}]"#],
        &["network.ingress", "route.inMesh", "kubernetes.io/metadata.name"],
    ),
    (
        "production",
        &[
            r#"network.ingress=[{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"ingress"}}},{"podSelector":{}}]"#,
        ],
        &["network.ingress", "route.inMesh"],
    ),
    (
        "production",
        &["monitoring.inMesh=true", r#"network.monitoring=[{"namespaceSelector":{"matchLabels":{"team":"watch"}}}]"#],
        &["network.monitoring", "monitoring.inMesh"],
    ),
    ("production", &["network.enabled=false"], &["network.enabled", "monitoring.inMesh"]),
    (
        "production",
        &[r#"partnerCredentials.namespace="lcr""#],
        &["partnerCredentials.namespace is the namespace of the release", "a namespace of their own"],
    ),
    ("production", &[r#"partnerCredentials.namespace="A B""#], &["/partnerCredentials/namespace"]),
    (
        "production",
        &["network.enabled=false", "monitoring.inMesh=true", "route.inMesh=false"],
        &["network.enabled", "route.inMesh"],
    ),
    (
        "production",
        &[r#"providers=[{"issuer":"http://login.example.org","client_id":"lcr"}]"#],
        &["http://login.example.org", "not https"],
    ),
    (
        "all-in-one",
        &[r#"providers=[{"issuer":"http://login.example.org","client_id":"lcr"}]"#],
        &["http://login.example.org", "not https"],
    ),
    (
        "production",
        &[
            r#"providers=[{"issuer":"https://a.example.org","client_id":"lcr"},{"issuer":"https://b.example.org","client_id":"lcr"}]"#,
        ],
        &["without a `callback`"],
    ),
    (
        "production",
        &[
            r#"providers=[{"issuer":"https://a.example.org","client_id":"lcr","callback":"a"},{"issuer":"https://b.example.org","client_id":"lcr","callback":"a"}]"#,
        ],
        &["the same `callback`"],
    ),
    (
        "production",
        &[r#"providers=[{"issuer":"https://a.example.org","client_id":"lcr","callback":"A b"}]"#],
        &["/providers/0/callback"],
    ),
    ("production", &["services.feeds.autoscaling.max=9"], &["services.feeds.autoscaling", "slower"]),
    ("production", &["services.gateway.connectionsPerPeer=-1"], &["/services/gateway/connectionsPerPeer"]),
    ("production", &["searchesPerMinute=0"], &["/searchesPerMinute"]),
    ("production", &[r#"egressAllow=["10.0.0.0"]"#], &["/egressAllow"]),
    ("production", &[r#"egressAllow=["10.0.0.0/99"]"#], &["/egressAllow/0"]),
    ("production", &[r#"egressAllow=["10.0.0.256/8"]"#], &["/egressAllow/0"]),
    ("production", &[r#"egressAllow=["fd00::/8","fd00::/129"]"#], &["/egressAllow/1"]),
    ("production", &[r#"services.consent.digest="sha256:abc""#], &["/services/consent/digest"]),
    ("production", &[DIGEST_OF_ALL], &["defaults.digest", "services.<name>.digest"]),
    (
        "production",
        &[r#"providers=[{"issuer":"https://login.example.org","client_id":"lcr","role":"gp"}]"#],
        &["https://login.example.org", "trial.enabled is false"],
    ),
    ("production", &[r#"network.ports={"postgres":"5432"}"#], &["/network/ports/postgres"]),
    ("production", &[r#"trustBundle={"secret":"trust"}"#], &["secret", "trustBundle"]),
];

#[test]
fn wrong_values_are_refused_with_their_key() {
    let mut wrong = vec![];
    for (file, set, words) in CASES {
        match helm::render(&helm::values(file), set) {
            Ok(_) => wrong.push(format!("{file} with {set:?} was rendered")),
            Err(output) => {
                let missing: Vec<&&str> = words.iter().filter(|word| !output.contains(**word)).collect();
                if !missing.is_empty() {
                    wrong.push(format!("{file} with {set:?}: {missing:?} not in: {output}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn without_values_the_first_missing_value_is_named() {
    let output = helm::render(&chart("values.yaml"), &[]).unwrap_err();
    assert!(output.contains("publicOrigin is missing"), "{output}");
}

#[test]
fn no_part_of_the_schema_is_open() {
    let text = lcr_charts_tests::read(&chart("values.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut open = vec![];
    walk(&schema, "", &mut open);
    // Helm puts `global` there itself, for charts within charts.
    assert_eq!(open, ["/properties/global"]);
}

/// Collects the objects of a schema that accept any key.
fn walk(schema: &Value, at: &str, open: &mut Vec<String>) {
    if schema.get("type").is_some_and(|kind| kind == "object") && schema.get("additionalProperties").is_none() {
        open.push(at.to_owned());
    }
    for group in ["properties", "definitions"] {
        for (name, inner) in schema.get(group).and_then(Value::as_object).into_iter().flatten() {
            walk(inner, &format!("{at}/{group}/{name}"), open);
        }
    }
    for inner in ["items", "additionalProperties"].iter().filter_map(|key| schema.get(key)) {
        walk(inner, at, open);
    }
}

#[test]
fn every_default_has_a_place_in_the_schema_and_every_place_a_default() {
    let text = lcr_charts_tests::read(&chart("values.schema.json")).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    let values = documents::parse_single(&chart("values.yaml")).unwrap();
    let keys =
        |of: &Value| -> Vec<String> { of.as_object().into_iter().flatten().map(|(key, _)| key.clone()).collect() };
    let known = keys(schema.pointer("/properties").unwrap());
    let sorted = |mut all: Vec<String>| {
        all.sort();
        all
    };
    assert_eq!(sorted(known).into_iter().filter(|key| key != "global").collect::<Vec<_>>(), sorted(keys(&values)));
    // The schema lists services by name, so that an unknown one is refused.
    let names = sorted(keys(values.pointer("/services").unwrap()));
    for of in ["/properties/services/properties", "/properties/publicKeys/properties"] {
        assert_eq!(sorted(keys(schema.pointer(of).unwrap())), names, "{of}");
    }
    let of_service = sorted(keys(schema.pointer("/definitions/service/properties").unwrap()));
    assert_eq!(of_service, sorted(keys(values.pointer("/defaults").unwrap())));
}
