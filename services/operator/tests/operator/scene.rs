//! Test fixtures: a partner system, a fake registrar, and a context on the fake API server.

mod fakes;

use std::sync::Arc;

pub use fakes::{FakeRegistrar, TestClock};
use kube::runtime::{
    reflector::{self, ObjectRef, store::Writer},
    watcher::Event,
};
use lcr_observe::Meter;
use lcr_operator::{
    crd::PartnerSystem,
    domain::MeshScope,
    metrics::Metrics,
    probe::{Probes, TrustRoots},
    reconcile::{Context, ContextParts},
};
use lcr_web::EgressRules;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::fake_api_server::FakeApiServer;

pub const SYSTEMS: &str = "apis/leedscarerecord.uk/v1/partnersystems";
pub const ENTRIES: &str = "apis/networking.istio.io/v1/namespaces/lcr-egress/serviceentries";
pub const POLICIES: &str = "apis/security.istio.io/v1/namespaces/lcr-egress/authorizationpolicies";
pub const SECRETS: &str = "api/v1/namespaces/lcr-partners/secrets";
pub const EVENTS: &str = "apis/events.k8s.io/v1/namespaces/default/events";

/// A FHIR system of RR8. Its host has no address, so no test calls a real host.
pub fn fhir(system: &str) -> Value {
    json!({
        "apiVersion": "leedscarerecord.uk/v1",
        "kind": "PartnerSystem",
        "metadata": {"name": format!("rr8-{system}")},
        "spec": {
            "odsCode": "RR8",
            "system": system,
            "name": "Leeds PAS",
            "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute"},
            "kind": "hospital",
            "protocol": "fhir-r4",
            "endpoint": format!("https://{system}.invalid/r4"),
            "datasets": ["demographics", "encounters"],
            "agreement": {"reference": "ISA-2026-014", "signedOn": "2026-04-01", "expires": "2028-03-31"}
        }
    })
}

/// A Secret as the API server returns it: with the values in base64.
pub fn secret(name: &str, values: &[(&str, &str)]) -> Value {
    let encoded = values
        .iter()
        .map(|(key, value)| (*key, serde_json::to_value(k8s_openapi::ByteString(value.as_bytes().to_vec())).unwrap()));
    json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name},
           "data": encoded.collect::<std::collections::BTreeMap<_, _>>()})
}

pub fn parsed(value: &Value) -> PartnerSystem {
    serde_json::from_value(value.clone()).unwrap()
}

pub struct Scene {
    pub api: FakeApiServer,
    pub clock: TestClock,
    pub registrar: Arc<FakeRegistrar>,
    pub meter: Meter,
    pub context: Arc<Context>,
    pub leader_sender: watch::Sender<bool>,
    pub writer: Writer<PartnerSystem>,
    pub requeue: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
}

impl Scene {
    /// A leader in a cluster with a mesh.
    pub fn new() -> Self {
        Self::with_egress_rules(EgressRules::default())
    }

    /// A leader that may probe the addresses these rules permit.
    pub fn with_egress_rules(rules: EgressRules) -> Self {
        Self::build(
            rules,
            Some(MeshScope {
                egress_namespace: "lcr-egress".into(),
                trust_domain: "cluster.local".into(),
                application_namespace: "lcr".into(),
                service_account_prefix: "lcr-".into(),
            }),
        )
    }

    pub fn with_mesh_scope(mesh_scope: Option<MeshScope>) -> Self {
        Self::build(EgressRules::default(), mesh_scope)
    }

    fn build(rules: EgressRules, mesh_scope: Option<MeshScope>) -> Self {
        let (api, clock, registrar) =
            (FakeApiServer::default(), TestClock::default(), Arc::new(FakeRegistrar::default()));
        let (leader_sender, leader_receiver) = watch::channel(true);
        let (all, writer) = reflector::store();
        let meter = Meter::new();
        let trust = TrustRoots::from_verifier(crate::probe::untrusting_verifier());
        let (context, requeue) = Context::new(ContextParts {
            client: api.client(),
            mesh_scope,
            clock: Arc::new(clock.clone()),
            registrar: registrar.clone(),
            metrics: Metrics::new(&meter).unwrap(),
            probes: Probes::new(rules, trust, Arc::new(clock.clone())),
            leader: leader_receiver,
            systems: all,
            identity: "lcr-operator-0".into(),
            credentials_namespace: Some("lcr-partners".into()),
        });
        Self { api, clock, registrar, meter, context, leader_sender, writer, requeue }
    }

    /// Applies the cluster's present state as a watch would.
    pub fn refresh_watch(&mut self) -> Vec<Arc<PartnerSystem>> {
        self.writer.apply_watcher_event(&Event::Init);
        for one in self.api.all(SYSTEMS) {
            self.writer.apply_watcher_event(&Event::InitApply(parsed(&one)));
        }
        self.writer.apply_watcher_event(&Event::InitDone);
        self.context.systems.state()
    }

    /// Refreshes the watch, then reconciles every system once.
    pub async fn reconcile_all(&mut self) {
        for system in self.refresh_watch() {
            lcr_operator::reconcile::reconcile(system, self.context.clone()).await.unwrap();
        }
    }

    /// Waits until this many probes have changed a result.
    pub async fn wait_for_probes(&mut self, hosts: usize) {
        for _ in 0..hosts {
            self.requeue.recv().await.unwrap();
        }
    }

    /// A system's condition as `status reason`.
    pub fn condition(&self, name: &str, type_: &str) -> String {
        let object = self.api.get(SYSTEMS, name).unwrap();
        let all = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let one = all.iter().find(|one| one["type"] == type_).cloned().unwrap_or_default();
        format!("{} {}", one["status"].as_str().unwrap_or_default(), one["reason"].as_str().unwrap_or_default())
    }
}
