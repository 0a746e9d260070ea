//! What somebody who may write all of audit's database can do, and what `lcr audit verify` and the log say of it: alter,
//! delete, insert, reorder, truncate, fork and freeze, on `SQLite` and `PostgreSQL`.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "verify/scene.rs"]
mod scene;

use lcr_contracts::audit::{EntryState, KeptEntry};

use scene::{COPY, Log, MOST_AGE, Place, entry};

const REORDER: &str = "UPDATE leaf SET place = -1 WHERE place = 1; UPDATE leaf SET place = 1 WHERE place = 2; \
                       UPDATE leaf SET place = 2 WHERE place = -1";

/// What is done to the database, and a part of what `verify` then says. `{1}` is the id of the row at leaf 1.
const CASES: [(&str, &str, &str); 16] = [
    ("alter", "UPDATE entry SET reason = 'other' WHERE id = {2}", "leaf 2: row"),
    ("alter who", "UPDATE entry SET \"user\" = 'x' WHERE id = {2}", "leaf 2: row"),
    ("hide from the person", "DELETE FROM entry_person WHERE entry = {3}", "leaf 3: row"),
    ("hide from an organisation", "UPDATE entry SET org = '' WHERE id = {3}", "leaf 3: row"),
    ("hide from its practice", "DELETE FROM entry_concern WHERE entry = {3}", "leaf 3: row"),
    ("delete a row", "DELETE FROM entry WHERE id = {1}", "leaf 1: row"),
    ("delete a leaf", "DELETE FROM leaf WHERE place = 1", "entries/000"),
    ("delete a hash", "DELETE FROM node WHERE place = 0", "tile/0/000"),
    (
        "alter a hash",
        "UPDATE node SET hash = (SELECT hash FROM node WHERE place = 1) WHERE place = 0",
        "tile 0/000",
    ),
    ("insert a row", COPY, "1 rows are in the log and not in its tree"),
    ("insert a sign-in", "INSERT INTO login VALUES ('somebody', {new}, 1, {true})", "1 sign-ins are not"),
    ("reorder rows", "UPDATE leaf SET id = {1} WHERE place = 2", "leaf 2: row"),
    ("reorder leaves", REORDER, "leaf 1 was exchanged"),
    ("truncate the leaves", "DELETE FROM leaf WHERE place >= 4", "entries/000"),
    ("take the checkpoint away", "DELETE FROM head", "checkpoint answers 404"),
    ("forge", "UPDATE head SET note = REPLACE(note, 'signed-at 1', 'signed-at 2')", "not signed by that key"),
];

async fn each_is_told(place: Place) {
    for (name, sql, told) in CASES {
        let log = Log::open(place).await;
        log.append(6).await;
        log.verify().await.unwrap_or_else(|why| panic!("{name}: a whole log verifies: {why}"));
        // The sequencer would sign over what is changed while it places the look that verifying was.
        log.until_nothing_waits().await;
        log.sql(sql).await;
        let Err(why) = log.verify().await else { panic!("{name} is not told") };
        assert!(why.contains(told), "{name}: {why}");
    }
}

/// Rows put into the queue get no place, and neither do the log's own once they were changed.
async fn inserted_rows_get_no_place(place: Place) {
    let log = Log::open(place).await;
    log.append(3).await;
    log.sql(COPY).await;
    log.sql("INSERT INTO pending (kind, id) SELECT 'opened', id FROM entry WHERE id = {new}").await;
    log.sql("INSERT INTO pending (kind, id) SELECT 'opened', id FROM leaf WHERE place = 1").await;
    // One of its own, changed while it waits.
    let waits = log.append_while_halted().await;
    log.sql(&format!("UPDATE entry SET reason = 'other' WHERE id = {}", log.literal(waits.id))).await;
    log.go_on().await;
    log.append(1).await;
    let why = log.verify().await.unwrap_err();
    assert!(why.contains("3 rows of the queue are not the log's own"), "{why}");
    assert!(why.contains(&waits.id.to_string()), "it is named: {why}");
}

/// Lowering the size stops the tree: from then on nobody is shown anything, and what was deleted meanwhile is missed.
async fn a_log_that_stands_still_takes_nothing(place: Place) {
    let log = Log::open(place).await;
    log.append(3).await;
    let hidden = log.append_while_halted().await;
    for table in ["pending", "entry"] {
        log.sql(&format!("DELETE FROM {table} WHERE id = {}", log.literal(hidden.id))).await;
    }
    assert!(log.try_append(&entry()).await.is_err(), "nothing is taken while the tree stands still");
    let why = log.verify_at(MOST_AGE + 20).await.unwrap_err();
    assert!(why.contains("seconds"), "{why}");
    log.go_on().await;
    log.append(1).await;
    // Consent kept what it had appended.
    let kept = KeptEntry { id: hidden.id, fingerprint: hidden.fingerprint() };
    let told = log.handle().api.reconcile(log.head().await, vec![kept]).await.unwrap();
    assert_eq!(told.states, [EntryState::Missing]);
}

/// The log of an hour ago is put in the place of today's: what was signed since is not forgotten.
async fn a_log_that_was_cut_off_is_not_continued(place: Place) {
    let mut log = Log::open(place).await;
    log.append(3).await;
    log.verify().await.unwrap();
    let earlier = log.head_row().await;
    log.append(4).await;
    log.verify().await.unwrap();
    let seen = log.head().await;
    log.cut_off(&earlier).await;
    log.settle().await;
    assert!(log.try_append(&entry()).await.is_err(), "nothing is taken");
    assert_eq!(log.head_row().await.0, earlier.0, "nothing is signed");
    let why = log.verify().await.unwrap_err();
    assert!(why.contains("shorter than it was"), "{why}");
    // A process that was started anew has not seen the longer tree; who appends has.
    log.restart().await;
    let refused = log.handle().api.append(&scene::consent(), entry(), seen.clone()).await;
    assert!(refused.is_err(), "the tree does not extend what consent has seen");
    assert!(log.handle().api.reconcile(seen, vec![]).await.is_err());
    log.settle().await;
    assert!(log.verify().await.is_err(), "and what was kept outside says so");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_in_the_file_is_told() {
    each_is_told(Place::File).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_change_in_the_schema_is_told() {
    each_is_told(Place::Schema).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inserted_rows_get_no_place_in_either() {
    inserted_rows_get_no_place(Place::File).await;
    inserted_rows_get_no_place(Place::Schema).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_stands_still_takes_nothing_in_either() {
    a_log_that_stands_still_takes_nothing(Place::File).await;
    a_log_that_stands_still_takes_nothing(Place::Schema).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_that_was_cut_off_is_not_continued_in_either() {
    a_log_that_was_cut_off_is_not_continued(Place::File).await;
    a_log_that_was_cut_off_is_not_continued(Place::Schema).await;
}
