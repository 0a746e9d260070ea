//! Test data: the registry, people, callers and messages of stays.

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_contracts::{
    Caller,
    events::{PartnersChanged, PersonChanged},
    registry::{DatasetSwitch, Feed, Organisation, PartnerState, System, SystemSetup},
    spell::{DischargePlanUpdate, FieldUpdate, PatientDetails, Place, SpellEvent, SpellMessage},
    ward::{ListOf, ListRequest},
};
use lcr_model::{
    Actor, ActorKind, Dataset, LocalId, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SourceId,
    SourceIdentity, SpellId, UserId, ViewId,
};

pub const PRACTICE: &str = "Y90001";
pub const HOSPITAL: &str = "Z9H01";

pub fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The sources: id, kind, organisation, discreet.
pub const SOURCES: [(&str, &str, &str, bool); 3] = [
    ("st-hildas", "hospital", HOSPITAL, false),
    ("wharfe", "hospital", "Z9H02", false),
    ("quiet", "discreet", "Z9H01", true),
];

pub fn spell_of(message: &SpellMessage) -> SpellId {
    SpellId::new(format!("{}-{}", message.identity.source, message.visit.clone().unwrap()))
}

pub fn ask(of: ListOf, days: u8) -> ListRequest {
    ListRequest { of, view: ViewId::new(), days }
}

pub fn practice_list() -> ListOf {
    ListOf::Practice(OdsCode::new(PRACTICE))
}

/// The index's event about a person who has the same local id at every hospital.
pub fn person_changed(person: PersonId, version: i64, practice: &str, local: &str) -> PersonChanged {
    PersonChanged {
        person,
        version,
        identities: SOURCES.map(|(source, ..)| identity(source, local)).to_vec(),
        practice: Some(OdsCode::new(practice)),
        marks: vec![],
    }
}

pub fn identity(source: &str, local: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new(source), local_id: LocalId(local.into()) }
}

pub fn caller(role: Role, org: &str) -> Caller {
    let actor = Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new(org),
        role,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    lcr_testkit::caller(ServiceName::Gateway, actor)
}

pub fn gp() -> Caller {
    caller(Role::Gp, PRACTICE)
}

pub fn registry() -> Vec<PartnersChanged> {
    let organisation = |ods: &str, name: &str, kind: &str, part_of: Option<&str>| Organisation {
        ods: OdsCode::new(ods),
        name: name.into(),
        kind: kind.into(),
        agreement_signed: true,
        part_of: part_of.map(OdsCode::new),
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    };
    let organisations = [
        organisation(HOSPITAL, "St Hilda's", "acute", None),
        organisation("Z9H02", "Wharfe Valley", "acute", None),
        organisation(PRACTICE, "Beckside Surgery", "gp-practice", Some("Y9T01")),
        organisation("Y90002", "Millrace Surgery", "gp-practice", Some("Y9T01")),
        organisation("Y90003", "Hillfoot Surgery", "gp-practice", None),
    ];
    let organisations = organisations.map(|one| (Some(one), None));
    let systems = SOURCES.map(|source| (None, Some(system(source))));
    let all = organisations.into_iter().chain(systems);
    all.map(|(organisation, system)| PartnersChanged { version: 1, organisation, system }).collect()
}

/// St Hilda's with this profile.
pub fn hospital_system(feed: Feed) -> System {
    System { feed: Some(feed), ..system(SOURCES[0]) }
}

fn system((id, kind, organisation, discreet): (&str, &str, &str, bool)) -> System {
    System {
        id: SourceId::new(id),
        name: format!("{id} PAS"),
        organisation: OdsCode::new(organisation),
        base_url: String::new(),
        kind: kind.into(),
        authority: false,
        discreet,
        datasets: Dataset::ALL.iter().map(|dataset| (*dataset, DatasetSwitch::On)).collect(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: Some(Feed::default()),
    }
}

/// A message about visit `visit` of the person `local` of St Hilda's.
pub fn message(event: SpellEvent, visit: &str, local: &str, happened: &str) -> SpellMessage {
    let time = at(happened);
    let name = format!("{event:?} {visit} {happened}");
    SpellMessage {
        identity: identity("st-hildas", local),
        event,
        snapshot: None,
        visit: Some(visit.into()),
        happened: time.into(),
        sent: time.into(),
        received: time,
        occurred: None,
        sequence: None,
        formerly: None,
        moves_visit: false,
        further: std::collections::BTreeMap::new(),
        control_id: name.clone(),
        content: name,
        patient: PatientDetails { family: "SMITH".into(), given: "Fredrica".into(), ..PatientDetails::default() },
        class: FieldUpdate::Unchanged,
        place: FieldUpdate::Unchanged,
        prior_place: FieldUpdate::Unchanged,
        consultant: FieldUpdate::Unchanged,
        specialty: FieldUpdate::Unchanged,
        admitted: FieldUpdate::Unchanged,
        discharged: FieldUpdate::Unchanged,
        expected_discharge: FieldUpdate::Unchanged,
        expected_stay: FieldUpdate::Unchanged,
        method: FieldUpdate::Unchanged,
        destination: FieldUpdate::Unchanged,
        discharge_method: FieldUpdate::Unchanged,
        plan: DischargePlanUpdate::default(),
    }
}

pub fn ward(name: &str) -> FieldUpdate<Place> {
    FieldUpdate::Set(Place { ward: Some(name.into()), ..Place::default() })
}

/// Admitted to J27.
pub fn admitted(visit: &str, local: &str, happened: &str) -> SpellMessage {
    let one = message(SpellEvent::Admit, visit, local, happened);
    SpellMessage { class: FieldUpdate::Set("I".into()), place: ward("J27"), ..one }
}

pub fn moved(visit: &str, local: &str, happened: &str, to: &str) -> SpellMessage {
    SpellMessage { place: ward(to), ..message(SpellEvent::Transfer, visit, local, happened) }
}

pub fn left(visit: &str, local: &str, happened: &str) -> SpellMessage {
    let one = message(SpellEvent::Discharge, visit, local, happened);
    SpellMessage { discharged: FieldUpdate::Set(at(happened).into()), ..one }
}

pub fn wards(list: &lcr_contracts::ward::Inpatients) -> Vec<String> {
    let ward = |row: &lcr_contracts::ward::InpatientRow| {
        row.place.as_ref().and_then(|place| place.value.ward.clone()).unwrap_or_default()
    };
    list.rows.iter().map(ward).collect()
}

pub fn names(hidden: &[String]) -> BTreeSet<&str> {
    hidden.iter().map(String::as_str).collect()
}
