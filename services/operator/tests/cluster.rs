//! The operator against a real API server, if `KUBECONFIG` names one: validation, field ownership and garbage collection,
//! which the fake server lacks. The test installs the definition. The namespace `lcr-egress` and the mesh's definitions
//! must exist. It names its objects `zz9-…` and removes them. Without a cluster it prints the skipped steps.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::print_stderr, reason = "tests")]

#[path = "cluster/checks.rs"]
mod checks;

use std::time::Duration;

use async_trait::async_trait;
use checks::{check_many_systems, check_one_system, check_refusals, check_succession, replica};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams},
};
use lcr_contracts::{
    Failure, Registrar,
    registrar::{PartnerSet, ReplaceResult},
};
use lcr_operator::{
    crd::{PartnerSystem, definition},
    domain::{
        conditions::{READY, status_of},
        egress::{authorization_policies, service_entries},
    },
};
use lcr_testkit::eventually;
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(30);

const STEPS: [&str; 9] = [
    "the definition can be applied twice",
    "contradictions are refused",
    "the organisation of a resource cannot change",
    "a system is ready, with its mesh objects",
    "foreign changes are overwritten",
    "a deleted system's mesh objects are deleted",
    "three hundred are ready in thirty seconds",
    "at rest nothing is written",
    "a killed leader is replaced in twenty seconds",
];

#[derive(Debug)]
struct AcceptingRegistrar;

#[async_trait]
impl Registrar for AcceptingRegistrar {
    async fn replace(&self, _: PartnerSet) -> Result<ReplaceResult, Failure> {
        Ok(ReplaceResult::default())
    }
    async fn others(&self) -> Result<PartnerSet, Failure> {
        Ok(PartnerSet::default())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nine_steps_on_a_real_api_server() {
    if std::env::var_os("KUBECONFIG").is_none() {
        for step in STEPS {
            eprintln!("skipped, since KUBECONFIG names no cluster: {step}");
        }
        return;
    }
    let client = Client::try_default().await.expect("KUBECONFIG names a cluster that answers");
    remove_test_objects(&client).await;
    install_definition(&client).await;
    check_refusals(&client).await;
    let (first, second) = (replica(&client, "one"), replica(&client, "two"));
    check_one_system(&client).await;
    check_many_systems(&client).await;
    check_succession(&client, first, second).await;
    remove_test_objects(&client).await;
}

fn systems(client: &Client) -> Api<PartnerSystem> {
    Api::all(client.clone())
}

fn entries(client: &Client) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), "lcr-egress", &service_entries())
}

fn policies(client: &Client) -> Api<DynamicObject> {
    Api::namespaced_with(client.clone(), "lcr-egress", &authorization_policies())
}

fn step(at: usize) {
    eprintln!("step {}: {}", at + 1, STEPS[at]);
}

/// A FHIR system if there is an endpoint, otherwise a feed.
fn system(name: &str, endpoint: Option<&str>) -> PartnerSystem {
    let protocol = if endpoint.is_some() { "fhir-r4" } else { "hl7v2-mllp" };
    let mut spec = json!({
        "odsCode": "ZZ9", "system": name, "name": "Test", "kind": "hospital", "protocol": protocol,
        "organisation": {"name": "Test", "kind": "acute"}, "datasets": ["demographics"],
        "senders": [{"application": "PAS", "facility": name}],
        "agreement": {"reference": "ISA-1", "signedOn": "2026-01-01"}
    });
    if let Some(endpoint) = endpoint {
        spec["endpoint"] = json!(endpoint);
    }
    PartnerSystem::new(&format!("zz9-{name}"), serde_json::from_value(spec).unwrap())
}

async fn install_definition(client: &Client) {
    step(0);
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    for _ in 0..2 {
        let params = PatchParams::apply("lcr-test").force();
        api.patch("partnersystems.leedscarerecord.uk", &params, &Patch::Apply(definition())).await.unwrap();
    }
    let api = systems(client);
    eventually(LIMIT, "the definition is served", async || api.list(&ListParams::default()).await.is_ok()).await;
}

fn reason(system: &PartnerSystem) -> String {
    let all = system.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    all.iter().find(|one| one.type_ == READY).map(|one| one.reason.clone()).unwrap_or_default()
}

fn is_ready(system: &PartnerSystem) -> bool {
    system.status.as_ref().is_some_and(|status| status_of(&status.conditions, READY) == "True")
}

async fn remove_test_objects(client: &Client) {
    let api = systems(client);
    let Ok(all) = api.list(&ListParams::default()).await else { return };
    for one in all.items.iter().filter(|one| one.name_any().starts_with("zz9-")) {
        api.delete(&one.name_any(), &DeleteParams::default()).await.unwrap();
    }
}
