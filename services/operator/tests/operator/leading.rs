//! Who writes: the holder of the lease, one at a time, and a successor soon.

use std::{sync::Arc, time::Duration};

use lcr_model::SystemClock;
use lcr_operator::lease::{EVERY, LASTS, Lease};
use lcr_runtime::Stop;
use tokio::sync::watch;

use crate::api::Api;

const LEASES: &str = "apis/coordination.k8s.io/v1/namespaces/lcr/leases";

fn replica(api: &Api, me: &str) -> Lease {
    Lease::new(api.client(), "lcr", "lcr-operator", me, Arc::new(SystemClock))
}

fn holder(api: &Api) -> Option<String> {
    let spec = api.get(LEASES, "lcr-operator")?["spec"]["holderIdentity"].clone();
    spec.as_str().map(str::to_owned)
}

#[tokio::test]
async fn of_two_that_want_it_one_holds_it() {
    let api = Api::default();
    let (mut one, mut two) = (replica(&api, "one"), replica(&api, "two"));
    let (first, second) = tokio::join!(one.look(), two.look());
    assert!(first != second, "{first} {second}");
    assert_eq!(holder(&api).as_deref(), Some(if first { "one" } else { "two" }));
    assert_eq!((one.look().await, two.look().await), (first, second), "and goes on holding it");
}

#[tokio::test(start_paused = true)]
async fn a_holder_that_is_killed_is_succeeded_within_twenty_seconds() {
    let api = Api::default();
    let (mut one, mut two) = (replica(&api, "one"), replica(&api, "two"));
    assert!(one.look().await && !two.look().await);
    let killed = tokio::time::Instant::now();
    while !two.look().await {
        tokio::time::sleep(EVERY).await;
    }
    assert!(
        killed.elapsed() >= LASTS && killed.elapsed() < Duration::from_secs(20),
        "{:?}",
        killed.elapsed()
    );
    assert!(!one.look().await, "who was away does not hold it any more");
}

#[tokio::test(start_paused = true)]
async fn told_to_stop_it_gives_the_lease_back_and_a_successor_need_not_wait() {
    let api = Api::default();
    let (stop, (leads, mut hears)) = (Stop::new(), watch::channel(false));
    let keeping = tokio::spawn(replica(&api, "one").keep(leads, stop.clone()));
    hears.wait_for(|leads| *leads).await.unwrap();
    stop.cancel();
    keeping.await.unwrap();
    assert_eq!(holder(&api), None);
    assert!(replica(&api, "two").look().await);
}

#[tokio::test(start_paused = true)]
async fn who_cannot_renew_stops_writing_before_another_may_start() {
    let api = Api::default();
    let mut one = replica(&api, "one");
    assert!(one.look().await);
    api.refuse(LEASES, 503);
    assert!(one.look().await, "one request that fails is no reason");
    tokio::time::sleep(LASTS.saturating_sub(EVERY)).await;
    assert!(!one.look().await);
}
