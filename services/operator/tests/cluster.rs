//! The operator against a real API server, when `KUBECONFIG` names one: what a server in memory cannot show, that is
//! schemas and rules at the door, field ownership, garbage collection. The definition is installed by the test; the
//! egress namespace `lcr-egress` and the mesh's definitions must be there. Everything it makes is named `zz9-…` and is
//! removed. Without a cluster each step is named as skipped.

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
    registrar::{PartnerSet, Replaced},
};
use lcr_model::SystemClock;
use lcr_operator::{
    Operator,
    crd::{PartnerSystem, definition},
    domain::{
        Places,
        conditions::{READY, status_of},
        egress::{authorization_policies, service_entries},
    },
    lease::Lease,
    metrics::Metrics,
    probe::{Probes, Trust},
    reconcile::{Context, Parts},
};
use lcr_runtime::Stop;
use lcr_web::EgressRules;
use serde_json::json;
use tokio::{sync::watch, task::JoinHandle, time::Instant};

const STEPS: [&str; 9] = [
    "the definition is taken, and taken again",
    "what contradicts itself is refused",
    "another organisation is another resource",
    "a system is in place, with its way out",
    "what others change is put right",
    "a deleted system takes its way with it",
    "three hundred are ready in thirty seconds",
    "at rest nothing is written",
    "a leader that is killed is succeeded in twenty seconds",
];

#[derive(Debug)]
struct Takes;

