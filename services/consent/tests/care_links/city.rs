//! A community trust and a hospital that send care links, with consent in a file and in `PostgreSQL`.

use jiff::{Timestamp, ToSpan};
use lcr_consent::process::ConsentProcess;
use lcr_contracts::{
    Caller,
    consent::Refusal,
    events::{CareLink, CareLinkReceived, ChoiceChanged, PartnersChanged, Stream},
    registry::{DatasetSwitch, System},
};
use lcr_model::{CareLinkKind, Clock, Dataset, OdsCode, PersonId, SourceId, SystemClock};
use lcr_runtime::process::Process;
use lcr_store::{Location, migrate};
use lcr_testkit::servers::Postgres;

use super::scene::{Scene, identity, organisation, system};

pub const COMMUNITY: &str = "Z9C01";
const TRUST: &str = "community";

pub struct City {
    pub scene: Scene,
}

impl City {
    /// One in a file, one in `PostgreSQL`.
    pub async fn both() -> [Self; 2] {
        let location = Location::parse(&Postgres::shared().database(), "consent").unwrap();
        migrate::run::<<ConsentProcess as Process>::Tables>(&location, &location).await.unwrap();
        [Self::in_store(None).await, Self::in_store(Some(location)).await]
    }

    async fn in_store(location: Option<Location>) -> Self {
        let city = Self { scene: Scene::build(std::sync::Arc::default(), location).await };
        let community = Some(organisation(COMMUNITY, "community"));
        city.scene
            .publish(PartnersChanged { version: 1, organisation: community, system: None }, Stream::Partners)
            .await;
        city.suspend(1, false).await;
        city
    }

    /// Registers the trust's system.
    pub async fn suspend(&self, version: i64, suspended: bool) {
        let datasets = [Dataset::Demographics, Dataset::Referrals, Dataset::Appointments];
        let system = System {
            id: SourceId::new(TRUST),
            organisation: OdsCode::new(COMMUNITY),
            datasets: datasets.map(|dataset| (dataset, DatasetSwitch::On)).into(),
            suspended,
            ..system()
        };
        let change = PartnersChanged { version, organisation: None, system: Some(system) };
        self.scene.publish(change, Stream::Partners).await;
    }

    /// A new person whom the trust knows.
    pub async fn person(&self, local: &str) -> PersonId {
        let person = PersonId::new();
        self.scene.person(person, 1, &[identity(TRUST, local)]).await;
        person
    }

    /// The trust sends a link of the person.
    pub async fn send(&self, id: &str, local: &str, version: i64, link: &CareLink) {
        self.scene.publish(self.event(id, local, version, link), Stream::Feeds).await;
    }

    pub fn event(&self, id: &str, local: &str, version: i64, link: &CareLink) -> CareLinkReceived {
        let sealed = self.scene.keys.seal("feeds/care-link", &serde_json::to_vec(link).unwrap()).unwrap();
        CareLinkReceived { identity: identity(TRUST, local), link: id.into(), version, sealed }
    }

    pub async fn open(&self, who: &Caller, person: PersonId) -> Result<(), Refusal> {
        self.scene.open_record(who, person, 1, &[]).await
    }

    /// The people whose open pages were decided again, in the order of the events.
    pub async fn decided_again(&self) -> Vec<PersonId> {
        let rows = self.scene.consent.store.outbox().after(Stream::Consent, 0, 10_000).await.unwrap();
        rows.iter().map(|row| row.event.body::<ChoiceChanged>().unwrap().unwrap().person).collect()
    }

    /// How many links are stored.
    pub async fn stored(&self) -> i64 {
        use sea_orm::{ConnectionTrait, Statement};

        let db = self.scene.consent.store.read();
        let count = Statement::from_string(db.get_database_backend(), "SELECT COUNT(*) FROM care_link");
        db.query_one_raw(count).await.unwrap().unwrap().try_get_by_index(0).unwrap()
    }
}

/// This many hours from now.
#[expect(clippy::unnecessary_wraps, reason = "a link's start and end are optional")]
pub fn hours(from_now: i64) -> Option<Timestamp> {
    Some(SystemClock.now() + from_now.hours())
}

pub fn link(kind: CareLinkKind, from: Option<Timestamp>, until: Option<Timestamp>) -> CareLink {
    CareLink { kind, organisation: OdsCode::new(COMMUNITY), team: None, from, until, stands: true }
}

/// A caseload since yesterday.
pub fn caseload() -> CareLink {
    link(CareLinkKind::Caseload, hours(-24), None)
}
