//! Tests of an upgrade with the previous version running beside this one: it reads the rows of this version, and its own
//! rows are refolded, so that nobody is listed twice for long.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::{collections::BTreeSet, sync::Arc};

use jiff::Timestamp;
use lcr_contracts::spell::{DischargePlanUpdate, FieldUpdate, PatientDetails, Place, SpellEvent, SpellMessage};
use lcr_model::{LocalId, SourceIdentity, SystemClock};
use lcr_store::Durability;
use lcr_testkit::Folder;
use sea_orm::{ConnectionTrait, Statement};
use serde_json::Value;

use super::*;
use crate::store::{Migrator, spell};

const VISIT: &str = "visit-1";

/// An admission with a day and no hour.
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
        patient: PatientDetails::default(),
        class: FieldUpdate::Set("I".into()),
        place: FieldUpdate::Set(Place { ward: Some("J27".into()), ..Place::default() }),
        prior_place: FieldUpdate::Unchanged,
        consultant: FieldUpdate::Unchanged,
        specialty: FieldUpdate::Unchanged,
        admitted: FieldUpdate::Set(day),
        discharged: FieldUpdate::Unchanged,
        expected_discharge: FieldUpdate::Unchanged,
        expected_stay: FieldUpdate::Unchanged,
        method: FieldUpdate::Unchanged,
        destination: FieldUpdate::Unchanged,
        discharge_method: FieldUpdate::Unchanged,
        plan: DischargePlanUpdate::default(),
        further: std::collections::BTreeMap::new(),
    }
}

async fn projections(folder: &Folder) -> Projections {
    let file = folder.path().join("ward.db");
    Projections {
        store: Store::open::<Migrator>(&file, "virtual-ward", Durability::Acknowledged).await.unwrap(),
        keys: Arc::new(DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap()),
        clock: Arc::new(SystemClock),
        changes: broadcast::channel(8).0,
    }
}

impl Projections {
    async fn ingest_message(&self, message: SpellMessage) {
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let received = message::ReceivedMessage { spell: SpellId::new(VISIT), version: 1, message };
        let batch = IncomingBatch { messages: vec![received], ..IncomingBatch::default() };
        let write = self.store.write(async move |tx| ingest::ingest(&tx, &keys, now, batch).await);
        write.await.unwrap();
    }

    async fn stays(&self) -> Vec<spell::StoredStay> {
        let visits = BTreeSet::from([SpellId::new(VISIT)]);
        spell::find_by_visits(self.store.read(), &self.keys, &visits).await.unwrap()
    }
}

#[tokio::test]
async fn the_previous_version_reads_the_messages_of_this_one() {
    let folder = Folder::new("ward-before").unwrap();
    let ward = projections(&folder).await;
    ward.ingest_message(admitted()).await;
    let db = ward.store.read();
    let rows = Statement::from_string(db.get_database_backend(), "SELECT sealed FROM message");
    let sealed: String = db.query_one_raw(rows).await.unwrap().unwrap().try_get("", "sealed").unwrap();
    // Open the row and parse the times as the previous version does.
    let plain = ward.keys.open("virtual-ward/message", &sealed).unwrap();
    let message: Value = serde_json::from_slice(&plain).unwrap();
    for time in [&message["happened"], &message["sent"], &message["admitted"]["set"]] {
        time.as_str().unwrap().parse::<Timestamp>().unwrap();
    }
}

#[tokio::test]
async fn a_stay_stored_by_the_previous_version_is_refolded() {
    let folder = Folder::new("ward-beside").unwrap();
    let ward = projections(&folder).await;
    ward.ingest_message(admitted()).await;
    let ours = ward.stays().await;
    assert_eq!(ours.len(), 1);
    // The previous version knows no visits and uses the visit number as the id of a stay.
    let theirs = spell::StoredStay { id: SpellId::new(VISIT), ..ours[0].clone() };
    let (keys, now) = (ward.keys.clone(), ward.clock.now());
    let write = ward.store.write(async move |tx| spell::save(&tx, &keys, now, &[theirs]).await);
    write.await.unwrap();
    let as_previous_version =
        format!("UPDATE spell SET visit = NULL, last_told = NULL, folded = NULL WHERE spell = '{VISIT}'");
    ward.store.read().execute_unprepared(&as_previous_version).await.unwrap();
    assert_eq!(ward.stays().await.len(), 2, "listed twice");
    ward.refold_old_stays().await;
    let left = ward.stays().await;
    assert_eq!(left.iter().map(|stay| &stay.id).collect::<Vec<_>>(), [&ours[0].id]);
}

/// When a number becomes another person's, the previous version rewrites the stay and drops the fields it does not know.
#[tokio::test]
async fn a_stay_overwritten_by_the_previous_version_is_refolded() {
    let folder = Folder::new("ward-over").unwrap();
    let ward = projections(&folder).await;
    ward.ingest_message(admitted()).await;
    let ours = ward.stays().await.remove(0);
    ward.refold_old_stays().await;
    assert_eq!(ward.stays().await[0].version, ours.version, "nothing to fold");
    let mut less = ours.clone();
    (less.spell.visit, less.spell.last_message_at) = (None, None);
    let (keys, now) = (ward.keys.clone(), ward.clock.now());
    let write = ward.store.write(async move |tx| spell::save(&tx, &keys, now, &[less]).await);
    write.await.unwrap();
    ward.store.read().execute_unprepared("UPDATE spell SET version = version + 1").await.unwrap();
    ward.refold_old_stays().await;
    let again = ward.stays().await.remove(0);
    assert!(again.spell == ours.spell && again.version > ours.version);
    ward.refold_old_stays().await;
    assert_eq!(ward.stays().await[0].version, again.version);
}
