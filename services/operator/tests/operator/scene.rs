//! What the tests stand on: a partner system, a registrar that remembers, a context on an API server in memory.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use kube::runtime::{
    reflector::{self, ObjectRef, store::Writer},
    watcher::Event,
};
use lcr_contracts::{
    Failure, Kind, Registrar,
    registrar::{PartnerSet, Replaced},
};
use lcr_model::Clock;
use lcr_observe::Meter;
use lcr_operator::{
    crd::PartnerSystem,
    domain::Places,
    metrics::Metrics,
    probe::{Probes, Trust},
    reconcile::{Context, Parts},
};
use lcr_web::EgressRules;
use serde_json::{Value, json};
use tokio::sync::{mpsc, watch};

use crate::api::Api;

pub const SYSTEMS: &str = "apis/leedscarerecord.uk/v1/partnersystems";
pub const ENTRIES: &str = "apis/networking.istio.io/v1/namespaces/lcr-egress/serviceentries";
pub const POLICIES: &str = "apis/security.istio.io/v1/namespaces/lcr-egress/authorizationpolicies";
pub const EVENTS: &str = "apis/events.k8s.io/v1/namespaces/default/events";

/// A FHIR system of RR8. Its host has no address anywhere, so that nobody is ever asked.
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

pub fn parsed(value: &Value) -> PartnerSystem {
    serde_json::from_value(value.clone()).unwrap()
}

/// Goes on with the machine's clock from 22 November 2026, 10:00.
#[derive(Debug, Clone)]
pub struct Later(Arc<Mutex<SignedDuration>>, std::time::Instant);

impl Later {
    pub fn by(&self, more: SignedDuration) {
        *self.0.lock().unwrap() += more;
    }
}

impl Default for Later {
    fn default() -> Self {
        Self(Arc::default(), std::time::Instant::now())
    }
}

impl Clock for Later {
    fn now(&self) -> Timestamp {
        let start: Timestamp = "2026-11-22T10:00:00Z".parse().unwrap();
        start + *self.0.lock().unwrap() + self.1.elapsed()
    }
}

/// Remembers what it was told.
#[derive(Debug, Default)]
pub struct Told {
    pub sets: Mutex<Vec<PartnerSet>>,
    pub others: Mutex<PartnerSet>,
    pub away: AtomicBool,
}

#[async_trait]
impl Registrar for Told {
    async fn replace(&self, set: PartnerSet) -> Result<Replaced, Failure> {
        if self.away.load(Ordering::SeqCst) {
            return Err(Failure::new(Kind::Unavailable, "away"));
        }
        self.sets.lock().unwrap().push(set);
        Ok(Replaced::default())
    }

    async fn others(&self) -> Result<PartnerSet, Failure> {
        Ok(self.others.lock().unwrap().clone())
    }
}

pub struct Scene {
    pub api: Api,
    pub clock: Later,
    pub registrar: Arc<Told>,
    pub meter: Meter,
    pub context: Arc<Context>,
    pub leads: watch::Sender<bool>,
    pub writer: Writer<PartnerSystem>,
    pub again: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
}

impl Scene {
    /// In the mesh, leading.
    pub fn new() -> Self {
        Self::looking(EgressRules::default())
    }

    /// The same, looking at partners where these rules let it.
    pub fn looking(rules: EgressRules) -> Self {
        Self::made(
            rules,
            Some(Places {
                egress_namespace: "lcr-egress".into(),
                trust_domain: "cluster.local".into(),
                application_namespace: "lcr".into(),
                service_account_prefix: "lcr-".into(),
            }),
        )
    }

    pub fn with(places: Option<Places>) -> Self {
        Self::made(EgressRules::default(), places)
    }

    fn made(rules: EgressRules, places: Option<Places>) -> Self {
        let (api, clock, registrar) = (Api::default(), Later::default(), Arc::new(Told::default()));
        let (leads, hears) = watch::channel(true);
        let (all, writer) = reflector::store();
        let meter = Meter::new();
        let trust = Trust::of(crate::looking::nobody());
        let (context, again) = Context::new(Parts {
            client: api.client(),
            places,
            clock: Arc::new(clock.clone()),
            registrar: registrar.clone(),
            metrics: Metrics::new(&meter).unwrap(),
            probes: Probes::new(rules, trust, Arc::new(clock.clone())),
            leads: hears,
            all,
            me: "lcr-operator-0".into(),
        });
        Self { api, clock, registrar, meter, context, leads, writer, again }
    }

    /// The cluster as a watch would tell it now.
    pub fn watched(&mut self) -> Vec<Arc<PartnerSystem>> {
        self.writer.apply_watcher_event(&Event::Init);
        for one in self.api.all(SYSTEMS) {
            self.writer.apply_watcher_event(&Event::InitApply(parsed(&one)));
        }
        self.writer.apply_watcher_event(&Event::InitDone);
        self.context.all.state()
    }

    /// Everything once, as the controller would: what is new in the cluster is watched first.
    pub async fn reconcile_all(&mut self) {
        for system in self.watched() {
            lcr_operator::reconcile::reconcile(system, self.context.clone()).await.unwrap();
        }
    }

    /// Waits until so many endpoints were looked at: the look itself is nobody's to wait for.
    pub async fn looked(&mut self, hosts: usize) {
        for _ in 0..hosts {
            self.again.recv().await.unwrap();
        }
    }

    /// The condition of a system, `status reason`.
    pub fn condition(&self, name: &str, type_: &str) -> String {
        let held = self.api.get(SYSTEMS, name).unwrap();
        let all = held["status"]["conditions"].as_array().cloned().unwrap_or_default();
        let one = all.iter().find(|one| one["type"] == type_).cloned().unwrap_or_default();
        format!(
            "{} {}",
            one["status"].as_str().unwrap_or_default(),
            one["reason"].as_str().unwrap_or_default()
        )
    }
}
