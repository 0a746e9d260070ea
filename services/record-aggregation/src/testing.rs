//! A scene for this crate's tests: the service over a fake consent, a fake index and fake sources. It must never be part of the
//! service.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::needless_pass_by_value, reason = "tests")]

mod fakes;
mod source;

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU64, AtomicUsize},
    },
    time::Duration,
};

use futures::StreamExt;
use jiff::Timestamp;
use lcr_auth::KeyRing;
use lcr_authorise::Authoriser;
use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_contracts::{
    Caller, Records,
    audit::AccessKind,
    records_api::{DocumentRequest, ViewRequest},
    registry::{DatasetSwitch, Organisation, PartnerState, Registry, System, SystemSetup},
    vocabulary::OrganisationKind,
};
use lcr_model::{
    Actor, ActorKind, Clock, Dataset, LocalId, LocalIdKey, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId,
    SigningKey, SourceId, SourceIdentity, SystemClock, UserId, ViewId, seal::DataKeys,
};
use lcr_runtime::Stop;
use lcr_store::{Durability, Store};
use lcr_testkit::{FakeConsent, Folder};
use lcr_web::{EgressRules, Outbound};
use serde_json::{Value, json};

use crate::{
    Metrics,
    domain::resource_type::ResourceType,
    fhir_api,
    hashed_ids::HashedIds,
    list_reader::{Budget, ListReader},
    service::{AnswerSharing, DecisionClient, PushedItems, Service, WardStays},
    sources::Sources,
    store::Migrator,
};

pub use fakes::FakeServices;
pub use source::FakeSource;

/// The id by which the sources know the person.
pub const LOCAL_ID: &str = "7";

/// The service over fakes, and its sources.
pub struct Scene {
    pub service: Arc<Service>,
    pub fakes: Arc<FakeServices>,
    pub sources: BTreeMap<String, FakeSource>,
    pub folder: Folder,
}

impl Scene {
    /// One hospital, `st-marker`, with these items.
    pub async fn with(items: Vec<Value>) -> Self {
        Self::with_sources(vec![("st-marker", "hospital", items)]).await
    }

    /// Sources with these ids, kinds and items.
    pub async fn with_sources(definitions: Vec<(&str, &str, Vec<Value>)>) -> Self {
        let folder = Folder::new("record-scene").unwrap();
        let (mut systems, mut sources, mut identities) = (vec![], BTreeMap::new(), vec![]);
        for (id, kind, items) in definitions {
            let (source, base) = FakeSource::start(items).await;
            systems.push(system(id, kind, &base));
            identities.push(SourceIdentity { source: SourceId::new(id), local_id: LocalId(LOCAL_ID.into()) });
            sources.insert(id.to_owned(), source);
        }
        let registry = Registry { systems, organisations: vec![owner(true)] };
        let key = SigningKey::generate().unwrap();
        let fakes = Arc::new(FakeServices {
            person: PersonId::new(),
            epoch: AtomicU64::new(1),
            objected: Mutex::default(),
            hide: Mutex::default(),
            clearances: Mutex::default(),
            labels: Mutex::default(),
            refused: Mutex::default(),
            changes_left: AtomicUsize::new(0),
            catching_up_left: AtomicUsize::new(0),
            new_identities: Mutex::default(),
            identities: Mutex::new(identities),
            registry: Mutex::new(registry.clone()),
            decisions: AtomicUsize::new(0),
        });
        let service = Arc::new(service(&folder, &fakes, key, registry).await);
        Self { service, fakes, sources, folder }
    }

    pub fn source(&self) -> &FakeSource {
        self.sources.values().next().unwrap()
    }

    /// A reader of the sources' lists, without pauses of earlier rounds.
    pub fn list_reader(&self, budget: Budget) -> ListReader {
        ListReader::new(self.service.clock.clone(), self.service.sources.clone(), budget)
    }

    /// Drops the cached answers of all sources.
    pub async fn clear_cache(&self) {
        for connector in self.service.sources.state().connectors.values() {
            connector.clear_cache(LOCAL_ID).await;
        }
    }

    pub fn ask(&self) -> ViewRequest {
        ViewRequest {
            person: self.fakes.person,
            view: ViewId::new(),
            datasets: None,
            what: AccessKind::Record,
            live: false,
        }
    }
}

