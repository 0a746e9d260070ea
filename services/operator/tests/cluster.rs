//! The operator against a real API server, if `KUBECONFIG` names one: validation, field ownership and garbage collection,
//! which the fake server lacks. The test installs the definition. The namespace `lcr-egress` and the mesh's definitions
//! must exist. It names its objects `zz9-…` and removes them. Without a cluster it prints the skipped steps.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, clippy::print_stderr, reason = "tests")]

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, ResourceExt,
    api::{DeleteParams, DynamicObject, ListParams, Patch, PatchParams, PostParams},
    runtime::reflector,
};
use lcr_contracts::{
    Failure, Registrar,
    registrar::{PartnerSet, ReplaceResult},
};
use lcr_model::SystemClock;
use lcr_operator::{
    Operator,
    crd::{PartnerSystem, definition},
    domain::{
        MeshScope,
        conditions::{READY, status_of},
        egress::{authorization_policies, service_entries},
    },
    lease::Lease,
    metrics::Metrics,
    probe::{Probes, TrustRoots},
    reconcile::{Context, ContextParts},
};
use lcr_runtime::Stop;
use lcr_testkit::eventually;
use lcr_web::EgressRules;
use serde_json::json;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

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

async fn check_refusals(client: &Client) {
    step(1);
    let api = systems(client);
    let mut misnamed = system("pas", None);
    misnamed.metadata.name = Some("zz9-other".into());
    let mut without_senders = system("pas", None);
    without_senders.spec.senders.clear();
    for wrong in [
        misnamed,
        without_senders,
        system("pas", Some("http://fhir.example.org")),
        system("pas", Some("https://10.1.2.3/")),
    ] {
        let refused = api.create(&PostParams::default(), &wrong).await.unwrap_err();
        assert!(matches!(&refused, kube::Error::Api(status) if status.code == 422), "{refused}");
    }
    step(2);
    api.create(&PostParams::default(), &system("kept", None)).await.unwrap();
    let other = json!({"spec": {"odsCode": "ZZ8"}});
    let refused = api.patch("zz9-kept", &PatchParams::default(), &Patch::Merge(other)).await.unwrap_err();
    assert!(matches!(&refused, kube::Error::Api(status) if status.code == 422), "{refused}");
}

fn replica(client: &Client, identity: &str) -> (JoinHandle<std::io::Result<()>>, watch::Receiver<bool>) {
    let clock = Arc::new(SystemClock);
    let (leader_sender, leader_receiver) = watch::channel(false);
    let (all, writer) = reflector::store();
    let (context, requeue) = Context::new(ContextParts {
        client: client.clone(),
        mesh_scope: Some(MeshScope {
            egress_namespace: "lcr-egress".into(),
            trust_domain: "cluster.local".into(),
            application_namespace: "lcr".into(),
            service_account_prefix: "lcr-".into(),
        }),
        clock: clock.clone(),
        registrar: Arc::new(AcceptingRegistrar),
        metrics: Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        probes: Probes::new(EgressRules::default(), TrustRoots::from_system().unwrap(), clock.clone()),
        leader: leader_receiver.clone(),
        systems: all,
        identity: identity.into(),
        credentials_namespace: None,
    });
    let lease = Lease::new(client.clone(), "default", "zz9-operator", identity, clock);
    (
        tokio::spawn(Operator { context, writer, requeue, lease, leader: leader_sender }.run(Stop::new())),
        leader_receiver,
    )
}

async fn check_one_system(client: &Client) {
    step(3);
    let (api, entries, policies) = (systems(client), entries(client), policies(client));
    api.create(&PostParams::default(), &system("pas", Some("https://zz9.example.org/r4"))).await.unwrap();
    // The address does not exist, so the system is registered but does not answer.
    let in_place = async || reason(&api.get("zz9-pas").await.unwrap()) == "NotAnswering";
    eventually(LIMIT, "the system is registered", in_place).await;
    assert!(entries.get("zz9.example.org").await.is_ok());
    step(4);
    let foreign_rule =
        json!({"spec": {"rules": [{"from": [{"source": {"principals": ["cluster.local/ns/x/sa/guest"]}}]}]}});
    policies.patch("zz9-pas", &PatchParams::default(), &Patch::Merge(foreign_rule)).await.unwrap();
    let is_restored = async || {
        let policy = policies.get("zz9-pas").await.unwrap();
        !policy.data.to_string().contains("guest")
    };
    eventually(LIMIT, "the policy is restored", is_restored).await;
    step(5);
    api.delete("zz9-pas", &DeleteParams::default()).await.unwrap();
    let is_gone = async || {
        entries.get_opt("zz9.example.org").await.unwrap().is_none()
            && policies.get_opt("zz9-pas").await.unwrap().is_none()
    };
    eventually(LIMIT, "its mesh objects are deleted", is_gone).await;
}

async fn check_many_systems(client: &Client) {
    step(6);
    let api = systems(client);
    for at in 0..300 {
        api.create(&PostParams::default(), &system(&format!("many-{at}"), None)).await.unwrap();
    }
    let all_ready = async || {
        let all = api.list(&ListParams::default()).await.unwrap();
        all.items.iter().filter(|one| one.name_any().starts_with("zz9-many-") && is_ready(one)).count() == 300
    };
    eventually(LIMIT, "all are ready", all_ready).await;
    step(7);
    let versions = async || {
        let all = api.list(&ListParams::default()).await.unwrap();
        all.items.iter().map(ResourceExt::resource_version).collect::<Vec<_>>()
    };
    tokio::time::sleep(Duration::from_secs(3)).await;
    let before = versions().await;
    tokio::time::sleep(Duration::from_secs(30)).await;
    assert_eq!(versions().await, before);
}

type Replica = (JoinHandle<std::io::Result<()>>, watch::Receiver<bool>);

async fn check_succession(client: &Client, first: Replica, second: Replica) {
    step(8);
    let (leader, mut other) = if *first.1.borrow() { (first, second) } else { (second, first) };
    let killed_at = Instant::now();
    leader.0.abort();
    tokio::time::timeout(Duration::from_secs(20), other.1.wait_for(|is_leader| *is_leader)).await.unwrap().unwrap();
    eprintln!("succeeded after {:?}", killed_at.elapsed());
    systems(client).create(&PostParams::default(), &system("after", None)).await.unwrap();
    eventually(LIMIT, "the successor works", async || is_ready(&systems(client).get("zz9-after").await.unwrap())).await;
    other.0.abort();
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
