//! Attacks on the log by somebody who can write all of audit's database: alter, delete, insert, reorder, truncate, fork
//! and freeze, on `SQLite` and `PostgreSQL`. `lcr audit verify` or the log itself must detect each of them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "verify/scene.rs"]
mod scene;

use lcr_contracts::audit::{EntryFingerprint, EntryState};

use scene::{Backend, COPY, Log, MAX_AGE_SECONDS, entry};

const REORDER: &str = "UPDATE leaf SET place = -1 WHERE place = 1; UPDATE leaf SET place = 1 WHERE place = 2; \
                       UPDATE leaf SET place = 2 WHERE place = -1";

/// The name of an attack, its SQL, and a part of the error that `verify` then reports. `{1}` is the id of the row at leaf 1.
const CASES: [(&str, &str, &str); 16] = [
    ("alter", "UPDATE entry SET reason = 'other' WHERE id = {2}", "leaf 2: row"),
    ("alter who", "UPDATE entry SET \"user\" = 'x' WHERE id = {2}", "leaf 2: row"),
    ("hide from the person", "DELETE FROM entry_person WHERE entry = {3}", "leaf 3: row"),
    ("hide from an organisation", "UPDATE entry SET org = '' WHERE id = {3}", "leaf 3: row"),
    ("hide from its practice", "DELETE FROM entry_concern WHERE entry = {3}", "leaf 3: row"),
    ("delete a row", "DELETE FROM entry WHERE id = {1}", "leaf 1: row"),
    ("delete a leaf", "DELETE FROM leaf WHERE place = 1", "entries/000"),
    ("delete a hash", "DELETE FROM node WHERE place = 0", "tile/0/000"),
    ("alter a hash", "UPDATE node SET hash = (SELECT hash FROM node WHERE place = 1) WHERE place = 0", "tile 0/000"),
    ("insert a row", COPY, "1 rows are in the log and not in its tree"),
    ("insert a sign-in", "INSERT INTO login VALUES ('somebody', {new}, 1, {true})", "1 sign-ins are not"),
    ("reorder rows", "UPDATE leaf SET id = {1} WHERE place = 2", "leaf 2: row"),
    ("reorder leaves", REORDER, "leaf 1 was exchanged"),
    ("truncate the leaves", "DELETE FROM leaf WHERE place >= 4", "entries/000"),
    ("delete the checkpoint", "DELETE FROM head", "checkpoint answers 404"),
    ("forge", "UPDATE head SET note = REPLACE(note, 'signed-at 1', 'signed-at 2')", "not signed by that key"),
];

async fn each_attack_is_detected(backend: Backend) {
    for (name, sql, expected) in CASES {
        let log = Log::open(backend).await;
        log.append(6).await;
        log.verify().await.unwrap_or_else(|why| panic!("{name}: an intact log verifies: {why}"));
        // Verifying is an entry of its own; a change before it has its place would be signed as part of the tree.
        log.wait_until_queue_is_empty().await;
        log.sql(sql).await;
        let Err(why) = log.verify().await else { panic!("{name} is not detected") };
        assert!(why.contains(expected), "{name}: {why}");
    }
}

/// Rows that are inserted into the queue get no place, and neither do the log's own rows after a change.
async fn inserted_rows_get_no_place(backend: Backend) {
    let log = Log::open(backend).await;
    log.append(3).await;
    log.sql(COPY).await;
    log.sql("INSERT INTO pending (kind, id) SELECT 'opened', id FROM entry WHERE id = {new}").await;
    log.sql("INSERT INTO pending (kind, id) SELECT 'opened', id FROM leaf WHERE place = 1").await;
    // A row of the log itself, changed while it waits.
    let waits = log.append_while_halted().await;
    log.sql(&format!("UPDATE entry SET reason = 'other' WHERE id = {}", log.literal(waits.id))).await;
    log.restore_size().await;
    log.append(1).await;
    let why = log.verify().await.unwrap_err();
    assert!(why.contains("3 rows of the queue are not the log's own"), "{why}");
    assert!(why.contains(&waits.id.to_string()), "the error names it: {why}");
}

/// Lowering the size stops the tree. From then on the log accepts no entry, and the deletion of an entry is detected.
async fn a_stopped_log_accepts_no_entry(backend: Backend) {
    let log = Log::open(backend).await;
    log.append(3).await;
    let hidden = log.append_while_halted().await;
    for table in ["pending", "entry"] {
        log.sql(&format!("DELETE FROM {table} WHERE id = {}", log.literal(hidden.id))).await;
    }
    assert!(log.try_append(&entry()).await.is_err(), "no entry is accepted while the tree is stopped");
    let why = log.verify_at(MAX_AGE_SECONDS + 20).await.unwrap_err();
    assert!(why.contains("seconds"), "{why}");
    log.restore_size().await;
    log.append(1).await;
    // Consent stores what it has appended.
    let stored = EntryFingerprint { id: hidden.id, fingerprint: hidden.fingerprint() };
    let answer = log.handle().api.reconcile(log.head().await, vec![stored]).await.unwrap();
    assert_eq!(answer.states, [EntryState::Missing]);
}

/// An earlier state of the log replaces the present one. Earlier checkpoints outside the log detect it.
async fn a_truncated_log_is_not_continued(backend: Backend) {
    let mut log = Log::open(backend).await;
    log.append(3).await;
    log.verify().await.unwrap();
    let earlier = log.head_row().await;
    log.append(4).await;
    log.verify().await.unwrap();
    let seen = log.head().await;
    log.truncate_to(&earlier).await;
    log.settle().await;
    assert!(log.try_append(&entry()).await.is_err(), "no entry is accepted");
    assert_eq!(log.head_row().await.0, earlier.0, "nothing is signed");
    let why = log.verify().await.unwrap_err();
    assert!(why.contains("shorter than it was"), "{why}");
    // A restarted process has not seen the longer tree, but consent has.
    log.restart().await;
    let refused = log.handle().api.append(&scene::consent(), entry(), seen.clone()).await;
    assert!(refused.is_err(), "the tree does not extend what consent has seen");
    assert!(log.handle().api.reconcile(seen, vec![]).await.is_err());
    log.settle().await;
    assert!(log.verify().await.is_err(), "the checkpoint outside the log detects it");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_on_the_sqlite_file_is_detected() {
    each_attack_is_detected(Backend::Sqlite).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attack_on_the_postgres_schema_is_detected() {
    each_attack_is_detected(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inserted_rows_get_no_place_in_either_database() {
    inserted_rows_get_no_place(Backend::Sqlite).await;
    inserted_rows_get_no_place(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopped_log_accepts_no_entry_in_either_database() {
    a_stopped_log_accepts_no_entry(Backend::Sqlite).await;
    a_stopped_log_accepts_no_entry(Backend::Postgres).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_truncated_log_is_not_continued_in_either_database() {
    a_truncated_log_is_not_continued(Backend::Sqlite).await;
    a_truncated_log_is_not_continued(Backend::Postgres).await;
}
