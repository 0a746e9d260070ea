//! Messages of hospitals, and the times from a message to a list and from a choice to its effect. It must never end a
//! measurement before the effect is seen.

use std::time::{Duration, Instant};

use futures::{StreamExt, future::join_all};
use lcr_tests::{
    mllp::{MllpConnection, admission, is_accepted},
    split::unissued_nhs_number,
};
use serde_json::json;

use super::{
    limits::{CALLERS, EACH},
    load::Client,
    process::Platform,
    report::Report,
};

/// Measurements for a percentile.
const SAMPLES: usize = 40;

/// In milliseconds.
pub fn percentile(times: &mut [Duration], of_hundred: u8) -> f64 {
    times.sort_unstable();
    let at = (times.len() * usize::from(of_hundred) / 100).min(times.len() - 1);
    times[at].as_secs_f64() * 1000.0
}

/// Sixteen hospitals that send at once, each waiting for the answer to a message. Every message admits another unknown person.
/// Returns their rate together and the times of the answers. `round` is part of the messages' control ids.
pub async fn messages(platform: &Platform, round: usize) -> (f64, Vec<Duration>) {
    let mllp = platform.port - 5505;
    let started = Instant::now();
    let all = join_all((0..CALLERS).map(|sender| async move {
        let mut line = MllpConnection::open(mllp).await.unwrap();
        let mut times = vec![];
        for at in 0..EACH {
            let id = format!("B{round}S{sender}N{at}");
            let number = unissued_nhs_number(((round * CALLERS + sender) * EACH + at) as u64);
            let message = admission(&id, &number, "19500101", &format!("V{id}"));
            let asked = Instant::now();
            let answer = line.send(&message).await.unwrap();
            assert!(is_accepted(&answer), "{answer}");
            times.push(asked.elapsed());
        }
        times
    }))
    .await;
    let rate = (CALLERS * EACH) as f64 / started.elapsed().as_secs_f64();
    (rate, all.concat())
}

/// Measures the time from a message's answer until the practice's list shows it.
pub async fn message_to_list(platform: &Platform, report: &mut Report) {
    let gp = Client::new(Some(&platform.token("gp")));
    let list = format!("http://localhost:{}/api/virtual-ward/v1/inpatients?practice=Y90001", platform.port);
    let mut line = MllpConnection::open(platform.port - 5505).await.unwrap();
    let mut times = vec![];
    for at in 0..SAMPLES {
        let bed = format!("W1^B1^X{at}^");
        let message =
            admission(&format!("L{at}"), "9434765919", "19450714", &format!("VL{at}")).replace("W1^B1^3^", &bed);
        assert!(is_accepted(&line.send(&message).await.unwrap()));
        let answered = Instant::now();
        while !gp.json(&list).await.to_string().contains(&format!("\"X{at}\"")) {
            assert!(answered.elapsed() < Duration::from_secs(20), "the list shows it");
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        times.push(answered.elapsed());
    }
    report.add("ward: message to list, p50", percentile(&mut times, 50), "ms", "from AA to a list that shows it");
    report.add("ward: message to list, p99", percentile(&mut times, 99), "ms", "aim: under 5 s");
}

/// Measures the time from sending an objection until an open record is closed.
pub async fn choice_to_effect(platform: &Platform, report: &mut Report) {
    let gp = Client::new(Some(&platform.token("gp")));
    let origin = format!("http://localhost:{}", platform.port);
    let patient = Client::new(Some(&platform.token("patient")));
    let own = loop {
        let id = patient.json(&format!("{origin}/api/patient-index/v1/people/own")).await["id"].clone();
        if let Some(id) = id.as_str() {
            break id.to_owned();
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    let (record, choices) = (
        format!("{origin}/api/record-aggregation/v1/people/{own}/record/stream?live=true"),
        format!("{origin}/api/consent/v1/people/{own}/opt-out"),
    );
    let (mut acknowledged, mut closed) = (vec![], vec![]);
    for _ in 0..SAMPLES {
        let mut open = gp.open(&record).await;
        let mut seen = String::new();
        while !seen.contains("\"complete\":true") {
            seen.push_str(&String::from_utf8_lossy(&open.next().await.unwrap().unwrap()));
        }
        let asked = Instant::now();
        assert_eq!(patient.post(&choices, &json!({})).await, 201);
        acknowledged.push(asked.elapsed());
        while let Some(Ok(part)) = open.next().await {
            if String::from_utf8_lossy(&part).contains("event: closed") {
                break;
            }
        }
        closed.push(asked.elapsed());
        patient.delete(&choices).await;
    }
    report.add("choice: acknowledged, p99", percentile(&mut acknowledged, 99), "ms", "on the log, on disk, in force");
    report.add(
        "choice: open record closed, p99",
        percentile(&mut closed, 99),
        "ms",
        "from asking; aim: under a second",
    );
}
