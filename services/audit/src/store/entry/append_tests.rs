//! Entries of many callers in one set, in both databases.

use std::collections::BTreeMap;

use lcr_contracts::{
    audit::{AccessKind, Outcome, ShownDataset},
    events::ViewCompleted,
    vocabulary::ReasonCode,
};
use lcr_model::{
    Actor, ActorKind, OdsCode, PersonId, Purpose, Role, ServiceName, SessionId, SigningKey, UserId, ViewId,
};
use lcr_store::{Durability, Location, migrate};
use lcr_testkit::{Folder, servers::Postgres};
use sea_orm::QueryOrder;

use super::*;
use crate::store::{
    Migrator, NewCompletion, append_completions, find_index_terms,
    tree::{pending, read_queue},
};

fn entry(people: &[PersonId]) -> OpenEntry {
    let actor = Actor {
        user: UserId::new("u"),
        kind: ActorKind::Person,
        name: "Sam Reed".into(),
        org: OdsCode::new("Z9H01"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    OpenEntry {
        id: Uuid::now_v7(),
        view: ViewId::new(),
        at: at(0),
        actor,
        audience: ServiceName::RecordAggregation,
        what: AccessKind::Record,
        outcome: Outcome::Allowed,
        reason: ReasonCode::LogRead,
        people: people.to_vec(),
        datasets: vec![],
        policy_version: "1".into(),
        choice: None,
        concerned: BTreeMap::new(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + second).unwrap()
}

fn key() -> RowKey {
    RowKey::derive_from(&SigningKey::generate().unwrap()).unwrap()
}

/// A log in each kind of database. The folder must live as long as the first.
async fn logs() -> (Folder, [Store; 2]) {
    let folder = Folder::new("audit-append").unwrap();
    let postgres = Location::parse(&Postgres::shared().database(), "audit").unwrap();
    migrate::run::<Migrator>(&postgres, &postgres).await.unwrap();
    let file: Location = folder.path().join("audit.db").into();
    let open = |location: Location| Store::open::<Migrator>(location, "audit", Durability::Acknowledged);
    let stores = [open(file).await.unwrap(), open(postgres).await.unwrap()];
    (folder, stores)
}

async fn queue(store: &Store) -> Vec<Uuid> {
    read_queue(store.read(), 1000).await.unwrap().into_iter().map(|row| row.id).collect()
}

async fn append_set_to(store: &Store, entries: Vec<NewEntry>) {
    store.write(async move |tx| append_all(&tx, entries).await).await.unwrap();
}

#[tokio::test]
async fn an_id_that_is_twice_in_a_set_or_stored_already_is_appended_once() {
    let (_folder, stores) = logs().await;
    for store in stores {
        let key = key();
        let (first, second, third) = (entry(&[PersonId::new()]), entry(&[]), entry(&[PersonId::new()]));
        append_set_to(&store, vec![NewEntry::of(&key, &first, at(0)).unwrap()]).await;
        // The later copy of an entry names somebody else. The stored row must not change.
        let copy = OpenEntry { people: vec![PersonId::new()], ..second.clone() };
        let set = [&third, &second, &first, &copy].map(|entry| NewEntry::of(&key, entry, at(1)).unwrap());
        append_set_to(&store, set.to_vec()).await;
        assert_eq!(queue(&store).await, [first.id, third.id, second.id], "in the order of arrival");
        let rows = opened::Entity::find().all(store.read()).await.unwrap();
        assert_eq!(rows.len(), 3);
        let terms = find_index_terms(store.read(), &[second.id]).await.unwrap();
        assert!(terms[&second.id].people.is_empty());
    }
}

/// Two callers may hand over one entry: the second repeats what got no answer.
#[tokio::test]
async fn the_same_entry_twice_in_one_set_is_one_entry_with_two_answers() {
    let (_folder, stores) = logs().await;
    for store in stores {
        let (key, entry) = (key(), entry(&[PersonId::new()]));
        let set = [(); 2].map(|()| NewEntry::of(&key, &entry, at(0)).unwrap()).to_vec();
        let answers = store.write(async move |tx| append_set(tx, set).await).await.unwrap();
        assert_eq!(answers.len(), 2);
        assert_eq!(queue(&store).await, [entry.id]);
        assert_eq!(opened::Entity::find().all(store.read()).await.unwrap().len(), 1);
    }
}

#[tokio::test]
async fn a_set_stores_the_people_and_organisations_of_each_entry() {
    let (_folder, stores) = logs().await;
    for store in stores {
        let (one, other) = (PersonId::new(), PersonId::new());
        let mut both = entry(&[one, other, one]);
        both.concerned = BTreeMap::from([(OdsCode::new("B1"), vec![one]), (OdsCode::new("B2"), vec![one, other])]);
        let (single, none) = (entry(&[other]), entry(&[]));
        let key = key();
        let set = [&both, &single, &none].map(|entry| NewEntry::of(&key, entry, at(0)).unwrap());
        append_set_to(&store, set.to_vec()).await;
        let terms = find_index_terms(store.read(), &[both.id, single.id, none.id]).await.unwrap();
        let mut people = vec![one.0, other.0];
        people.sort_unstable();
        let mut concerned = vec![("B1".to_owned(), one.0), ("B2".to_owned(), one.0), ("B2".to_owned(), other.0)];
        concerned.sort_unstable();
        assert_eq!((&terms[&both.id].people, &terms[&both.id].concerned), (&people, &concerned));
        assert_eq!(terms[&single.id].people, [other.0]);
        assert!(terms[&none.id].people.is_empty() && terms[&none.id].concerned.is_empty());
        let rows = opened::Entity::find().order_by_asc(opened::Column::Id).all(store.read()).await.unwrap();
        for mut row in rows {
            let code = row.code.take().unwrap();
            assert!(key.verify(&entry_text(row).unwrap(), &code));
        }
    }
}

#[tokio::test]
async fn an_entry_that_cannot_be_stored_fails_alone() {
    let (_folder, [sqlite, postgres]) = logs().await;
    let refuse = "CREATE TRIGGER refuse BEFORE INSERT ON entry WHEN NEW.policy_version = 'refused'
                  BEGIN SELECT RAISE(ABORT, 'refused'); END";
    sqlite.read().execute_unprepared(refuse).await.unwrap();
    // PostgreSQL stores no text with this character.
    for (store, unstorable) in [(sqlite, "refused"), (postgres, "\0")] {
        let key = key();
        let (first, last) = (entry(&[PersonId::new()]), entry(&[PersonId::new()]));
        let bad = OpenEntry { policy_version: unstorable.into(), ..entry(&[PersonId::new()]) };
        let appends = start_appends(store.clone());
        let [a, b, c] = [&first, &bad, &last].map(|entry| appends.write(NewEntry::of(&key, entry, at(0)).unwrap()));
        let (a, b, c) = tokio::join!(a, b, c);
        assert!(a.is_ok() && b.is_err() && c.is_ok());
        let mut queued = queue(&store).await;
        queued.sort_unstable();
        assert_eq!(queued, [first.id, last.id]);
        let pending = pending::Entity::find().all(store.read()).await.unwrap();
        assert!(pending.iter().all(|row| row.since == at(0).as_microsecond()));
    }
}

#[tokio::test]
async fn completions_of_one_batch_complete_an_entry_once() {
    let (_folder, stores) = logs().await;
    for store in stores {
        let (one, other, key) = (PersonId::new(), PersonId::new(), key());
        let (first, second) = (entry(&[one]), entry(&[other]));
        let set = [&first, &second].map(|entry| NewEntry::of(&key, entry, at(0)).unwrap());
        append_set_to(&store, set.to_vec()).await;
        let shown: Vec<ShownDataset> = vec![];
        let completion = |view: ViewId, person: PersonId| {
            let body = ViewCompleted { view, person, at: at(2), shown: shown.clone() };
            NewCompletion::of(&key, Uuid::now_v7(), &body, at(3)).unwrap()
        };
        let twice = completion(first.view, one);
        let batch = vec![
            twice.clone(),
            completion(first.view, one),
            twice,
            completion(second.view, one),
            completion(ViewId::new(), other),
        ];
        let completed = store.write(async move |tx| append_completions(&tx, batch).await).await.unwrap();
        assert_eq!(completed, 1, "the first view once; the second was not about this person");
        let batch = vec![completion(first.view, one), completion(second.view, other)];
        let completed = store.write(async move |tx| append_completions(&tx, batch).await).await.unwrap();
        assert_eq!(completed, 1, "the first view was completed before");
        assert_eq!(queue(&store).await.len(), 2 + 4 + 2);
    }
}
