//! Stores the ward's stays and loads them again.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use lcr_model::{SourceId, SpellId};
use lcr_store::{Durability, Location, Store, migrate};
use lcr_testkit::{Folder, servers::Postgres};

use super::*;
use crate::store::Migrator;

fn stay(person: Option<PersonId>, visit: &str) -> OnRecord {
    serde_json::from_value(serde_json::json!({
        "person": person, "source": "st-hildas", "visit": visit, "counts": true, "attends": false, "class": "I",
        "place": null, "consultant": null, "specialty": null, "admitted": "2026-11-19", "left": null, "on_leave": false,
        "destination": null, "died": false, "last_told": "2026-11-26T11:05:00Z", "warnings": [] }))
    .unwrap()
}

fn event(keys: &DataKeys, version: i64, stay: &OnRecord) -> WardChanged {
    let sealed = keys.seal("ward/record", &serde_json::to_vec(stay).unwrap()).unwrap();
    WardChanged { spell: SpellId::new("s1"), version, sealed: String::new(), record: Some(sealed) }
}

async fn ward_stays(folder: &Folder) -> WardStays {
    ward_stays_in(folder.path().join("record.db").into()).await
}

async fn ward_stays_in(location: Location) -> WardStays {
    let store = Store::open::<Migrator>(location, "record-aggregation", Durability::Rebuildable).await.unwrap();
    let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
    WardStays { store, keys, feeds: Arc::default() }
}

#[tokio::test]
async fn only_the_newest_version_is_loaded_whatever_the_order_of_arrival() {
    let folder = Folder::new("stays").unwrap();
    let ward_stays = ward_stays(&folder).await;
    let anna = PersonId::new();
    let (old, new) = (stay(Some(anna), "V1"), stay(Some(anna), "V2"));
    ward_stays.save(vec![event(&ward_stays.keys, 2, &new), event(&ward_stays.keys, 1, &old)]).await.unwrap();
    let loaded = ward_stays.load(anna).await.unwrap();
    assert_eq!(loaded.stays, [Stay { spell: SpellId::new("s1"), on_record: new }]);
    let last = "2026-11-26T11:05:00Z".parse().unwrap();
    assert_eq!(loaded.feeds, [WardFeed { source: SourceId::new("st-hildas"), last_message: last }]);
}

#[tokio::test]
async fn the_newest_of_a_batch_and_of_the_store_wins_in_either_database() {
    let folder = Folder::new("stays-both").unwrap();
    let postgres = Location::parse(&Postgres::shared().database(), "record-aggregation").unwrap();
    migrate::run::<Migrator>(&postgres, &postgres).await.unwrap();
    for location in [folder.path().join("record.db").into(), postgres] {
        let ward_stays = ward_stays_in(location).await;
        let anna = PersonId::new();
        let version = |version: i64| {
            let mut stay = stay(Some(anna), &format!("V{version}"));
            stay.last_message_at = jiff::Timestamp::from_second(1_800_000_000 + version).unwrap();
            event(&ward_stays.keys, version, &stay)
        };
        for (batch, newest) in [([2, 3, 1], 3), ([1, 2, 1], 3), ([5, 4, 3], 5)] {
            ward_stays.save(batch.map(version).to_vec()).await.unwrap();
            let loaded = ward_stays.load(anna).await.unwrap();
            let times: Vec<_> = loaded.stays.iter().map(|stay| stay.on_record.last_message_at.as_second()).collect();
            assert_eq!(times, [1_800_000_000 + newest]);
            assert_eq!(loaded.feeds[0].last_message.as_second(), 1_800_000_000 + newest);
        }
    }
}

#[tokio::test]
async fn a_stay_corrected_to_another_person_leaves_the_first_and_a_cancelled_one_leaves_both() {
    let folder = Folder::new("stays-corrected").unwrap();
    let ward_stays = ward_stays(&folder).await;
    let (anna, berta) = (PersonId::new(), PersonId::new());
    ward_stays.save(vec![event(&ward_stays.keys, 1, &stay(Some(anna), "V1"))]).await.unwrap();
    ward_stays.save(vec![event(&ward_stays.keys, 2, &stay(Some(berta), "V1"))]).await.unwrap();
    assert!(ward_stays.load(anna).await.unwrap().stays.is_empty());
    assert_eq!(ward_stays.load(berta).await.unwrap().stays.len(), 1);
    let gone = OnRecord { counts: false, ..stay(Some(berta), "V1") };
    ward_stays.save(vec![event(&ward_stays.keys, 3, &gone)]).await.unwrap();
    ward_stays.save(vec![event(&ward_stays.keys, 2, &stay(Some(berta), "V1"))]).await.unwrap();
    assert!(ward_stays.load(berta).await.unwrap().stays.is_empty(), "an older event does not bring it back");
}

#[tokio::test]
async fn an_event_without_a_record_is_ignored_and_one_that_cannot_be_opened_fails() {
    let folder = Folder::new("stays-before").unwrap();
    let ward_stays = ward_stays(&folder).await;
    let before = WardChanged { record: None, ..event(&ward_stays.keys, 1, &stay(None, "V1")) };
    ward_stays.save(vec![before.clone()]).await.unwrap();
    let (anna, broken) = (PersonId::new(), WardChanged { record: Some("x".into()), ..before });
    let good = event(&ward_stays.keys, 1, &stay(Some(anna), "V1"));
    assert!(ward_stays.save(vec![good.clone(), broken]).await.is_err());
    assert!(ward_stays.load(anna).await.unwrap().stays.is_empty(), "nothing of its batch is stored");
    // So the bus applies each event of the batch alone.
    ward_stays.save(vec![good]).await.unwrap();
    assert_eq!(ward_stays.load(anna).await.unwrap().stays.len(), 1);
}
