//! The mesh objects: what is opened, for whom, and what stays closed. They are validated against the mesh's own schemas
//! if those are present.

use proptest::prelude::*;
use serde_json::json;

use super::*;

fn mesh_scope() -> MeshScope {
    MeshScope {
        egress_namespace: "lcr-egress".into(),
        trust_domain: "leeds.example".into(),
        application_namespace: "lcr".into(),
        service_account_prefix: "lcr-".into(),
    }
}

fn system(name: &str, endpoint: &str) -> PartnerSystem {
    serde_json::from_value(json!({
        "apiVersion": "leedscarerecord.uk/v1", "kind": "PartnerSystem",
        "metadata": {"name": name, "uid": format!("uid-{name}")},
        "spec": {
            "odsCode": "RR8", "system": "pas", "name": "PAS", "kind": "hospital", "protocol": "fhir-r4",
            "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute"},
            "endpoint": endpoint, "datasets": ["demographics"]
        }
    }))
    .unwrap()
}

#[test]
fn a_fhir_system_gets_one_service_entry_and_one_policy_for_its_callers() {
    let one = system("rr8-pas", "https://fhir.example.org:8443/r4");
    let objects = desired_objects(&one, &[], &mesh_scope());
    let [entry, policy] = objects.as_slice() else { panic!("{objects:?}") };
    assert_eq!((entry.name_any().as_str(), entry.namespace().as_deref()), ("fhir.example.org", Some("lcr-egress")));
    let ports = json!([{"number": 8443, "name": "tls-8443", "protocol": "TLS"}]);
    assert_eq!(
        entry.data["spec"],
        json!({"hosts": ["fhir.example.org"], "location": "MESH_EXTERNAL", "resolution": "DNS", "ports": ports})
    );
    assert_eq!(policy.name_any(), "rr8-pas");
    assert_eq!(policy.data["spec"]["targetRefs"][0]["name"], "fhir.example.org");
    let rule = &policy.data["spec"]["rules"][0];
    let who = |service: &str| format!("leeds.example/ns/lcr/sa/lcr-{service}");
    assert_eq!(
        rule["from"][0]["source"]["principals"],
        json!([who("record-aggregation"), who("identity"), who("operator")])
    );
    assert_eq!(rule["to"][0]["operation"]["ports"], json!(["8443"]));
    for object in &objects {
        assert_eq!(object.labels()["leedscarerecord.uk/managed-by"], "operator");
        let owner = &object.owner_references()[0];
        assert_eq!((owner.kind.as_str(), owner.uid.as_str()), ("PartnerSystem", "uid-rr8-pas"));
        assert_eq!(owner.block_owner_deletion, None, "a deletion waits for nobody");
    }
}

#[test]
fn feeds_suspended_and_deleted_systems_get_no_mesh_objects() {
    let feed = {
        let mut feed = system("rr8-pas", "https://fhir.example.org");
        (feed.spec.protocol, feed.spec.endpoint) = (Protocol::Hl7v2Mllp, None);
        feed
    };
    let mut suspended = system("rr8-pas", "https://fhir.example.org");
    suspended.spec.suspended = true;
    let mut deleted = system("rr8-pas", "https://fhir.example.org");
    let deleted_at: jiff::Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
    deleted.metadata.deletion_timestamp = Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(deleted_at));
    for closed in [feed, suspended, deleted, system("rr8-pas", "https://10.1.2.3/r4")] {
        assert!(desired_objects(&closed, &[], &mesh_scope()).is_empty(), "{closed:?}");
    }
}

