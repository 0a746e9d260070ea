//! Nobody is lost or duplicated when their unhashed number becomes a hash.

use jiff::Timestamp;
use lcr_contracts::{
    events::{
        CloudEvent, DemographicsReceived, EncounterReceived, EventBody, HashedPatient, ItemReceived, SourcePatient,
        Stream,
    },
    spell::SpellMessage,
};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::{
    domain::{
        PatientUpdate, StayKey,
        testing::{mapped_by, source, text},
    },
    service::publish::{PublishOutcome, publish},
    store::Migrator,
};

const UNHASHED: &str = "9990000018";

struct Scene {
    store: Store,
    keys: DataKeys,
    _folder: Folder,
}

impl Scene {
    async fn set() -> Self {
        let folder = Folder::new("in-clear").unwrap();
        let file = folder.path().join("feeds.db");
        let store = Store::open::<Migrator>(&file, "feeds", Durability::Acknowledged).await.unwrap();
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        Self { store, keys, _folder: folder }
    }

    async fn publish(&self, mapped: Vec<MappedEvent>) {
        assert!(self.try_publish(mapped).await, "the message waits");
    }

    /// Returns whether the message took effect. Else it waits.
    async fn try_publish(&self, mapped: Vec<MappedEvent>) -> bool {
        let keys = self.keys.clone();
        let write = self.store.write(async move |tx| {
            let last_known = LastKnown::new(&tx);
            let outcome = publish(&last_known, &keys, Timestamp::UNIX_EPOCH, mapped).await?;
            last_known.flush().await?;
            match outcome {
                PublishOutcome::Events(events) => Store::publish_all(&tx, events).await.map(|()| true),
                PublishOutcome::Waits { .. } => Ok(false),
            }
        });
        write.await.unwrap()
    }

    /// The replaced numbers and the source's own id of each event.
    async fn replaced_and_own_ids(&self) -> Vec<(Vec<String>, Option<String>)> {
        let open = |event: DemographicsReceived| {
            let plain = self.keys.open("feeds/demographics", &event.sealed).unwrap();
            let hashed: HashedPatient = serde_json::from_slice(&plain).unwrap();
            (hashed.patient.replaces.into_iter().map(|id| id.0).collect(), hashed.own_id)
        };
        self.events().await.into_iter().map(open).collect()
    }

    async fn events<B: EventBody>(&self) -> Vec<B> {
        let rows = self.store.outbox().after(Stream::Feeds, 0, 1_000).await.unwrap();
        let body = |event: &CloudEvent| event.body::<B>().map(Result::unwrap);
        rows.iter().filter_map(|row| body(&row.event)).collect()
    }

    async fn people(&self) -> Vec<(DemographicsReceived, SourcePatient)> {
        let open = |event: DemographicsReceived| {
            let plain = self.keys.open("feeds/demographics", &event.sealed).unwrap();
            let patient = serde_json::from_slice(&plain).unwrap();
            (event, patient)
        };
        self.events().await.into_iter().map(open).collect()
    }
}

/// A message of the hospital; the segments after MSH.
fn mapped(kind: &str, segments: &[&str]) -> Vec<MappedEvent> {
    mapped_by(&source(&[("PAS", "Z9H01")]), &text(kind, segments)).unwrap()
}

/// Maps as earlier versions did: every id is unhashed.
fn mapped_by_old_version(kind: &str, segments: &[&str]) -> Vec<MappedEvent> {
    let all = mapped(kind, segments);
    let unhashed = |patient: &PatientUpdate| patient.assigned[0].in_clear[0].clone();
    let id = all
        .iter()
        .find_map(|event| if let MappedEvent::Demographics(patient) = event { Some(unhashed(patient)) } else { None });
    let id = id.unwrap();
    all.into_iter().map(|event| with_id(event, &id)).collect()
}

fn with_id(event: MappedEvent, id: &LocalId) -> MappedEvent {
    match event {
        MappedEvent::Demographics(mut patient) => {
            patient.identity.local_id = id.clone();
            MappedEvent::Demographics(PatientUpdate { assigned: vec![], ..patient })
        }
        MappedEvent::Encounter(key, mut message) => {
            assert!(matches!(key, StayKey::Numbered(_)));
            message.identity.local_id = id.clone();
            MappedEvent::Encounter(key, message)
        }
        MappedEvent::Item(mut item) => {
            item.identity.local_id = id.clone();
            MappedEvent::Item(item)
        }
        MappedEvent::CareLink(mut link) => {
            link.identity.local_id = id.clone();
            MappedEvent::CareLink(link)
        }
        MappedEvent::Withdrawal(_) | MappedEvent::CareList(_) | MappedEvent::CareLinkDeletion(_) => {
            unreachable!("no message here deletes or lists people")
        }
    }
}

