//! Stays of the ward, stored and read again.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::Arc;

use lcr_model::{SourceId, SpellId};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::Migrator;

fn told(person: Option<PersonId>, visit: &str) -> OnRecord {
    serde_json::from_value(serde_json::json!({
        "person": person, "source": "st-hildas", "visit": visit, "counts": true, "attends": false, "class": "I",
        "place": null, "consultant": null, "specialty": null, "admitted": "2026-11-19", "left": null, "on_leave": false,
        "destination": null, "died": false, "last_told": "2026-11-26T11:05:00Z", "warnings": [] }))
    .unwrap()
}

fn event(keys: &DataKeys, version: i64, told: &OnRecord) -> WardChanged {
    let sealed = keys.seal("ward/record", &serde_json::to_vec(told).unwrap()).unwrap();
    WardChanged { spell: SpellId::new("s1"), version, sealed: String::new(), record: Some(sealed) }
}

async fn shelf(folder: &Folder) -> Shelf {
    let file = folder.path().join("record.db");
    let store = Store::open::<Migrator>(&file, "record-aggregation", Durability::Rebuildable).await.unwrap();
    Shelf { store, keys: Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()) }
}

#[tokio::test]
async fn the_newest_version_alone_is_read_in_whatever_order_they_come() {
    let folder = Folder::new("stays").unwrap();
    let shelf = shelf(&folder).await;
    let anna = PersonId::new();
    let (old, new) = (told(Some(anna), "V1"), told(Some(anna), "V2"));
    shelf.take_stays(vec![event(&shelf.keys, 2, &new), event(&shelf.keys, 1, &old)]).await.unwrap();
    let read = shelf.stays(anna).await.unwrap();
    assert_eq!(read.stays, [Stay { spell: SpellId::new("s1"), on_record: new }]);
    let last = "2026-11-26T11:05:00Z".parse().unwrap();
    assert_eq!(read.sends, [Sends { source: SourceId::new("st-hildas"), last }]);
}

#[tokio::test]
async fn a_stay_corrected_to_another_person_leaves_the_first_and_one_taken_back_leaves_both() {
    let folder = Folder::new("stays-corrected").unwrap();
    let shelf = shelf(&folder).await;
    let (anna, berta) = (PersonId::new(), PersonId::new());
    shelf.take_stays(vec![event(&shelf.keys, 1, &told(Some(anna), "V1"))]).await.unwrap();
    shelf.take_stays(vec![event(&shelf.keys, 2, &told(Some(berta), "V1"))]).await.unwrap();
    assert!(shelf.stays(anna).await.unwrap().stays.is_empty());
    assert_eq!(shelf.stays(berta).await.unwrap().stays.len(), 1);
    let gone = OnRecord { counts: false, ..told(Some(berta), "V1") };
    shelf.take_stays(vec![event(&shelf.keys, 3, &gone)]).await.unwrap();
    shelf.take_stays(vec![event(&shelf.keys, 2, &told(Some(berta), "V1"))]).await.unwrap();
    assert!(shelf.stays(berta).await.unwrap().stays.is_empty(), "an older word does not bring it back");
}

#[tokio::test]
async fn an_event_of_before_says_nothing_and_one_that_does_not_open_fails() {
    let folder = Folder::new("stays-before").unwrap();
    let shelf = shelf(&folder).await;
    let before = WardChanged { record: None, ..event(&shelf.keys, 1, &told(None, "V1")) };
    shelf.take_stays(vec![before.clone()]).await.unwrap();
    let broken = WardChanged { record: Some("x".into()), ..before };
    assert!(shelf.take_stays(vec![broken]).await.is_err());
}
