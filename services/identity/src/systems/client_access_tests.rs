//! Published keys are fetched rarely and count for five minutes; each client has a rate of its own (S-47).

#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::atomic::{AtomicUsize, Ordering};

use axum::{Json, Router, routing::get};
use lcr_web::EgressRules;
use serde_json::json;

use super::*;
use crate::systems::testing::jwks;

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000 + seconds).unwrap()
}

fn outbound() -> Outbound {
    Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap()
}

/// A server that publishes what it holds and counts how often it is asked.
struct Publisher {
    url: String,
    asked: Arc<AtomicUsize>,
    set: Arc<std::sync::Mutex<Value>>,
}

impl Publisher {
    async fn start(set: Value) -> Self {
        let (asked, set) = (Arc::new(AtomicUsize::new(0)), Arc::new(std::sync::Mutex::new(set)));
        let (counter, shown) = (asked.clone(), set.clone());
        let answer = move || {
            counter.fetch_add(1, Ordering::SeqCst);
            let set = shown.lock().unwrap().clone();
            async move { Json(set) }
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks", listener.local_addr().unwrap());
        let router = Router::new().route("/jwks", get(answer));
        tokio::spawn(async move { axum::serve(listener, router).await });
        Self { url, asked, set }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

#[tokio::test]
async fn keys_are_fetched_once_and_again_for_a_new_key() {
    let publisher = Publisher::start(jwks("a")).await;
    let (access, outbound) = (ClientAccess::default(), outbound());
    let keys = async |kid: &'static str, now| access.published_keys(&outbound, &publisher.url, kid, now).await;
    assert!(key_set::has(&keys("a", at(0)).await.unwrap(), "a"));
    keys("a", at(100)).await.unwrap();
    assert_eq!(publisher.asked(), 1);
    *publisher.set.lock().unwrap() = jwks("b");
    assert!(key_set::has(&keys("b", at(101)).await.unwrap(), "b"), "a rotated key");
    assert_eq!(publisher.asked(), 2);
    for second in 102..130 {
        keys("never-there", at(second)).await.unwrap();
    }
    assert_eq!(publisher.asked(), 2, "tokens with unknown keys fetch nothing for 30 seconds");
    assert!(!key_set::has(&keys("b", at(101 + 300)).await.unwrap(), "a"));
    assert_eq!(publisher.asked(), 3, "five minutes are over");
}

#[tokio::test]
async fn keys_that_do_not_come_are_not_asked_for_again_at_once() {
    let publisher = Publisher::start(json!("no set")).await;
    let (access, outbound) = (ClientAccess::default(), outbound());
    for second in 0..20 {
        let keys = access.published_keys(&outbound, &publisher.url, "a", at(second)).await;
        assert_eq!(keys.unwrap(), json!({ "keys": [] }));
    }
    assert_eq!(publisher.asked(), 1);
    let inside = access.published_keys(&outbound, "https://10.0.0.1/jwks", "a", at(0)).await;
    assert_eq!(inside, None, "an address inside is never called");
}

#[test]
fn each_client_has_a_rate_of_its_own() {
    let access = ClientAccess::default();
    let allowed = |client, rate| (0..100).filter(|_| access.allows(client, rate)).count();
    assert_eq!(allowed("one", 2), 2);
    assert_eq!(allowed("two", 2), 2);
    assert_eq!(allowed("three", 0), 60, "the platform's default");
    assert_eq!(allowed("two", 30), 0, "another rate is no fresh start");
}

#[test]
fn only_a_client_of_an_organisation_that_takes_part_reads() {
    use crate::systems::testing::{OWNER, organisation};

    for state in PartnerState::ALL {
        let row = organisation(OWNER, state);
        let is_closed = matches!(state, PartnerState::Suspended | PartnerState::Left);
        for (scope, is_allowed) in [
            ("feeds.write", !is_closed),
            ("people.write", !is_closed),
            ("feeds.write people.write", !is_closed),
            ("fhir.read", state.is_live()),
            ("fhir.read people.write", state.is_live()),
        ] {
            assert_eq!(obstacle(Some(&row), scope).is_none(), is_allowed, "{state}, {scope}");
        }
        let unsigned = Organisation { agreement_signed: false, ..row };
        assert!(obstacle(Some(&unsigned), "fhir.read").is_some(), "{state}");
    }
    assert!(obstacle(None, "fhir.read").is_some());
}