#[async_trait]
impl Registrar for Takes {
    async fn replace(&self, _: PartnerSet) -> Result<Replaced, Failure> {
        Ok(Replaced::default())
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
    clean(&client).await;
    install(&client).await;
    is_refused(&client).await;
    let (first, second) = (replica(&client, "one"), replica(&client, "two"));
    one_system(&client).await;
    many(&client).await;
    succession(&client, first, second).await;
    clean(&client).await;
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

/// A feed, or a FHIR system where an endpoint is given.
fn system(word: &str, endpoint: Option<&str>) -> PartnerSystem {
    let protocol = if endpoint.is_some() { "fhir-r4" } else { "hl7v2-mllp" };
    let mut spec = json!({
        "odsCode": "ZZ9", "system": word, "name": "Test", "kind": "hospital", "protocol": protocol,
        "organisation": {"name": "Test", "kind": "acute"}, "datasets": ["demographics"],
        "senders": [{"application": "PAS", "facility": word}],
        "agreement": {"reference": "ISA-1", "signedOn": "2026-01-01"}
    });
    if let Some(endpoint) = endpoint {
        spec["endpoint"] = json!(endpoint);
    }
    PartnerSystem::new(&format!("zz9-{word}"), serde_json::from_value(spec).unwrap())
}

async fn install(client: &Client) {
    step(0);
    let api: Api<CustomResourceDefinition> = Api::all(client.clone());
    for _ in 0..2 {
        let params = PatchParams::apply("lcr-test").force();
        api.patch("partnersystems.leedscarerecord.uk", &params, &Patch::Apply(definition())).await.unwrap();
    }
    let api = systems(client);
    soon("the definition is served", async || api.list(&ListParams::default()).await.is_ok()).await;
}

async fn is_refused(client: &Client) {
    step(1);
    let api = systems(client);
    let mut misnamed = system("pas", None);
    misnamed.metadata.name = Some("zz9-other".into());
    let mut mute = system("pas", None);
    mute.spec.senders.clear();
    for wrong in [
        misnamed,
        mute,
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

fn replica(client: &Client, me: &str) -> (JoinHandle<std::io::Result<()>>, watch::Receiver<bool>) {
    let clock = Arc::new(SystemClock);
    let (leads, hears) = watch::channel(false);
    let (all, writer) = reflector::store();
    let (context, again) = Context::new(Parts {
        client: client.clone(),
        places: Some(Places {
            egress_namespace: "lcr-egress".into(),
            trust_domain: "cluster.local".into(),
            application_namespace: "lcr".into(),
            service_account_prefix: "lcr-".into(),
        }),
        clock: clock.clone(),
        registrar: Arc::new(Takes),
        metrics: Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        probes: Probes::new(EgressRules::default(), Trust::of_the_system().unwrap(), clock.clone()),
        leads: hears.clone(),
        all,
        me: me.into(),
    });
    let lease = Lease::new(client.clone(), "default", "zz9-operator", me, clock);
    (tokio::spawn(Operator { context, writer, again, lease, leads }.run(Stop::new())), hears)
}

async fn one_system(client: &Client) {
    step(3);
    let (api, entries, policies) = (systems(client), entries(client), policies(client));
    api.create(&PostParams::default(), &system("pas", Some("https://zz9.example.org/r4"))).await.unwrap();
    // Nobody is at that address, so that ours is done and it does not answer.
    let in_place = async || reason(&api.get("zz9-pas").await.unwrap()) == "NotAnswering";
    soon("ours is done", in_place).await;
    assert!(entries.get("zz9.example.org").await.is_ok());
    step(4);
    let guest =
        json!({"spec": {"rules": [{"from": [{"source": {"principals": ["cluster.local/ns/x/sa/guest"]}}]}]}});
    policies.patch("zz9-pas", &PatchParams::default(), &Patch::Merge(guest)).await.unwrap();
    let is_right = async || {
        let policy = policies.get("zz9-pas").await.unwrap();
        !policy.data.to_string().contains("guest")
    };
    soon("the policy is put right", is_right).await;
    step(5);
    api.delete("zz9-pas", &DeleteParams::default()).await.unwrap();
    let is_gone = async || {
        entries.get_opt("zz9.example.org").await.unwrap().is_none()
            && policies.get_opt("zz9-pas").await.unwrap().is_none()
    };
    soon("its way is closed", is_gone).await;
}

async fn many(client: &Client) {
    step(6);
    let api = systems(client);
    for at in 0..300 {
        api.create(&PostParams::default(), &system(&format!("many-{at}"), None)).await.unwrap();
    }
    let all_ready = async || {
        let all = api.list(&ListParams::default()).await.unwrap();
        all.items.iter().filter(|one| one.name_any().starts_with("zz9-many-") && is_ready(one)).count() == 300
    };
    soon("all are ready", all_ready).await;
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

async fn succession(client: &Client, first: Replica, second: Replica) {
    step(8);
    let (holder, mut other) = if *first.1.borrow() { (first, second) } else { (second, first) };
    let killed = Instant::now();
    holder.0.abort();
    tokio::time::timeout(Duration::from_secs(20), other.1.wait_for(|leads| *leads)).await.unwrap().unwrap();
    eprintln!("succeeded after {:?}", killed.elapsed());
    systems(client).create(&PostParams::default(), &system("after", None)).await.unwrap();
    soon("the successor works", async || is_ready(&systems(client).get("zz9-after").await.unwrap())).await;
    other.0.abort();
}

fn reason(system: &PartnerSystem) -> String {
    let all = system.status.as_ref().map(|status| status.conditions.as_slice()).unwrap_or_default();
    all.iter().find(|one| one.type_ == READY).map(|one| one.reason.clone()).unwrap_or_default()
}

fn is_ready(system: &PartnerSystem) -> bool {
    system.status.as_ref().is_some_and(|status| status_of(&status.conditions, READY) == "True")
}

async fn soon(what: &str, is_so: impl AsyncFn() -> bool) {
    let begun = Instant::now();
    while !is_so().await {
        assert!(begun.elapsed() < Duration::from_secs(30), "within 30 seconds {what}");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
}

async fn clean(client: &Client) {
    let api = systems(client);
    let Ok(all) = api.list(&ListParams::default()).await else { return };
    for one in all.items.iter().filter(|one| one.name_any().starts_with("zz9-")) {
        api.delete(&one.name_any(), &DeleteParams::default()).await.unwrap();
    }
}