#[tokio::test]
async fn an_unhashed_number_is_replaced_once_and_the_details_stay() {
    let scene = Scene::set().await;
    scene.publish(mapped_by_old_version("ADT^A28", &["PID|1||9990000018^^^NHS^NH||Ashdown^Ottilie||19450714|F"])).await;
    let birthday = |patient: &SourcePatient| patient.birth_date.map(|day| day.to_string());
    // The update contains only the name.
    for family in ["Bell", "Cole"] {
        scene.publish(mapped("ADT^A31", &[&format!("PID|1||999 000 0018^^^Z9H01||{family}^Ottilie")])).await;
    }
    let patients = scene.people().await;
    let ids: Vec<&str> = patients.iter().map(|(event, _)| event.identity.local_id.0.as_str()).collect();
    assert_eq!((ids.len(), ids[0]), (3, UNHASHED));
    assert!(patients[1].0.identity.local_id.is_hash() && ids[1] == ids[2]);
    let replaces = |at: usize| patients[at].1.replaces.clone();
    // The number was stored as digits; with spaces it is the same number.
    assert_eq!((replaces(1), replaces(2)), (vec![LocalId(UNHASHED.into())], vec![]));
    for (event, patient) in &patients[1..] {
        assert_eq!(birthday(patient).as_deref(), Some("1945-07-14"));
        assert_eq!(patient.nhs_number.as_deref(), Some(UNHASHED));
        assert!(event.version > patients[0].0.version);
    }
}

#[tokio::test]
async fn stays_and_items_continue_under_the_hash() {
    let scene = Scene::set().await;
    let pid = "PID|1||9990000018^^^Z9H01^MR||Ashdown^Ottilie|||||||||||||A7";
    scene.publish(mapped_by_old_version("ADT^A01", &[pid, "PV1|1|I|W1^1^1^Z9H01"])).await;
    scene.publish(mapped("ADT^A02", &[pid, "PV1|1|I|W2^1^1^Z9H01"])).await;
    let stays: Vec<EncounterReceived> = scene.events().await;
    assert_eq!(stays.len(), 2);
    assert_eq!(stays[0].spell, stays[1].spell, "one stay by its account number");
    assert!(stays[1].identity.local_id.is_hash());
    let plain = scene.keys.open("feeds/encounter", &stays[1].sealed).unwrap();
    let message: SpellMessage = serde_json::from_slice(&plain).unwrap();
    assert!(message.identity.local_id.is_hash());
    // A new result is filed under the hash.
    scene.publish(mapped("ORU^R01", &[pid, "OBR|1||F1|T^Test^L|||20261120080000||||||||||||||||||F"])).await;
    let items: Vec<ItemReceived> = scene.events().await;
    assert!(items[0].identity.local_id.is_hash());
}

#[tokio::test]
async fn a_merge_also_replaces_the_unhashed_number() {
    let scene = Scene::set().await;
    scene.publish(mapped_by_old_version("ADT^A28", &["PID|1||9990000026^^^Z9H01^MR||Ashdown"])).await;
    scene.publish(mapped("ADT^A40", &["PID|1||4711^^^Z9H01^MR||Ashdown", "MRG|9990000026^^^Z9H01^MR"])).await;
    let (event, patient) = scene.people().await.remove(1);
    assert_eq!(event.identity.local_id.0, "4711");
    assert_eq!(patient.replaces.len(), 2, "the hash and the number in clear");
    assert!(patient.replaces[0].is_hash() && patient.replaces[1].0 == "9990000026");
}

#[tokio::test]
async fn an_unhashed_number_is_found_in_every_spelling_even_if_it_came_late() {
    let of = |number: &str| format!("PID|1||{number}^^^Z9H01^MR||Ashdown^Ottilie");
    for spelling in ["999-000-0018", "999 000 0018", UNHASHED] {
        let scene = Scene::set().await;
        scene.publish(mapped("ADT^A28", &[&of("9990000018")])).await;
        // A replica that still runs the old version processes this message.
        scene.publish(mapped_by_old_version("ADT^A31", &[&of(spelling)])).await;
        for family in ["Bell", "Cole"] {
            scene.publish(mapped("ADT^A31", &[&format!("PID|1||9990000018^^^Z9H01^MR||{family}")])).await;
        }
        let replaces: Vec<Vec<String>> =
            scene.replaced_and_own_ids().await.into_iter().map(|(replaces, _)| replaces).collect();
        assert_eq!(replaces[2..], [vec![spelling.to_owned()], vec![]], "once, though the hash was known");
    }
}

#[tokio::test]
async fn the_sources_own_id_is_sent_sealed_for_hashed_ids_only() {
    let scene = Scene::set().await;
    scene.publish(mapped("ADT^A28", &["PID|1||999-000-0018^^^Z9H01^MR||Ashdown"])).await;
    scene.publish(mapped("ADT^A28", &["PID|1||4711^^^Z9H01^MR||Bell"])).await;
    let own: Vec<Option<String>> = scene.replaced_and_own_ids().await.into_iter().map(|(_, own)| own).collect();
    assert_eq!(own, [Some("999-000-0018".to_owned()), None]);
}

#[tokio::test]
async fn a_merge_of_two_nhs_numbers_waits_even_if_one_is_only_known_unhashed() {
    let hers = "PID|1||9990000018^^^Z9H01^MR~9990000018^^^NHS^NH||Ashdown";
    let other = "PID|1||9990000026^^^Z9H01^MR~9990000026^^^NHS^NH||Bell";
    let merge = |stays: &str, gone: &str| {
        mapped("ADT^A40", &[&format!("PID|1||{stays}^^^Z9H01^MR||Ashdown"), &format!("MRG|{gone}^^^Z9H01^MR")])
    };
    // Once the replaced number is unhashed, once the surviving one.
    for (unhashed, hashed) in [(other, hers), (hers, other)] {
        let scene = Scene::set().await;
        scene.publish(mapped_by_old_version("ADT^A28", &[unhashed])).await;
        scene.publish(mapped("ADT^A28", &[hashed])).await;
        let merged = scene.try_publish(merge("9990000018", "9990000026")).await;
        assert!(!merged, "two numbers are never one person");
    }
}
