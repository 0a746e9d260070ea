//! Leader election: one leader at a time, and a successor soon.

use std::{sync::Arc, time::Duration};

use lcr_model::SystemClock;
use lcr_operator::lease::{LEASE_DURATION, Lease, RETRY_PERIOD};
use lcr_runtime::Stop;
use tokio::sync::watch;

use crate::fake_api_server::FakeApiServer;

const LEASES: &str = "apis/coordination.k8s.io/v1/namespaces/lcr/leases";

fn replica(api: &FakeApiServer, identity: &str) -> Lease {
    Lease::new(api.client(), "lcr", "lcr-operator", identity, Arc::new(SystemClock))
}

fn holder(api: &FakeApiServer) -> Option<String> {
    let spec = api.get(LEASES, "lcr-operator")?["spec"]["holderIdentity"].clone();
    spec.as_str().map(str::to_owned)
}

#[tokio::test]
async fn one_of_two_replicas_becomes_leader() {
    let api = FakeApiServer::default();
    let (mut one, mut two) = (replica(&api, "one"), replica(&api, "two"));
    let (first, second) = tokio::join!(one.try_acquire(), two.try_acquire());
    assert!(first != second, "{first} {second}");
    assert_eq!(holder(&api).as_deref(), Some(if first { "one" } else { "two" }));
    assert_eq!((one.try_acquire().await, two.try_acquire().await), (first, second), "and goes on holding it");
}

#[tokio::test(start_paused = true)]
async fn a_killed_leader_is_replaced_within_twenty_seconds() {
    let api = FakeApiServer::default();
    let (mut one, mut two) = (replica(&api, "one"), replica(&api, "two"));
    assert!(one.try_acquire().await && !two.try_acquire().await);
    let killed = tokio::time::Instant::now();
    while !two.try_acquire().await {
        tokio::time::sleep(RETRY_PERIOD).await;
    }
    assert!(killed.elapsed() >= LEASE_DURATION && killed.elapsed() < Duration::from_secs(20), "{:?}", killed.elapsed());
    assert!(!one.try_acquire().await, "the old leader is leader no more");
}

#[tokio::test(start_paused = true)]
async fn a_stopping_leader_releases_the_lease_for_a_successor() {
    let api = FakeApiServer::default();
    let (stop, (leader_sender, mut leader_receiver)) = (Stop::new(), watch::channel(false));
    let election = tokio::spawn(replica(&api, "one").run(leader_sender, stop.clone()));
    leader_receiver.wait_for(|is_leader| *is_leader).await.unwrap();
    stop.cancel();
    election.await.unwrap();
    assert_eq!(holder(&api), None);
    assert!(replica(&api, "two").try_acquire().await);
}

#[tokio::test(start_paused = true)]
async fn a_leader_that_cannot_renew_stops_before_a_successor_starts() {
    let api = FakeApiServer::default();
    let mut one = replica(&api, "one");
    assert!(one.try_acquire().await);
    api.refuse(LEASES, 503);
    assert!(one.try_acquire().await, "one request that fails is no reason");
    tokio::time::sleep(LEASE_DURATION.saturating_sub(RETRY_PERIOD)).await;
    assert!(!one.try_acquire().await);
}
