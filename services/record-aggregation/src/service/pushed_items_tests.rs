//! Stores pushed items and loads them again.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_contracts::events::PushedKind as Sort;
use lcr_model::{LocalId, SourceId};
use lcr_store::Durability;
use lcr_testkit::Folder;
use serde_json::json;

use super::*;
use crate::store::Migrator;

fn anna() -> SourceIdentity {
    SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId("4711".into()) }
}

fn event(keys: &DataKeys, kind: Sort, resource: &str, version: i64) -> ItemReceived {
    let pushed = json!({"resources": [{"resourceType": resource, "id": "1001", "status": "active"}],
        "name": "", "awaited": false, "discharge_letter": false});
    let sealed = keys.seal("feeds/item", &serde_json::to_vec(&pushed).unwrap()).unwrap();
    ItemReceived { identity: anna(), kind, item: "1001".into(), spell: None, version, sealed }
}

#[tokio::test]
async fn a_referral_and_an_appointment_with_one_number_are_both_stored() {
    let folder = Folder::new("pushed-items").unwrap();
    let file = folder.path().join("record.db");
    let store = Store::open::<Migrator>(&file, "record-aggregation", Durability::Rebuildable).await.unwrap();
    let keys = Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap());
    let pushed_items = PushedItems { store, keys: keys.clone() };
    let referral = event(&keys, Sort::Referral, "ServiceRequest", 2);
    pushed_items.save(vec![referral, event(&keys, Sort::Appointment, "Appointment", 1)]).await.unwrap();
    let versions = [3, 2].map(|version| event(&keys, Sort::Appointment, "Appointment", version));
    pushed_items.save(Vec::from(versions)).await.unwrap();
    pushed_items.save(vec![event(&keys, Sort::Appointment, "Appointment", 2)]).await.unwrap();
    let mut versions: Vec<i64> = pushed_items.load(&[anna()]).await.unwrap().iter().map(|item| item.version).collect();
    versions.sort_unstable();
    assert_eq!(versions, [2, 3]);
}