#[test]
fn the_token_endpoint_and_the_key_sets_of_clients_are_opened_by_the_same_policy() {
    let client = |name: &str, jwks_url: &str| json!({"id": name, "name": name, "role": "feeds-client", "scope": "feeds.write", "jwksUrl": jwks_url});
    let mut one = system("rr8-pas", "https://fhir.example.org/r4");
    one.spec.token_url = Some("https://login.example.org:8443/token".into());
    let clients = json!([client("a", "https://login.example.org/jwks"), client("b", "https://10.1.2.3/jwks")]);
    one.spec.clients = serde_json::from_value(clients).unwrap();
    let objects = desired_objects(&one, &[], &mesh_scope());
    let names: Vec<String> = objects.iter().map(ResourceExt::name_any).collect();
    assert_eq!(names, ["fhir.example.org", "login.example.org", "rr8-pas"]);
    assert_eq!(objects[1].data["spec"]["ports"].as_array().unwrap().len(), 2);
    let policy = &objects[2].data["spec"];
    assert_eq!(policy["targetRefs"].as_array().unwrap().len(), 2);
    assert_eq!(policy["rules"][0]["to"][0]["operation"]["ports"], json!(["443", "8443"]));
    one.spec.organisation.state = Some(lcr_contracts::registry::PartnerState::Suspended);
    assert!(desired_objects(&one, &[], &mesh_scope()).is_empty(), "a suspended organisation is not called");
}

#[test]
fn identity_alone_fetches_the_keys_of_a_feeds_clients() {
    let mut feed = system("rr8-pas", "https://fhir.example.org");
    (feed.spec.protocol, feed.spec.endpoint) = (Protocol::Hl7v2Http, None);
    let client = json!([{"id": "a", "name": "A", "role": "feeds-client", "scope": "feeds.write",
                         "jwksUrl": "https://keys.example.org/jwks"}]);
    feed.spec.clients = serde_json::from_value(client).unwrap();
    let objects = desired_objects(&feed, &[], &mesh_scope());
    let callers = &objects[1].data["spec"]["rules"][0]["from"][0]["source"]["principals"];
    assert_eq!(*callers, json!(["leeds.example/ns/lcr/sa/lcr-identity"]));
}

#[test]
fn all_systems_on_one_host_produce_the_same_service_entry() {
    let all = [
        system("rr8-pas", "https://fhir.example.org/pas"),
        system("rgd-pas", "https://fhir.example.org:8443/"),
        system("y90001-gp", "https://elsewhere.example.org"),
    ]
    .map(Arc::new);
    let entry = |of: &PartnerSystem| desired_objects(of, &all, &mesh_scope()).swap_remove(0);
    let (first, second) = (entry(&all[0]), entry(&all[1]));
    assert_eq!(serde_json::to_value(&first).unwrap(), serde_json::to_value(&second).unwrap());
    assert_eq!(first.data["spec"]["ports"].as_array().unwrap().len(), 2);
    let owners: Vec<&str> = first.owner_references().iter().map(|one| one.name.as_str()).collect();
    assert_eq!(owners, ["rgd-pas", "rr8-pas"]);
}

#[test]
fn both_objects_are_valid_by_the_schemas_of_the_mesh() {
    let Some(folder) = lcr_testkit::data::folder("crd-schemas") else { return };
    for object in desired_objects(&system("rr8-pas", "https://fhir.example.org"), &[], &mesh_scope()) {
        let types = object.types.clone().unwrap();
        let (group, version) = types.api_version.split_once('/').unwrap();
        let file = folder.join(group).join(format!("{}_{version}.json", types.kind.to_lowercase()));
        let schema: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
        let object = serde_json::to_value(&object).unwrap();
        let errors: Vec<String> = jsonschema::validator_for(&schema)
            .unwrap()
            .iter_errors(&object)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect();
        assert_eq!(errors, [] as [&str; 0]);
    }
}

proptest! {
    /// The mesh and Kubernetes accept only DNS names as hosts.
    #[test]
    fn any_endpoint_opens_a_dns_name_or_nothing(endpoint in "https?://[ -~]{0,30}|https://[a-z0-9.-]{1,20}(:[0-9]{1,5})?/") {
        for object in desired_objects(&system("rr8-pas", &endpoint), &[], &mesh_scope()) {
            let name = object.name_any();
            let ends = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit();
            let label = |one: &str| {
                let bytes = one.as_bytes();
                bytes.first().is_some_and(|b| ends(*b)) && bytes.last().is_some_and(|b| ends(*b))
                    && bytes.iter().all(|b| ends(*b) || *b == b'-')
            };
            prop_assert!(endpoint.starts_with("https") && name.split('.').all(label), "{}", name);
        }
    }
}
