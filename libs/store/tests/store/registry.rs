//! The projection of the registry keeps what its events state, also what this version does not know.

use lcr_contracts::events::{CloudEvent, PartnersChanged, event_type};
use lcr_store::{registry, replica};
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

struct Replicas;

impl MigratorTrait for Replicas {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![Box::new(Copies)]
    }
}

struct Copies;

impl MigrationName for Copies {
    fn name(&self) -> &'static str {
        "m20261130_000001_copies"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for Copies {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replica::create(manager.get_connection()).await
    }
}

/// A change of an organisation, as a version of identity that knows one more field publishes it.
fn event(version: i64, organisation: &Value) -> CloudEvent {
    CloudEvent {
        specversion: "1.0".into(),
        id: Uuid::now_v7(),
        source: "identity".into(),
        event_type: event_type::<PartnersChanged>(),
        subject: "organisation/Y90001".into(),
        time: Timestamp::UNIX_EPOCH,
        datacontenttype: "application/json".into(),
        lcrversion: version,
        traceparent: None,
        data: json!({ "version": version, "organisation": organisation, "system": null }),
    }
}

fn organisation(name: &str) -> Value {
    json!({ "ods": "Y90001", "name": name, "kind": "gp-practice", "agreement_signed": true, "limit_of_later": ["x"] })
}

async fn stored(store: &Store) -> Vec<Value> {
    replica::all(store.read(), "organisation").await.unwrap()
}

#[tokio::test]
async fn a_field_of_a_newer_version_survives_until_this_service_knows_it() {
    let folder = Folder::new("store-registry").unwrap();
    let file = folder.path().join("replica.db");
    let store = Store::open::<Replicas>(&file, "tests", Durability::Acknowledged).await.unwrap();
    let keep = async |event: CloudEvent| {
        let changes = registry::changes_in(&[event]).unwrap();
        store.write(async move |tx| registry::keep(&tx, &changes).await).await.unwrap();
    };
    keep(event(2, &organisation("Beckside Surgery"))).await;
    assert_eq!(stored(&store).await, [organisation("Beckside Surgery")]);
    keep(event(1, &organisation("Its name of before"))).await;
    assert_eq!(stored(&store).await, [organisation("Beckside Surgery")], "an older version");
    let registry = registry::load(store.read()).await.unwrap();
    assert_eq!(registry.organisations[0].name, "Beckside Surgery");
}

#[test]
fn a_change_that_does_not_parse_fails_and_an_event_of_another_type_is_skipped() {
    assert!(registry::changes_in(&[event(1, &json!({ "ods": "Y90001" }))]).is_err());
    let other = CloudEvent { event_type: event_type::<SessionEnded>(), ..event(1, &Value::Null) };
    assert!(registry::changes_in(&[other]).unwrap().is_empty());
}
