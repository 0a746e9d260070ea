use lcr_contracts::{audit::OpenEntry, vocabulary::ReasonCode};
use lcr_model::{Actor, ActorKind, Purpose, Role, ServiceName, SessionId, SigningKey, ViewId};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use sea_orm::Statement;
use uuid::Uuid;

use super::*;
use crate::{
    domain::row_code::RowKey,
    store::{Migrator, append},
};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn entry((org, user): (&str, &str), what: AccessKind, outcome: Outcome, second: i64) -> OpenEntry {
    let actor = Actor {
        user: UserId::new(user),
        kind: ActorKind::Person,
        name: "Sam Reed".into(),
        org: OdsCode::new(org),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: at(second),
        actor,
        audience: ServiceName::RecordAggregation,
        what,
        outcome,
        reason: ReasonCode::LogRead,
        people: vec![],
        datasets: vec![],
        policy_version: String::new(),
        choice: None,
        concerned: std::collections::BTreeMap::new(),
    }
}

async fn log(folder: &Folder, entries: Vec<OpenEntry>) -> Store {
    let file = folder.path().join("audit.db");
    let store = Store::open::<Migrator>(&file, "audit", Durability::Acknowledged).await.unwrap();
    let key = RowKey::derive_from(&SigningKey::generate().unwrap()).unwrap();
    let write = store.write(async move |tx| {
        for entry in entries {
            append(&tx, &key, &entry, at(0)).await?;
        }
        Ok(())
    });
    write.await.unwrap();
    store
}

/// the figures follow from the log.
#[tokio::test]
async fn people_with_a_view_count_once_and_their_first_view_is_their_first_ever() {
    let folder = Folder::new("adoption").unwrap();
    let (view, allowed) = (AccessKind::Record, Outcome::Allowed);
    let entries = vec![
        entry(("Y90001", "often"), view, allowed, 10),
        entry(("Y90001", "often"), AccessKind::WardList, allowed, 500),
        entry(("Y90001", "often"), view, allowed, 600),
        entry(("Y90001", "earlier"), view, allowed, 20),
        entry(("Y90001", "refused"), view, Outcome::Refused, 500),
        entry(("Y90001", "searched"), AccessKind::Search, allowed, 500),
        entry(("Y90001", "client-engine"), view, allowed, 500),
        entry(("Y90002", "elsewhere"), view, allowed, 500),
    ];
    let store = log(&folder, entries).await;
    let found = adoption(store.read(), &OdsCode::new("Y90001"), at(100)).await.unwrap();
    let first_views = [("earlier", 20), ("often", 10)].map(|(user, second)| (UserId::new(user), at(second)));
    assert_eq!(found, ViewAdoption { active: 1, first_views: first_views.into() });
}

#[tokio::test]
async fn an_index_answers_without_the_entries() {
    let folder = Folder::new("adoption-index").unwrap();
    let store = log(&folder, vec![]).await;
    let plan = "EXPLAIN QUERY PLAN SELECT \"user\", MIN(at), MAX(at) FROM entry WHERE org = 'Y90001' \
                AND what IN ('record', 'ward-list') AND outcome = 'allowed' GROUP BY \"user\"";
    let db = store.read();
    let rows = db.query_all_raw(Statement::from_string(db.get_database_backend(), plan)).await.unwrap();
    let plan: String = rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect();
    assert!(plan.contains("entry_adoption"), "{plan}");
}