impl Scene {
    /// The text of every output, or its refusal: (output, text).
    pub async fn all_outputs(&self) -> Vec<(String, String)> {
        let (service, caller) = (&self.service, caller());
        let mut out = vec![];
        let record = service.whole(&caller, self.ask()).await;
        out.push((
            "record".to_owned(),
            record.map_or_else(|f| f.outward().to_owned(), |record| json!(record).to_string()),
        ));
        let mut updates = service.view(&caller, self.ask()).await.unwrap();
        while let Some(update) = updates.next().await {
            out.push(("stream".to_owned(), json!(update).to_string()));
        }
        for kind in ResourceType::ALL {
            let pairs = vec![("patient".to_owned(), self.fakes.person.to_string())];
            let found = fhir_api::search::search_by_patient(service, &caller, *kind, &pairs).await;
            out.push((
                format!("FHIR {}", kind.as_str()),
                found.map_or_else(|f| f.outward().to_owned(), |b| b.to_string()),
            ));
        }
        let read = fhir_api::patients::read(service, &caller, &self.fakes.person.to_string()).await;
        out.push(("FHIR read".to_owned(), read.map_or_else(|f| f.outward().to_owned(), |one| one.to_string())));
        for (source, fake) in &self.sources {
            let items = fake.items.lock().unwrap().clone();
            for item in items {
                let entry =
                    format!("{source}~{}~{}", item["resourceType"].as_str().unwrap(), item["id"].as_str().unwrap());
                let sent = service.item(&caller, self.ask(), &entry).await;
                out.push((
                    "item".to_owned(),
                    sent.map_or_else(|f| f.outward().to_owned(), |one| json!(one).to_string()),
                ));
                let file = DocumentRequest { entry, file: 0 };
                let content = service.document(&caller, self.ask(), file).await;
                out.push((
                    "document".to_owned(),
                    content.map_or_else(|f| f.outward().to_owned(), |one| json!(one).to_string()),
                ));
            }
        }
        out
    }
}

async fn service(folder: &Folder, fakes: &Arc<FakeServices>, key: SigningKey, registry: Registry) -> Service {
    let keys = KeyRing::new(SigningKey::generate().unwrap(), [(ServiceName::Consent, key.public().clone())]);
    let file = folder.path().join("record.db");
    let store = Store::open::<Migrator>(&file, "record-aggregation", Durability::Rebuildable).await.unwrap();
    let data_keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
    let cache = SealedCache::new(Arc::new(EmbeddedCache::new(16 << 20)), data_keys.clone());
    let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
    let metrics = Metrics::new(&lcr_observe::Meter::new()).unwrap();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let consent = Arc::new(FakeConsent { rules: fakes.clone(), key, clock: clock.clone() });
    let sources = Sources::new(outbound, data_keys.clone(), cache, clock.clone(), metrics.sources.clone());
    sources.set_registry(registry);
    Service {
        store: store.clone(),
        clock: clock.clone(),
        sources: Arc::new(sources),
        decisions: DecisionClient {
            patient_index: fakes.clone(),
            authoriser: Authoriser { service: ServiceName::RecordAggregation, consent, keys, clock },
        },
        hashed_ids: HashedIds {
            store: store.clone(),
            keys: data_keys.clone(),
            key: Arc::new(LocalIdKey::new([7; 32])),
        },
        pushed_items: PushedItems { store: store.clone(), keys: data_keys.clone() },
        completions: crate::service::start_completions(store.clone()),
        ward_stays: WardStays { store, keys: data_keys, feeds: Arc::default() },
        lists: Arc::default(),
        changes: tokio::sync::broadcast::channel(crate::service::change_feed::CHANNEL_CAPACITY).0,
        deadline: Duration::from_secs(2),
        metrics,
        sharing: AnswerSharing::default(),
        stop: Stop::new(),
    }
}

/// The owner of all systems.
pub fn owner(agreement_signed: bool) -> Organisation {
    Organisation {
        ods: OdsCode::new("Z9M01"),
        name: "Northgate Mental Health".into(),
        kind: OrganisationKind::MentalHealth,
        agreement_signed,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

pub fn system(id: &str, kind: &str, base: &str) -> System {
    System {
        id: SourceId::new(id),
        name: format!("{id} by name"),
        organisation: OdsCode::new("Z9M01"),
        base_url: base.into(),
        kind: kind.into(),
        authority: kind == "authority",
        discreet: kind == "discreet",
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

/// A clinician of a practice.
pub fn caller() -> Caller {
    let actor = Actor {
        user: UserId::new("u1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    Caller { until: Timestamp::MAX, ..lcr_testkit::caller(ServiceName::RecordAggregation, actor) }
}

/// An item about the person, of one of the types we read.
pub fn item(kind: &str, id: &str, more: Value) -> Value {
    let subject =
        if matches!(kind, "AllergyIntolerance" | "Immunization" | "RelatedPerson") { "patient" } else { "subject" };
    let mut value = json!({ "resourceType": kind, "id": id });
    if kind != "Patient" {
        value[subject] = json!({ "reference": format!("Patient/{LOCAL_ID}") });
    }
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    value
}
