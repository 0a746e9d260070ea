//! The first page of the list of people in care, for a trust with a caseload of a hundred thousand in a file of `SQLite`.
//! Beside it, a bare count of the same links and people, which the database reads once each.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use lcr_auth::KeyRing;
use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_consent::domain::policies::OverridePolicy;
use lcr_contracts::{
    care_list::{CareListQuery, MAX_LISTED},
    events::{CareLink, CareLinkReceived, EventBody, PartnersChanged, PersonChanged},
    registry::{Organisation, PartnerState},
};
use lcr_model::{
    CareLinkKind, Clock, LocalId, OdsCode, PersonId, Role, ServiceName, SigningKey, SourceId, SourceIdentity,
    SystemClock, seal::DataKeys,
};
use lcr_runtime::Stop;
use lcr_store::{Durability, NoTables, Store};
use lcr_testkit::{Folder, eventually};
use lcr_web::Authenticator;
use sea_orm::{ConnectionTrait, Statement};

use super::{actor, system};
use crate::{kernel::bytes_read, limits::build_audit, load::median, report::Report};

const PEOPLE: u64 = 100_000;
/// Events that their owner publishes in one transaction.
const PER_TRANSACTION: usize = 5_000;
const ROUNDS: u32 = 15;
const GIVE_UP: Duration = Duration::from_mins(10);
const TRUST: &str = "Z9C01";
const SOURCE: &str = "community";

/// Consent with its bus, and the owner of all events that it receives.
struct Scene {
    consent: lcr_consent::Handle,
    keys: Arc<DataKeys>,
    others: Store,
    bus: EmbeddedBus,
    stop: Stop,
    _folder: Folder,
}

pub async fn measure(report: &mut Report) {
    let scene = Scene::start().await;
    let started = Instant::now();
    scene.fill().await;
    let note = "links and people as events, on the embedded bus";
    report.add("care list: a caseload of 100,000 stored", started.elapsed().as_secs_f64(), "s", note);
    let nurse = lcr_testkit::caller(ServiceName::Gateway, actor(Role::CommunityNurse, TRUST));
    let (mut pages, mut counts, mut links) = (vec![], vec![], 0);
    let read_before = bytes_read(std::process::id());
    for _ in 0..ROUNDS {
        let query = CareListQuery { kind: None, offset: 0, limit: MAX_LISTED };
        let asked = Instant::now();
        let page = scene.consent.api.care_list(&nurse, query).await.unwrap();
        pages.push(asked.elapsed());
        assert_eq!((page.people.len() as u64, page.total), (MAX_LISTED, PEOPLE));
    }
    let read = (bytes_read(std::process::id()) - read_before) / f64::from(ROUNDS);
    for _ in 0..ROUNDS {
        let asked = Instant::now();
        links = scene.count().await;
        counts.push(asked.elapsed());
    }
    scene.stop.cancel();
    let (first, bare) = ("care list: first page of 100,000", "care list: bare count of 100,000");
    report.add(first, median(pages) * 1000.0, "ms", "100 people, each decided about; median of 15");
    report.add(bare, median(counts) * 1000.0, "ms", "each link and its person once, without an order");
    report.ratio("care list: first page over bare count", first, bare, "1 is the limit");
    report.add("care list: rows counted", links as f64, "", "in the database; of them 100 people reach the service");
    report.add("care list: read for the first page", read / 1e6, "MB", "from the file, mostly the kernel's cache");
}

impl Scene {
    async fn start() -> Self {
        let folder = Folder::new("bench-caseload").unwrap();
        let at = |name: &str| folder.path().join(name);
        let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
        let (signer, clock) = (SigningKey::generate().unwrap(), Arc::new(SystemClock));
        let authenticator =
            Authenticator { me: ServiceName::Consent, keys: KeyRing::new(signer.clone(), []), clock: clock.clone() };
        let deps = lcr_consent::Deps {
            store: at("consent.db").into(),
            clock,
            authenticator,
            signer,
            audit: build_audit(&folder).await.api,
            data_keys: keys.clone(),
            override_policy: OverridePolicy::NoOverride,
            metrics: lcr_consent::Metrics::new(&lcr_observe::Meter::new()).unwrap(),
        };
        let consent = lcr_consent::build(deps).await.unwrap();
        let others = Store::open::<NoTables>(&at("others.db"), "others", Durability::Rebuildable).await.unwrap();
        let (bus, stop) = (EmbeddedBus::open(&at("bus.db")).await.unwrap(), Stop::new());
        bus.attach(others.outbox());
        consent.listen(&Subscriptions::new(Arc::new(bus.clone()), stop.clone()));
        Self { consent, keys, others, bus, stop, _folder: folder }
    }

    /// Publishes the trust, its links and then its people, so that no page is decided again.
    async fn fill(&self) {
        let organisation = Organisation {
            ods: OdsCode::new(TRUST),
            name: TRUST.to_owned(),
            kind: "community".into(),
            agreement_signed: true,
            part_of: None,
            serves: vec![],
            state: PartnerState::Live,
            receives: None,
        };
        let partner = |organisation, system| PartnersChanged { version: 1, organisation, system };
        let system = system(SOURCE, "community", TRUST);
        self.publish(&[partner(Some(organisation), None), partner(None, Some(system))]).await;
        let link = CareLink {
            kind: CareLinkKind::Caseload,
            organisation: OdsCode::new(TRUST),
            team: None,
            from: None,
            until: None,
            stands: true,
        };
        let sealed = self.keys.seal("feeds/care-link", &serde_json::to_vec(&link).unwrap()).unwrap();
        let link = |number: u64| CareLinkReceived {
            identity: identity(number),
            link: format!("l{number}"),
            version: 1,
            sealed: sealed.clone(),
        };
        self.publish(&(0..PEOPLE).map(link).collect::<Vec<_>>()).await;
        let person = |number: u64| PersonChanged {
            person: PersonId::new(),
            version: 1,
            identities: vec![identity(number)],
            practice: None,
            marks: vec![],
        };
        self.publish(&(0..PEOPLE).map(person).collect::<Vec<_>>()).await;
    }

    /// Publishes events and waits until consent has processed them.
    async fn publish<B: EventBody + Clone + 'static>(&self, bodies: &[B]) {
        for chunk in bodies.chunks(PER_TRANSACTION) {
            let (now, chunk) = (SystemClock.now(), chunk.to_vec());
            let write = self.others.write(async move |tx| Store::publish(&tx, now, &chunk).await);
            write.await.unwrap();
        }
        eventually(GIVE_UP, "consent has processed the events", async || {
            self.bus.rows_behind(B::STREAM, "consent").await.unwrap() == 0
        })
        .await;
    }

    /// Counts the links of the trust that have a person.
    async fn count(&self) -> i64 {
        const COUNT: &str = r#"SELECT COUNT(*) FROM "care_link" INNER JOIN "person_identity"
            ON "person_identity"."key" = "care_link"."identity_key" WHERE "care_link"."organisation" = 'Z9C01'"#;
        let db = self.consent.store.read();
        let count = Statement::from_string(db.get_database_backend(), COUNT);
        db.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }
}

fn identity(number: u64) -> SourceIdentity {
    SourceIdentity { source: SourceId::new(SOURCE), local_id: LocalId(format!("p{number}")) }
}
