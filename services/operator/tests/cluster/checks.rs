//! The steps on a real API server. Each must leave the cluster as the next one expects it.

use std::{sync::Arc, time::Duration};

use kube::{
    Client, ResourceExt,
    api::{DeleteParams, ListParams, Patch, PatchParams, PostParams},
    runtime::reflector,
};
use lcr_model::SystemClock;
use lcr_operator::{
    Operator,
    domain::MeshScope,
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

use super::{AcceptingRegistrar, LIMIT, entries, is_ready, policies, reason, step, system, systems};

pub(super) async fn check_refusals(client: &Client) {
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

pub(super) fn replica(client: &Client, identity: &str) -> (JoinHandle<std::io::Result<()>>, watch::Receiver<bool>) {
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

pub(super) async fn check_one_system(client: &Client) {
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

pub(super) async fn check_many_systems(client: &Client) {
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

pub(super) async fn check_succession(client: &Client, first: Replica, second: Replica) {
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
