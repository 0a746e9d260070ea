//! Failing jobs, broken transactions, and the death of the server.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_failing_job_undoes_only_itself_and_a_broken_transaction_acknowledges_no_caller() {
    let location = migrated(&Postgres::shared().database()).await;
    let store = open(&location).await;
    let writes = (0..100).map(|id| note(&store, id % 60));
    let answers = join_all(writes).await;
    assert_eq!(answers.iter().filter(|answer| answer.is_ok()).count(), 60, "the second of a key fails alone");
    assert_eq!(ids(store.read()).await.len(), 60);
    // A job that aborts its transaction: the server answers COMMIT with a silent ROLLBACK.
    let breaks = store
        .write(async move |tx| tx.execute_unprepared("ROLLBACK TO SAVEPOINT nowhere").await.map(|_| ()).or(Ok(())));
    let (broken, neighbour) = tokio::join!(breaks, note(&store, 1000));
    assert_eq!(neighbour.is_ok(), ids(store.read()).await.contains(&1000), "acknowledged is stored");
    drop(broken);
    note(&store, 1001).await.expect("the writer goes on");
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledged_writes_survive_the_servers_death() {
    let server = Postgres::start(&[]);
    let location = migrated(&server.database()).await;
    let store = open(&location).await;
    let (acknowledged, next, stop) =
        (Arc::new(Mutex::new(BTreeSet::new())), Arc::new(AtomicI64::new(0)), Arc::new(AtomicBool::new(false)));
    let writers: Vec<_> = (0..16)
        .map(|_| {
            let (store, acknowledged) = (store.clone(), acknowledged.clone());
            let (next, stop) = (next.clone(), stop.clone());
            tokio::spawn(async move {
                while !stop.load(Ordering::Relaxed) {
                    let id = next.fetch_add(1, Ordering::Relaxed);
                    if note(&store, id).await.is_ok() {
                        acknowledged.lock().unwrap().insert(id);
                    }
                }
            })
        })
        .collect();
    for round in 0..6_u64 {
        tokio::time::sleep(Duration::from_millis(200 + round * 37)).await;
        tokio::task::block_in_place(|| {
            server.kill();
            server.restart();
        });
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    stop.store(true, Ordering::Relaxed);
    for writer in writers {
        writer.await.unwrap();
    }
    let (stored, acknowledged) = (ids(store.read()).await, acknowledged.lock().unwrap().clone());
    let lost: Vec<&i64> = acknowledged.difference(&stored).collect();
    println!("{} acknowledged, {} stored", acknowledged.len(), stored.len());
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    assert!(acknowledged.len() > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_internal_and_an_outage_is_unavailable() {
    let server = Postgres::start(&[("fsync", "off")]);
    let location = migrated(&server.database()).await;
    let store = open(&location).await;
    for (wrong, cause) in [
        ("SELECT convert_from('\\x00', 'UTF8')", "a text holds what the database cannot keep (SQLSTATE 22021)"),
        ("INSERT INTO note (id) VALUES (99999999999999999999)", "statement failed (code 22003)"),
    ] {
        let write = store.write(async move |tx| tx.execute_unprepared(wrong).await.map(|_| ()));
        let failure = Failure::from(write.await.unwrap_err());
        assert_eq!((failure.kind, failure.inward()), (FailureKind::Internal, cause));
    }
    tokio::task::block_in_place(|| server.kill());
    assert_eq!(Failure::from(note(&store, 1).await.unwrap_err()).kind, FailureKind::Unavailable);
    assert!(store.ready().await.is_err());
    tokio::task::block_in_place(|| server.restart());
    eventually(Duration::from_secs(10), "it recovers without a further write", async || store.ready().await.is_ok())
        .await;
    note(&store, 1).await.unwrap();
}
