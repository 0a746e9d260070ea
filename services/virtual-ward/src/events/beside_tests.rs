//! The version before beside this one: it opens and reads what this one stores, and what it stores itself meanwhile is
//! folded again, so that nobody is listed twice for longer than a moment.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use lcr_contracts::spell::{PatientSaid, Place, PlanTold, SpellEvent, SpellMessage, Told};
use lcr_model::{LocalId, SourceIdentity, SystemClock};
use lcr_store::Durability;
use lcr_testkit::Folder;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use super::*;
use crate::store::{Migrator, spell};

const VISIT: &str = "visit-1";

/// An admission of which the hospital told the day alone.
fn admitted() -> SpellMessage {
    let day: lcr_contracts::Moment = "2026-11-20".parse().unwrap();
    SpellMessage {
        identity: SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId("h1".into()) },
        event: SpellEvent::Admit,
        snapshot: None,
        visit: Some("V1".into()),
        formerly: None,
        moves_visit: false,
        happened: day,
        occurred: None,
        sent: "2026-11-20T10:05Z".parse().unwrap(),
        sequence: None,
        received: "2026-11-20T10:06:00Z".parse().unwrap(),
        control_id: "M1".into(),
        content: "c1".into(),
        patient: PatientSaid::default(),
        class: Told::Set("I".into()),
        place: Told::Set(Place { ward: Some("J27".into()), ..Place::default() }),
        prior_place: Told::Unchanged,
        consultant: Told::Unchanged,
        specialty: Told::Unchanged,
        admitted: Told::Set(day),
        discharged: Told::Unchanged,
        expected_discharge: Told::Unchanged,
        expected_stay: Told::Unchanged,
        method: Told::Unchanged,
        destination: Told::Unchanged,
        discharge_method: Told::Unchanged,
        plan: PlanTold::default(),
        further: std::collections::BTreeMap::new(),
    }
}

async fn projections(folder: &Folder) -> Projections {
    let file = folder.path().join("ward.db");
    Projections {
        store: Store::open::<Migrator>(&file, "virtual-ward", Durability::Acknowledged).await.unwrap(),
        keys: Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()),
        clock: Arc::new(SystemClock),
        news: broadcast::channel(8).0,
    }
}

impl Projections {
    async fn take(&self, message: SpellMessage) {
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let one = message::Arrived { spell: SpellId::new(VISIT), version: 1, message };
        let arrived = Arrived { messages: vec![one], ..Arrived::default() };
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move { take_in::take_in(tx, &keys, now, arrived).await })
        });
        write.await.unwrap();
    }

    async fn stays(&self) -> Vec<spell::Kept> {
        let visits = BTreeSet::from([SpellId::new(VISIT)]);
        spell::of_visits(self.store.read(), &self.keys, &visits).await.unwrap()
    }
}

#[tokio::test]
async fn the_version_before_opens_and_reads_the_messages_of_this_one() {
    let folder = Folder::new("ward-before").unwrap();
    let ward = projections(&folder).await;
    ward.take(admitted()).await;
    let db = ward.store.read();
    let rows = Statement::from_string(db.get_database_backend(), "SELECT sealed FROM message");
    let sealed: String = db.query_one_raw(rows).await.unwrap().unwrap().try_get("", "sealed").unwrap();
    // As that version opens it, and with the times as it reads them.
    let plain = ward.keys.open("virtual-ward/message", &sealed).unwrap();
    let message: Value = serde_json::from_slice(&plain).unwrap();
    for time in [&message["happened"], &message["sent"], &message["admitted"]["set"]] {
        time.as_str().unwrap().parse::<Timestamp>().unwrap();
    }
}

#[tokio::test]
async fn a_stay_that_the_version_before_stores_meanwhile_is_folded_again() {
    let folder = Folder::new("ward-beside").unwrap();
    let ward = projections(&folder).await;
    ward.take(admitted()).await;
    let ours = ward.stays().await;
    assert_eq!(ours.len(), 1);
    // That version knows no visits, and names a stay by its visit's number.
    let theirs = spell::Kept { id: SpellId::new(VISIT), ..ours[0].clone() };
    let (keys, now) = (ward.keys.clone(), ward.clock.now());
    let write = ward.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move { spell::keep(tx, &keys, now, &[theirs]).await })
    });
    write.await.unwrap();
    let forgets =
        format!("UPDATE spell SET visit = NULL, last_told = NULL, folded = NULL WHERE spell = '{VISIT}'");
    ward.store.read().execute_unprepared(&forgets).await.unwrap();
    assert_eq!(ward.stays().await.len(), 2, "listed twice");
    ward.fold_old().await;
    let left = ward.stays().await;
    assert_eq!(left.iter().map(|stay| &stay.id).collect::<Vec<_>>(), [&ours[0].id]);
}

/// When somebody's number becomes another person's, that version writes the stay as it read it, and leaves out what it
/// does not know.
#[tokio::test]
async fn a_stay_that_the_version_before_writes_over_is_folded_again() {
    let folder = Folder::new("ward-over").unwrap();
    let ward = projections(&folder).await;
    ward.take(admitted()).await;
    let ours = ward.stays().await.remove(0);
    ward.fold_old().await;
    assert_eq!(ward.stays().await[0].version, ours.version, "nothing to fold");
    let mut less = ours.clone();
    (less.spell.visit, less.spell.last_told) = (None, None);
    let (keys, now) = (ward.keys.clone(), ward.clock.now());
    let write = ward
        .store
        .write::<_, DbErr, _>(move |tx| Box::pin(async move { spell::keep(tx, &keys, now, &[less]).await }));
    write.await.unwrap();
    ward.store.read().execute_unprepared("UPDATE spell SET version = version + 1").await.unwrap();
    ward.fold_old().await;
    let again = ward.stays().await.remove(0);
    assert!(again.spell == ours.spell && again.version > ours.version);
    ward.fold_old().await;
    assert_eq!(ward.stays().await[0].version, again.version);
}
