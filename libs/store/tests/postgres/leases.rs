//! Leases in `PostgreSQL`: each belongs to one session and is free when that session ends.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_held_by_one_session_and_is_free_when_it_ends() {
    let server = Postgres::start(&[("fsync", "off")]);
    let location = migrated(&server.database()).await;
    let (one, two) = (open(&location).await, open(&location).await);
    let lease = one.lease("sequencer").await.unwrap().expect("it is free");
    assert!(two.lease("sequencer").await.unwrap().is_none(), "while another replica has it");
    assert!(two.lease("relay").await.unwrap().is_some(), "another lease is another");
    assert!(lease.holds().await);
    drop(lease);
    let taken = eventually_ok(Duration::from_secs(10), "the lease is free when its holder lets go", async || {
        two.lease("sequencer").await.unwrap().ok_or("taken")
    })
    .await;
    tokio::task::block_in_place(|| {
        server.kill();
        server.restart();
    });
    assert!(!taken.holds().await, "a session that is gone holds nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replica_waits_for_a_lease_on_one_session() {
    let server = Postgres::start(&[("fsync", "off")]);
    let location = migrated(&server.database()).await;
    let (one, two) = (open(&location).await, open(&location).await);
    let (mut first, mut second) = (Leader::new(one, "relay"), Leader::new(two.clone(), "relay"));
    assert!(first.is_leader().await);
    let before = sessions(two.read()).await;
    for _ in 0..30 {
        assert!(!second.is_leader().await, "while another leads");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(sessions(two.read()).await <= before + 1, "it waits on one session");
    drop(first);
    tokio::time::timeout(Duration::from_secs(10), second.acquire()).await.expect("it leads");
    tokio::task::block_in_place(|| {
        server.kill();
        server.restart();
    });
    tokio::time::sleep(lcr_store::lease::CHECK_INTERVAL).await;
    let again = tokio::time::timeout(Duration::from_secs(10), second.acquire()).await;
    again.expect("on a session made anew, nobody being before it");
}

async fn sessions(db: &DatabaseConnection) -> i64 {
    let all = "SELECT COUNT(*) FROM pg_stat_activity WHERE backend_type = 'client backend'";
    let row = db.query_one_raw(Statement::from_string(DbBackend::Postgres, all)).await.unwrap().unwrap();
    row.try_get_by_index(0).unwrap()
}
