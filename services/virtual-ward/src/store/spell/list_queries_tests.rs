//! Tests of the order of stays in a store, and of the limits.

#![allow(clippy::unwrap_used, reason = "tests")]

use jiff::ToSpan as _;
use lcr_model::SpellId;
use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::{
    domain::Spell,
    store::{Migrator, spell},
};

const ORGANISATION: &str = "Z9H01";

fn now() -> Timestamp {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

struct Scene {
    store: Store,
    keys: DataKeys,
    sources: [SourceId; 1],
    _folder: Folder,
}

impl Scene {
    /// A store with stays of known people, each with the hours since its admission, and one stay of an unknown person.
    async fn new(listed: bool, stays: &[(&str, Option<i64>)]) -> Self {
        let folder = Folder::new("ward-queries").unwrap();
        let file = folder.path().join("w.db");
        let store = Store::open::<Migrator>(&file, "virtual-ward", Durability::Acknowledged).await.unwrap();
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        let scene = Self { store, keys, sources: [SourceId::new("st-hildas")], _folder: folder };
        for (id, hours) in stays {
            scene.save(id, Some(PersonId::new()), listed, *hours).await;
        }
        scene.save("unknown", None, listed, Some(0)).await;
        scene
    }

    async fn save(&self, id: &str, person: Option<PersonId>, listed: bool, hours: Option<i64>) {
        let stay = StoredStay {
            id: SpellId::new(id),
            visit: SpellId::new(id),
            version: 1,
            source: self.sources[0].clone(),
            person,
            organisation: OdsCode::new(ORGANISATION),
            spell: Spell::default(),
        };
        let keys = self.keys.clone();
        self.store.write(async move |tx| spell::save(&tx, &keys, now(), &[stay]).await).await.unwrap();
        let admitted = hours.map(|hours| (now() - hours.hours()).as_microsecond().to_string());
        let admitted = admitted.unwrap_or_else(|| "NULL".into());
        let columns = format!("UPDATE spell SET listed = {listed}, admitted_at = {admitted} WHERE spell = '{id}'");
        self.store.read().execute_unprepared(&columns).await.unwrap();
    }
}

fn ids((stays, has_more): &(Vec<StoredStay>, bool)) -> (Vec<&str>, bool) {
    (stays.iter().map(|stay| stay.id.as_str()).collect(), *has_more)
}

#[tokio::test]
async fn the_newest_stays_of_known_people_come_first_and_those_without_a_time_last() {
    let scene = Scene::new(true, &[("a", None), ("b", Some(3)), ("d", Some(1)), ("c", Some(1))]).await;
    let db = scene.store.read();
    for (most, more) in [(1, true), (3, true), (4, false), (5, false)] {
        let found = find_newest_in_hospital(db, &scene.keys, &scene.sources, now(), most).await.unwrap();
        let all = ["c", "d", "b", "a"];
        assert_eq!(ids(&found), (all.into_iter().take(most).collect(), more), "at most {most}");
    }
    let everybody = find_in_hospital(db, &scene.keys, &scene.sources, now()).await.unwrap();
    assert_eq!(everybody.len(), 5, "a bed of an unknown person is taken too");
}

#[tokio::test]
async fn those_who_attend_are_cut_at_the_limit_and_the_answer_says_so() {
    let scene = Scene::new(false, &[("a", None), ("b", Some(73)), ("c", Some(2)), ("d", Some(1))]).await;
    let db = scene.store.read();
    for (most, expected) in [(1, (vec!["d"], true)), (2, (vec!["d", "c"], false))] {
        let found = find_attending(db, &scene.keys, &scene.sources, now(), most).await.unwrap();
        assert_eq!(ids(&found), expected, "at most {most}");
    }
}
