//! How many statements each kind of request sends to the databases of all services together, counted by the platform itself
//! (`lcr_store_statements_total`). What a view does later is counted with it: its completion reaches audit behind the answer.

use std::time::Duration;

use super::{
    connection::{Connection, Question},
    growth::{KINDS, questions},
    load::Client,
    process::Platform,
    report::Report,
    rounds::{Rounds, repeat},
};

/// Requests of each kind in a round.
const ASKS: u16 = 40;
/// The time in which what a request leaves behind is done.
const SETTLE_TIME: Duration = Duration::from_millis(1500);
/// From the gateway's port to that of the metrics.
const ADMIN: u16 = 1_010;

pub async fn measure(platform: &Platform, report: &mut Report) {
    let questions = questions(platform).await;
    let mut connection = Connection::default();
    for question in &questions {
        connection.ask(question).await;
    }
    repeat(report, async |_, rounds: &mut Rounds| {
        for (kind, question) in KINDS.iter().zip(&questions) {
            let note = "of one request, with what it leaves to do; 40 asked one by one; the city's own messages add up to three";
            rounds.add(&format!("statements: {kind}"), cost_of(platform, question).await, "statements", note);
        }
    })
    .await;
}

async fn cost_of(platform: &Platform, question: &Question) -> f64 {
    tokio::time::sleep(SETTLE_TIME).await;
    let (mut connection, before) = (Connection::default(), count(platform).await);
    for _ in 0..ASKS {
        connection.ask(question).await;
    }
    tokio::time::sleep(SETTLE_TIME).await;
    (count(platform).await - before) / f64::from(ASKS)
}

/// The statements of all services since the start.
async fn count(platform: &Platform) -> f64 {
    let (text, _) = Client::new(None).get(&format!("http://127.0.0.1:{}/metrics", platform.port + ADMIN)).await;
    let text = String::from_utf8(text).unwrap();
    let lines = text.lines().filter(|line| line.starts_with("lcr_store_statements_total{"));
    lines.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}
