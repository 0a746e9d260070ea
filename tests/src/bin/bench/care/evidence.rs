//! The time from sending evidence of care, or its end, until a fresh decision follows it. In the split form NATS carries
//! the evidence.

use std::time::{Duration, Instant};

use lcr_model::{Clock, SystemClock};
use lcr_tests::{Actor, Platform};
use serde_json::{Value, json};

use crate::{report::Report, traffic::percentile};

/// Pushes of each direction.
const PUSHES: usize = 200;
/// A token lives for five minutes.
const PUSHES_PER_SIGN_IN: usize = 25;
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// An effect that takes longer is a fault, not a figure.
const GIVE_UP: Duration = Duration::from_secs(20);
const LIMIT_MS: f64 = 1000.0;

/// A social worker, the sender of her service's evidence, and a person.
pub struct Parties {
    pub sender: Actor,
    worker: Actor,
    person: String,
}

impl Parties {
    pub async fn sign_in(platform: &Platform) -> Self {
        let worker = platform.actor("social-worker").await;
        let number = platform.city().cast().fredrica_smith.nhs_number.clone().unwrap();
        let person = worker.find_person(&number).await;
        Self { sender: platform.actor("adult-social-care-feed").await, worker, person }
    }

    /// Asks for a fresh decision again and again until it is as expected.
    pub async fn wait_for_decision(&self, allowed: bool, interval: Duration, limit: Duration) {
        let started = Instant::now();
        loop {
            let answer = self.worker.post("/api/consent/v1/decisions", &json!({ "person": self.person })).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
            if answer.json()["allowed"] == allowed {
                return;
            }
            assert!(started.elapsed() < limit, "the decision does not follow the evidence");
            tokio::time::sleep(interval).await;
        }
    }

    /// The time from sending until the decision follows.
    async fn push(&self, platform: &Platform, is_open: bool) -> Duration {
        let bundle = episode(platform, is_open);
        let sent = Instant::now();
        let answer = self.sender.post("/api/feeds/v1/fhir", &bundle).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        self.wait_for_decision(is_open, POLL_INTERVAL, GIVE_UP).await;
        sent.elapsed()
    }
}

/// The person's episode with adult social care as a Bundle: a Patient and the episode, changed now.
pub fn episode(platform: &Platform, is_open: bool) -> Value {
    let ended = platform.city().care().end("fredrica", "Z9S01", SystemClock.now());
    let mut bundle = ended.unwrap().bundle;
    if is_open {
        let episode = &mut bundle["entry"][1]["resource"];
        episode["status"] = json!("active");
        episode["period"].as_object_mut().unwrap().remove("end");
    }
    bundle
}

pub async fn measure(platform: &Platform, form: &str, report: &mut Report) {
    let (mut begun, mut ended) = (vec![], vec![]);
    while begun.len() < PUSHES {
        let parties = Parties::sign_in(platform).await;
        for _ in 0..PUSHES_PER_SIGN_IN {
            begun.push(parties.push(platform, true).await);
            ended.push(parties.push(platform, false).await);
        }
    }
    for (what, mut times) in [("evidence", begun), ("end of evidence", ended)] {
        let name = |percent: u8| format!("care: {what} to decision, {form}, p{percent}");
        let note = "from sending; 200 pushes, a decision every 5 ms";
        report.add(&name(50), percentile(&mut times, 50), "ms", note);
        report.add(&name(99), percentile(&mut times, 99), "ms", "limit: 1 s");
        report.limit(&name(99), LIMIT_MS);
    }
}
