//! The previous version next to this one: either sequencer leads while the other version appends. No row is reported as
//! altered, no entry is refused, and waiting rows are sequenced once this version leads.

#![allow(clippy::unwrap_used, reason = "tests")]

#[path = "mixed_version_tests/scene.rs"]
mod scene;

use std::collections::BTreeMap;

use lcr_contracts::{
    Audit as _,
    audit::{EntryFingerprint, EntryState, OpenEntry, TreeHead},
};

use super::*;
use crate::domain::{checkpoint_times::GRACE_SECONDS, leaf::RowState};
use scene::{caller, entry, log};

/// a leaf of the previous version's sequencer verifies, and a real alteration is reported.
#[tokio::test]
async fn an_entry_sequenced_by_the_previous_version_verifies() {
    use sea_orm::ConnectionTrait;

    let log = log().await;
    let first = log.append().await.unwrap();
    log.step_previous_version().await.unwrap();
    let second = log.append().await.unwrap();
    log.sequencer.sequence_batch().await.unwrap();
    for org in ["Y90001", "Z9H01", "Z9T99"] {
        let states = log.states(org).await;
        let of = |id| states.iter().find(|(one, _)| *one == id).unwrap().1;
        assert_eq!((of(first.id), of(second.id)), (RowState::Whole, RowState::Whole), "{org}");
    }
    let remembered = [&first, &second].map(|entry| EntryFingerprint { id: entry.id, fingerprint: entry.fingerprint() });
    let answer = log.service.reconcile(TreeHead::default(), remembered.to_vec()).await.unwrap();
    assert_eq!(answer.states, [EntryState::Placed, EntryState::Placed]);
    // That leaf does not cover the organisations concerned, but the log's code does.
    let forged =
        format!("UPDATE entry SET concerned = '{{\"Z9T99\":[\"{}\"]}}' WHERE concerned IS NOT NULL", first.people[0].0);
    log.service.store.read().execute_unprepared(&forged).await.unwrap();
    let states = log.states("Z9T99").await;
    assert!(
        states
            .iter()
            .filter(|(id, _)| [first.id, second.id].contains(id))
            .all(|(_, state)| { *state == RowState::Altered })
    );
}

#[tokio::test]
async fn no_entry_is_refused_while_the_previous_version_leads_and_signs_nothing() {
    let log = log().await;
    log.append().await.unwrap();
    log.step_previous_version().await.unwrap();
    log.advance_clock(super::super::checkpoint_monitor::MAX_CHECKPOINT_AGE_SECONDS * 4);
    log.append().await.unwrap();
    assert_eq!(log.service.monitor.age().await, 0, "no alarm for the age of a checkpoint without a time");
    // It fails safe: a version that states no time cannot lead forever.
    log.advance_clock(GRACE_SECONDS);
    log.service.monitor.can_grow().await;
    assert!(log.append().await.is_err());
    assert!(log.service.monitor.age().await > GRACE_SECONDS);
    // Once this version leads, the log continues without an engineer.
    log.sequencer.sequence_batch().await.unwrap();
    log.service.monitor.can_grow().await;
    log.append().await.unwrap();
}

/// The previous version's sequencer stops at a row of an unknown kind.
#[tokio::test]
async fn a_sign_in_is_sequenced_only_after_the_previous_version_stops_leading() {
    let log = log().await;
    log.sign_in("nhs-1").await;
    assert!(!log.sequencer.import_logins().await, "this version does not queue it before it has signed");
    log.append().await.unwrap();
    log.step_previous_version().await.unwrap();
    let outside = log.service.report_outside_tree(&caller("Y90001")).await.unwrap();
    assert_eq!((outside.logins_altered, outside.unsequenced, outside.refused), (0, 0, 0));
    log.append().await.unwrap();
    log.sequencer.sequence_batch().await.unwrap();
    assert!(log.sequencer.import_logins().await);
    log.sign_in("nhs-2").await;
    log.sequencer.sequence_batch().await.unwrap();
    log.advance_clock(GRACE_SECONDS + 1);
    log.sequencer.sequence_batch().await.unwrap();
    let outside = log.service.report_outside_tree(&caller("Y90001")).await.unwrap();
    assert_eq!((outside.logins_altered, outside.unsequenced, outside.refused), (0, 0, 0));
    let logins = log.states("Y90001").await.len() - 2;
    assert!(logins >= 2, "both sign-ins are in the tree");
}

/// A rollback and the next upgrade: the previous version removes the times and appends rows without codes.
#[tokio::test]
async fn after_a_rollback_the_log_continues_and_no_row_is_reported_as_altered() {
    use sea_orm::ConnectionTrait;

    let log = log().await;
    log.append().await.unwrap();
    log.sequencer.sequence_batch().await.unwrap();
    log.advance_clock(GRACE_SECONDS * 2);
    let uncoded = entry(log.clock.now());
    let (key, now) = (log.service.key.clone(), log.clock.now());
    let stored = OpenEntry { concerned: BTreeMap::new(), ..uncoded.clone() };
    let write = log.service.store.write(async move |tx| store::append(&tx, &key, &stored, now).await);
    write.await.unwrap();
    let remove_code = "UPDATE entry SET code = NULL WHERE concerned IS NULL";
    log.service.store.read().execute_unprepared(remove_code).await.unwrap();
    log.step_previous_version().await.unwrap();
    log.sequencer.sequence_batch().await.unwrap();
    log.service.monitor.can_grow().await;
    let last = log.append().await.unwrap();
    log.sequencer.sequence_batch().await.unwrap();
    let states = log.states("Y90001").await;
    assert!(states.iter().any(|(id, _)| *id == uncoded.id) && states.iter().any(|(id, _)| *id == last.id));
    assert!(states.iter().all(|(_, state)| *state == RowState::Whole), "{states:?}");
}
