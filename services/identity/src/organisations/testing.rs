//! What tests of this room share: a store, an author, an organisation on its way.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{
    Failure,
    partners::organisation::{DataFlowSchedule, Duty, OrganisationDetails},
    registrar::PartnerSet,
    registry::{DatasetSwitch, Organisation, PartnerState, System, SystemSetup},
    vocabulary::{OrganisationKind, SystemKind},
};
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, Purpose, Role, SessionId, SourceId, UserId};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::{
    registration, signing,
    text::{self, TextFacts},
    versions::testing::TWO,
};
use crate::{
    partners::Author,
    store::{
        Migrator,
        agreement::{self, Appointment},
        change_error::settle,
        organisation_file::{self, OrganisationFile},
        registry::{self, ManagedBy},
    },
};

pub const ODS: &str = "Z9K01";

pub async fn store(folder: &Folder) -> Store {
    let file = folder.path().join("identity.db");
    Store::open::<Migrator>(&file, "identity", Durability::Acknowledged).await.unwrap()
}

pub fn at(date: Date) -> Timestamp {
    date.at(12, 0, 0, 0).to_zoned(lcr_model::london::zone()).unwrap().timestamp()
}

/// A member of the hospice who changes something about it.
pub fn author(user: &str, role: Role, date: Date) -> Author {
    let actor = Actor {
        user: UserId::new(user),
        kind: ActorKind::Person,
        name: user.to_owned(),
        org: OdsCode::new(ODS),
        role,
        purpose: Purpose::Administration,
        session: SessionId::new(),
    };
    Author { actor, organisation: OdsCode::new(ODS), reason: "because of a test".to_owned(), now: at(date) }
}

pub fn administrator(date: Date) -> Author {
    author("admin", Role::OrgAdmin, date)
}

/// An administrator of the platform, who belongs to another organisation.
pub fn platform(date: Date) -> Author {
    let mut author = author("platform-admin", Role::PlatformAdmin, date);
    author.actor.org = OdsCode::new("Z9P01");
    author
}

pub fn details() -> OrganisationDetails {
    OrganisationDetails {
        name: "Kirkstall Hospice".to_owned(),
        kind: OrganisationKind::Community,
        part_of: None,
        serves: vec![],
        sites: vec![],
        contact: "Sam Reed, 0113 496 0000".to_owned(),
    }
}

pub fn schedule(gives: &[Dataset]) -> DataFlowSchedule {
    DataFlowSchedule {
        gives: gives.iter().copied().collect(),
        receives: BTreeSet::from([Dataset::Medications]),
        lawful_basis: "6(1)(e), 9(2)(h)".to_owned(),
        retention: "eight years".to_owned(),
    }
}

pub async fn register(store: &Store, date: Date) {
    let author = administrator(date);
    let write = store.write(async move |tx| settle(registration::register(&tx, &TWO, &author, details()).await));
    write.await.unwrap().unwrap();
}

pub async fn set_schedule(store: &Store, date: Date, gives: &[Dataset]) {
    let (author, schedule) = (administrator(date), schedule(gives));
    let write = store.write(async move |tx| settle(signing::set_schedule(&tx, &TWO, &author, schedule).await));
    write.await.unwrap().unwrap();
}

/// Stores a system of the hospice that gives allergies and results. Only a row of others than the portal is live.
pub async fn add_system(store: &Store, by: ManagedBy) {
    let live = by != ManagedBy::Portal;
    let system = System {
        id: SourceId::new("hospice"),
        name: "Hospice".into(),
        organisation: OdsCode::new(ODS),
        base_url: "https://fhir.example.nhs.uk".into(),
        kind: SystemKind::Community,
        authority: false,
        discreet: false,
        datasets: [Dataset::Allergies, Dataset::Results].map(|dataset| (dataset, DatasetSwitch::On)).into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        feed: None,
        setup: SystemSetup { live, ..SystemSetup::default() },
    };
    let set = PartnerSet { systems: vec![system], ..PartnerSet::default() };
    store.write(async move |tx| registry::store_all(&tx, by, set, 1).await.map(|_| ())).await.unwrap();
}

pub async fn appoint(store: &Store, date: Date, duty: Duty, user: &str) -> Result<(), Failure> {
    let author = administrator(date);
    let appointment = Appointment { duty, user: UserId::new(user), name: user.to_owned() };
    let write = store.write(async move |tx| settle(signing::appoint(&tx, &TWO, &author, appointment).await));
    write.await.unwrap().map(|_| ())
}

/// Appoints `siro`, `caldicott-guardian` and `data-protection-officer`, each a user of that name.
pub async fn appoint_all(store: &Store, date: Date) {
    for duty in Duty::ALL {
        appoint(store, date, duty, duty.as_str()).await.unwrap();
    }
}

pub async fn sign(store: &Store, date: Date, duty: Duty, user: &str, hash: &str) -> Result<(), Failure> {
    let (author, hash) = (author(user, Role::PrivacyOfficer, date), hash.to_owned());
    let write = store.write(async move |tx| settle(signing::sign(&tx, &TWO, &author, duty, &hash).await));
    write.await.unwrap().map(|_| ())
}

/// All three sign the text as it is on that day.
pub async fn all_sign(store: &Store, date: Date) {
    for duty in Duty::ALL {
        let hash = text_hash(store, date).await;
        sign(store, date, duty, duty.as_str(), &hash).await.unwrap();
    }
}

pub async fn file(store: &Store) -> OrganisationFile {
    organisation_file::find(store.read(), &OdsCode::new(ODS)).await.unwrap().unwrap()
}

pub async fn row(store: &Store) -> Organisation {
    registry::find_organisation(store.read(), ODS).await.unwrap().unwrap()
}

/// The state of the hospice and whether its agreement is in force.
pub async fn standing(store: &Store) -> (PartnerState, bool) {
    let row = row(store).await;
    (row.state, row.agreement_signed)
}

pub async fn text_hash(store: &Store, date: Date) -> String {
    let records = agreement::load(store.read(), file(store).await.registration).await.unwrap();
    let row = row(store).await;
    let schedule = records.newest_schedule().map(|newest| &newest.schedule);
    text::render(TWO.current(date), TextFacts { ods: &row.ods, name: &row.name, schedule }).text_hash
}
