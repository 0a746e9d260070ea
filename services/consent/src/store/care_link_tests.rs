//! Links and people in any order end in the same rows.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::ToSpan;
use lcr_contracts::events::PersonChanged;
use lcr_model::{CareLinkKind, LocalId, SourceIdentity};
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;
use sea_orm::QueryOrder;

use super::*;
use crate::store::{Migrator, person_identity, store_people};

const NOW: &str = "2026-11-22T12:00:00Z";

#[derive(Clone)]
enum Message {
    Link(CareLinkRow),
    Person(PersonChanged),
}

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn identity(local: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new("community"), local_id: LocalId(local.into()) }
}

/// A version of the one link. `sent` tells two messages with the same version apart.
fn version(version: i64, sent: i64, local: &str, stands: bool) -> Message {
    let (from, organisation) = (Some(now() - 1.hour()), OdsCode::new("Z9C01"));
    let link = CareLink { kind: CareLinkKind::Caseload, organisation, team: None, from, until: None, stands };
    let event = CareLinkReceived { identity: identity(local), link: "l1".into(), version, sealed: String::new() };
    Message::Link(to_row(event, link, now() + sent.seconds()))
}

fn person(id: u128, version: i64, locals: &[&str]) -> Message {
    let identities = locals.iter().map(|local| identity(local)).collect();
    let person = PersonId(uuid::Uuid::from_u128(id));
    Message::Person(PersonChanged { person, version, identities, practice: None, marks: vec![] })
}

/// What is stored after these messages in this order.
async fn rows_after(store: &Store, messages: Vec<Message>) -> (Vec<CareLinkRow>, Vec<person_identity::entity::Model>) {
    let write = store.write(async move |tx| {
        tx.execute_unprepared("DELETE FROM care_link").await?;
        tx.execute_unprepared("DELETE FROM person").await?;
        tx.execute_unprepared("DELETE FROM person_identity").await?;
        for message in messages {
            match message {
                Message::Link(row) => {
                    store_links(&tx, vec![row], now()).await?;
                }
                Message::Person(change) => {
                    store_people(&tx, &[change], &[now()]).await?;
                }
            }
        }
        let identities = person_identity::entity::Entity::find().order_by_asc(person_identity::entity::Column::Key);
        let identities = identities.order_by_asc(person_identity::entity::Column::Person);
        Ok((Entity::find().all(&tx).await?, identities.all(&tx).await?))
    });
    write.await.unwrap()
}

fn permutations(messages: &[Message]) -> Vec<Vec<Message>> {
    if messages.is_empty() {
        return vec![vec![]];
    }
    let mut all = vec![];
    for at in 0..messages.len() {
        let mut rest = messages.to_vec();
        let first = rest.remove(at);
        all.extend(permutations(&rest).into_iter().map(|tail| [vec![first.clone()], tail].concat()));
    }
    all
}

#[tokio::test]
async fn every_order_of_messages_ends_in_the_same_rows() {
    let folder = Folder::new("care-links").unwrap();
    let store = Store::open::<Migrator>(&folder.path().join("s.db"), "consent", Durability::Rebuildable).await.unwrap();
    let messages = [
        version(1, 1, "a", true),
        version(2, 2, "b", true),
        version(2, 3, "a", false),
        person(1, 1, &["a", "b"]),
        person(1, 2, &["a"]),
        person(2, 1, &["b"]),
    ];
    let expected = rows_after(&store, messages.to_vec()).await;
    assert_eq!(
        (expected.0.len(), expected.0[0].version, expected.0[0].identity_key.as_str()),
        (1, 2, "identity/community|b")
    );
    assert_eq!(expected.1.len(), 2);
    for order in permutations(&messages) {
        assert_eq!(rows_after(&store, order).await, expected);
    }
}

#[tokio::test]
async fn identities_that_the_version_before_changed_are_repaired() {
    let folder = Folder::new("care-links").unwrap();
    let store = Store::open::<Migrator>(&folder.path().join("s.db"), "consent", Durability::Rebuildable).await.unwrap();
    let messages = vec![person(1, 1, &["a", "b"]), person(2, 1, &["c"])];
    rows_after(&store, messages).await;
    let repair = async || {
        let write = store.write(async move |tx| person_identity::repair_batch(&tx, uuid::Uuid::nil()).await);
        assert_eq!(write.await.unwrap(), Some(uuid::Uuid::from_u128(2)));
        let rows = person_identity::entity::Entity::find().order_by_asc(person_identity::entity::Column::Key);
        let rows = rows.order_by_asc(person_identity::entity::Column::Person).all(store.read()).await.unwrap();
        rows.into_iter().map(|row| (row.key, row.person.as_u128())).collect::<Vec<_>>()
    };
    let row = |local: &str, person: u128| (format!("identity/community|{local}"), person);
    assert_eq!(repair().await, [row("a", 1), row("b", 1), row("c", 2)], "nothing differs");
    // It knows the column alone.
    let moved = "UPDATE person SET identities = 'identity/community|b\nidentity/community|d', version = 2";
    store.write(async move |tx| tx.execute_unprepared(moved).await).await.unwrap();
    assert_eq!(repair().await, [row("b", 1), row("b", 2), row("d", 1), row("d", 2)]);
}

#[tokio::test]
async fn one_batch_has_the_effect_of_its_newest_version() {
    let folder = Folder::new("care-links").unwrap();
    let store = Store::open::<Migrator>(&folder.path().join("s.db"), "consent", Durability::Rebuildable).await.unwrap();
    let batch = [version(1, 1, "a", true), version(3, 3, "b", true), version(2, 2, "a", false)];
    let batch = batch.into_iter().filter_map(|message| match message {
        Message::Link(row) => Some(row),
        Message::Person(_) => None,
    });
    let batch: Vec<CareLinkRow> = batch.collect();
    let affected = store.write(async move |tx| store_links(&tx, batch, now()).await).await.unwrap();
    assert_eq!(affected, ["identity/community|a", "identity/community|a", "identity/community|b"]);
    let rows = Entity::find().all(store.read()).await.unwrap();
    assert_eq!((rows.len(), rows[0].version), (1, 3));
}

#[tokio::test]
async fn a_link_that_was_stored_by_another_rule_is_computed_again() {
    let folder = Folder::new("care-link-rule").unwrap();
    let store =
        Store::open::<Migrator>(&folder.path().join("c.db"), "consent", Durability::Acknowledged).await.unwrap();
    let Message::Link(right) = version(1, 0, "a", true) else { return };
    let never = CareLinkRow { counts_until: Some(0), ..right.clone() };
    let other = CareLinkRow { link: "l2".into(), identity_key: "community|b".into(), ..right.clone() };
    let stored = vec![never.clone(), other.clone()];
    store.write(async move |tx| store_links(&tx, stored, now()).await).await.unwrap();
    let batch =
        async |after: LinkKey| store.write(async move |tx| recount_batch(&tx, after, now()).await).await.unwrap();
    let (last, affected) = batch(LinkKey::default()).await;
    assert_eq!((last.clone(), affected), (Some((right.source.clone(), "l2".to_owned())), vec![never.identity_key]));
    assert_eq!(batch(last.unwrap()).await, (None, vec![]));
    let rows = Entity::find().order_by_asc(Column::Link).all(store.read()).await.unwrap();
    assert_eq!(rows, [right, other]);
}
