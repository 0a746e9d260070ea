//! Stored events outlive their writers: for each type there is an envelope as it was first written. Every later version
//! must read it with the same meaning.

use lcr_contracts::{
    audit::ShownDataset,
    events::{
        CareLinkReceived, ChoiceChanged, CloudEvent, DemographicsReceived, EncounterReceived, EventBody, ItemReceived,
        MessageRead, MessageWaits, PartnersChanged, PersonChanged, PushedKind, ReviewDecided, SessionEnded,
        ViewCompleted, WardChanged, event_type,
    },
    patient_index::LinkDecision,
    registry::{DatasetSwitch, Organisation, PartnerState, System, SystemSetup},
};
use lcr_model::{Dataset, LocalId, OdsCode, PersonId, SessionId, SourceId, SourceIdentity, SpellId, UserId, ViewId};
use lcr_testkit::golden;
use uuid::Uuid;

fn id(last: u128) -> Uuid {
    Uuid::from_u128(0x0190_a1b2_c3d4_7000_8000_0000_0000_0000 + last)
}

fn at() -> jiff::Timestamp {
    "2026-11-22T10:30:00Z".parse().unwrap()
}

fn envelope<B: EventBody>(owner: &str, body: &B) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".into(),
        id: id(99),
        source: format!("//{owner}"),
        event_type: event_type::<B>(),
        subject: body.key(),
        time: at(),
        datacontenttype: "application/json".into(),
        lcrversion: body.version(),
        traceparent: None,
        data: serde_json::to_value(body).unwrap(),
    }
}

/// Checks that the event is still written as the golden file, and that the golden file is still read as the event.
fn check<B: EventBody + PartialEq + std::fmt::Debug>(owner: &str, body: &B) -> String {
    let name = format!("events/{}.v1.json", B::NAME);
    let text = serde_json::to_string_pretty(&envelope(owner, body)).unwrap();
    golden::compare(&name, &text).unwrap();
    let stored: CloudEvent = serde_json::from_str(&std::fs::read_to_string(golden::path(&name)).unwrap()).unwrap();
    assert_eq!(stored.body::<B>().unwrap().unwrap(), *body, "{name} still reads");
    assert_eq!(stored.subject, body.key());
    B::NAME.to_owned()
}

fn organisation() -> Organisation {
    Organisation {
        ods: OdsCode::new("Z9H01"),
        name: "St Hilda's Hospitals".into(),
        kind: "acute".into(),
        agreement_signed: true,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

fn system() -> System {
    System {
        id: SourceId::new("st-hildas"),
        name: "St Hilda's Hospitals".into(),
        organisation: OdsCode::new("Z9H01"),
        base_url: "https://fhir.st-hildas.example/R4".into(),
        kind: "hospital".into(),
        authority: false,
        discreet: false,
        datasets: [(Dataset::Allergies, DatasetSwitch::On), (Dataset::Results, DatasetSwitch::NotAgreed)].into(),
        rhythm: "real-time".into(),
        default_practice: None,
        suspended: false,
        setup: SystemSetup::default(),
        feed: None,
    }
}

/// The events whose content is sealed, by name.
fn check_events_about_patients(identity: &SourceIdentity) -> Vec<String> {
    vec![
        check(
            "record-aggregation",
            &DemographicsReceived { identity: identity.clone(), version: 7, sealed: "v1.k.nonce.sealed".into() },
        ),
        check(
            "feeds",
            &EncounterReceived {
                identity: identity.clone(),
                spell: SpellId::new("spell"),
                version: 7,
                sealed: "v1.k.nonce.sealed".into(),
            },
        ),
        check(
            "feeds",
            &ItemReceived {
                identity: identity.clone(),
                kind: PushedKind::Result,
                item: "filler-1".into(),
                spell: Some(SpellId::new("spell")),
                version: 7,
                sealed: "v1.k.nonce.sealed".into(),
            },
        ),
        check(
            "feeds",
            &CareLinkReceived {
                identity: identity.clone(),
                link: "episode-1".into(),
                version: 7,
                sealed: "v1.k.nonce.sealed".into(),
            },
        ),
        check(
            "feeds",
            &MessageWaits {
                message: id(9),
                source: SourceId::new("st-hildas"),
                received: at(),
                waits: true,
                identities: vec![LocalId("40800000".into())],
                stays: vec![SpellId::new("spell")],
                version: 1,
            },
        ),
        check("feeds", &MessageRead { message: id(9), by: UserId::new("steward-1"), at: at() }),
        check(
            "virtual-ward",
            &WardChanged {
                spell: SpellId::new("spell"),
                version: 2,
                sealed: "v1.k.nonce.sealed".into(),
                record: Some("v1.k.nonce.sealed".into()),
            },
        ),
    ]
}

#[test]
fn every_event_reads_as_it_was_first_written() {
    let identity = SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId("SH0000001".into()) };
    let mut checked = check_events_about_patients(&identity);
    checked.extend([
        check("consent", &ChoiceChanged { person: PersonId(id(1)), version: 5 }),
        check(
            "patient-index",
            &PersonChanged {
                person: PersonId(id(1)),
                version: 3,
                identities: vec![identity],
                practice: Some(OdsCode::new("Y90001")),
                marks: vec!["restricted".into()],
            },
        ),
        check("identity", &PartnersChanged { version: 2, organisation: Some(organisation()), system: Some(system()) }),
        check("identity", &SessionEnded { session: SessionId(id(2)), at: at() }),
        check(
            "record-aggregation",
            &ViewCompleted {
                view: ViewId(id(3)),
                person: PersonId(id(4)),
                at: at(),
                shown: vec![ShownDataset {
                    source: SourceId::new("st-hildas"),
                    dataset: Dataset::Allergies,
                    state: "has-data".into(),
                    count: 2,
                }],
            },
        ),
        check(
            "patient-index",
            &ReviewDecided {
                review: id(5),
                view: ViewId(id(3)),
                by: UserId::new("steward-1"),
                at: at(),
                decision: LinkDecision::Separate,
                people: [PersonId(id(1)), PersonId(id(4))],
            },
        ),
    ]);
    let named = declared_events();
    assert_eq!(named.len(), checked.len(), "{named:?}");
    for name in named {
        assert!(checked.contains(&name), "no example of {name}");
    }
}

/// The names in the `event!` lines of the contracts.
fn declared_events() -> Vec<String> {
    let folder = lcr_testkit::root().join("libs/contracts/src/events");
    let files = std::fs::read_dir(folder).unwrap().map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap());
    let names = |text: String| -> Vec<String> {
        let declared = text.split("\nevent!(").skip(1);
        declared.filter_map(|line| line.split('"').nth(1).map(str::to_owned)).collect()
    };
    files.flat_map(names).collect()
}
