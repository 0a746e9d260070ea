//! Jobs that panic or keep their transaction, a full queue, wrong requests and outages.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_panicking_job_stops_neither_its_neighbours_nor_the_writer() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let panics = store.write(async move |tx| -> Result<(), DbErr> {
        add(&tx, 666).await?;
        panic!("a defect in somebody's work");
    });
    let (panicked, before, after) = tokio::join!(panics, note(&store, 1), note(&store, 2));
    assert!(matches!(&panicked, Err(StoreError::Database(_))), "the panicking job gets the error");
    assert_eq!(Failure::from(panicked.unwrap_err()).kind, FailureKind::Internal);
    // Jobs in the same commit may be refused too, but they get an answer and may try again.
    let mut expected: Vec<i64> =
        [(before, 1), (after, 2)].iter().filter(|(one, _)| one.is_ok()).map(|(_, id)| *id).collect();
    note(&store, 3).await.expect("the writer goes on");
    expected.push(3);
    assert_eq!(ids(store.read()).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_keeps_its_transaction_stores_nothing() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let kept = store.write(async move |tx| {
        add(&tx, 1).await?;
        Ok(tx)
    });
    assert!(matches!(kept.await, Err(StoreError::Database(_))));
    note(&store, 2).await.unwrap();
    // Nor if another task holds it for longer. Its lock on the file ends with it.
    let (send, held) = tokio::sync::oneshot::channel();
    let kept = store.write(async move |tx| {
        add(&tx, 3).await?;
        send.send(tx).map_err(|_| DbErr::Custom("nobody waits".into()))
    });
    assert!(kept.await.is_err());
    drop(held.await.unwrap());
    eventually(Duration::from_secs(10), "the store takes writes again", async || note(&store, 4).await.is_ok()).await;
    assert_eq!(ids(store.read()).await, [2, 4]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_refuses_work_and_stores_nothing_of_it() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    let other = other(&file(&folder)).await;
    other.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    // More than a batch and the queue hold.
    let writes: Vec<_> = (0..4700)
        .map(|id| {
            let store = store.clone();
            tokio::spawn(async move { note(&store, id).await.is_ok() })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(5500)).await;
    other.execute_unprepared("ROLLBACK").await.unwrap();
    let answers: Vec<bool> = join_all(writes).await.into_iter().map(Result::unwrap).collect();
    let stored: Vec<i64> = (0..).zip(&answers).filter(|(_, stored)| **stored).map(|(id, _)| id).collect();
    assert!(answers.iter().any(|stored| !stored), "somebody was refused");
    assert_eq!(ids(store.read()).await, stored, "kept is what was answered, no more and no less");
    note(&store, 9999).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_internal_and_an_outage_is_unavailable() {
    let folder = Folder::new("store").unwrap();
    let store = open(&folder).await;
    note(&store, 1).await.unwrap();
    let twice = Failure::from(note(&store, 1).await.unwrap_err());
    assert_eq!((twice.kind, twice.inward()), (FailureKind::Internal, "statement failed (code 1555)"));
    let other = other(&file(&folder)).await;
    other.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    assert_eq!(Failure::from(note(&store, 2).await.unwrap_err()).kind, FailureKind::Unavailable);
    assert!(store.ready().await.is_err(), "a store that takes no writes is not ready");
    other.execute_unprepared("ROLLBACK").await.unwrap();
    eventually(Duration::from_secs(10), "it recovers without a further write", async || store.ready().await.is_ok())
        .await;
    note(&store, 2).await.unwrap();
}
