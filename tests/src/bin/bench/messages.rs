//! Durable messages beside the store's own group commits, and how far the lists fall behind at half that rate. It must never
//! end a measurement before everything that was sent is processed.

use std::time::{Duration, Instant};

use futures::future::{join, join_all};
use lcr_tests::{
    mllp::{MllpConnection, admission, is_accepted},
    split::unissued_nhs_number,
};

use super::{
    limits::{self, CALLERS},
    load::Client,
    process::Platform,
    report::Report,
    rounds::{Rounds, repeat},
    traffic::{self, percentile},
    views::LARGEST,
};

/// How long the hospitals send at half the rate.
const LASTS: Duration = Duration::from_secs(10);
const POLL_INTERVAL: Duration = Duration::from_millis(20);
const PAUSE: Duration = Duration::from_millis(250);
/// Consumers have caught up if they process nothing for this long.
const QUIET: Duration = Duration::from_secs(3);
/// An effect that takes longer is a fault, not a figure.
const GIVE_UP: Duration = Duration::from_mins(5);
/// The same for a list. A reader's token lives for five minutes.
const LIST_GIVE_UP: Duration = Duration::from_mins(2);
/// The first of the numbers of the people whom the hospitals admit.
const FIRST_NUMBER: u64 = 100_000;

pub async fn measure(platform: &Platform, report: &mut Report) {
    let mut rates = vec![];
    repeat(report, async |round, rounds: &mut Rounds| {
        rates.push(one_round(platform, round, rounds).await);
    })
    .await;
    rates.sort_by(f64::total_cmp);
    let rate = rates[rates.len() / 2];
    wait_until_quiet(platform).await;
    at_half_rate(platform, rate / 2.0, report).await;
}

/// Measures sixteen hospitals. Returns their messages per second.
async fn one_round(platform: &Platform, round: usize, rounds: &mut Rounds) -> f64 {
    let [limit, ours] = ["store: durable writes", "feeds: durable messages"];
    rounds.add(limit, limits::commits().await, "/s", "the limit: 16 callers, group commit, fsync");
    let (rate, mut times) = traffic::messages(platform, round).await;
    rounds.add(ours, rate, "/s", "16 senders over MLLP, raw message and events on disk before AA");
    rounds.add("feeds: answer, p99", percentile(&mut times, 99), "ms", "aim: 25 ms at 16 senders");
    let note = "messages for each commit of the same store; 1 is the limit, because a message needs a commit; aim: 0.5";
    rounds.ratio("feeds: messages over durable writes", ours, limit, note);
    rate
}

/// Sends at this rate, and meanwhile measures how long a list takes to show a message.
async fn at_half_rate(platform: &Platform, rate: f64, report: &mut Report) {
    let started = Instant::now();
    let probe = ListProbe::new(platform);
    let sending = async {
        let sent = send_at(platform, rate).await;
        (sent, Instant::now(), wait_until_quiet(platform).await)
    };
    let probing = async {
        let times = probe.measure_until(started + LASTS).await;
        let last = probe.measure(times.len()).await;
        (times, last)
    };
    let ((sent, ended, caught_up), (mut times, last)) = join(sending, probing).await;
    let behind = caught_up.saturating_duration_since(ended).as_secs_f64();
    let sent = sent as f64 / LASTS.as_secs_f64();
    report.add("half the rate: messages sent", sent, "/s", "for 10 s, each of another unknown person");
    let note = "from AA to the list that shows it, while the hospitals send";
    report.add("half the rate: message to list, p50", percentile(&mut times, 50) / 1000.0, "s", note);
    report.add("half the rate: message to list, most", percentile(&mut times, 100) / 1000.0, "s", "aim: 2 s");
    let note = "a message after all others";
    report.add("half the rate: last message to list", last.as_secs_f64(), "s", note);
    let note = "from the last AA until every consumer has applied its events; without audit's, which follow every list";
    report.add("half the rate: consumers behind", behind, "s", note);
}

/// Sends messages at this rate and returns how many.
async fn send_at(platform: &Platform, rate: f64) -> usize {
    let mllp = platform.port - 5505;
    let interval = Duration::from_secs_f64(CALLERS as f64 / rate);
    let sent = join_all((0..CALLERS).map(|sender| async move {
        let mut line = MllpConnection::open(mllp).await.unwrap();
        let (started, mut pace, mut sent) = (Instant::now(), tokio::time::interval(interval), 0_usize);
        while started.elapsed() < LASTS {
            pace.tick().await;
            let number = unissued_nhs_number(FIRST_NUMBER + (sent * CALLERS + sender) as u64);
            let id = format!("H{sender}N{sent}");
            let answer = line.send(&admission(&id, &number, "19500101", &format!("V{id}"))).await.unwrap();
            assert!(is_accepted(&answer), "{answer}");
            sent += 1;
        }
        sent
    }))
    .await;
    sent.into_iter().sum()
}

/// A hospital that admits a person of the practice again and again, and a reader of the practice's list.
struct ListProbe {
    mllp: u16,
    gp: Client,
    list: String,
}

impl ListProbe {
    fn new(platform: &Platform) -> Self {
        let list = format!("http://localhost:{}/api/virtual-ward/v1/inpatients?practice=Y90001", platform.port);
        Self { mllp: platform.port - 5505, gp: Client::new(Some(&platform.token("gp"))), list }
    }

    async fn measure_until(&self, end: Instant) -> Vec<Duration> {
        let mut times = vec![];
        while Instant::now() < end {
            times.push(self.measure(times.len()).await);
            tokio::time::sleep(PAUSE).await;
        }
        times
    }

    /// The time from the answer to the admission with this number until the list shows its bed.
    async fn measure(&self, number: usize) -> Duration {
        let mut line = MllpConnection::open(self.mllp).await.unwrap();
        let (id, bed) = (format!("P{number}"), format!("W1^B1^P{number}^"));
        let message = admission(&id, LARGEST, "19450714", &format!("V{id}")).replace("W1^B1^3^", &bed);
        assert!(is_accepted(&line.send(&message).await.unwrap()));
        let answered = Instant::now();
        while !self.gp.json(&self.list).await.to_string().contains(&format!("\"{id}\"")) {
            assert!(answered.elapsed() < LIST_GIVE_UP, "the list shows the bed");
            tokio::time::sleep(POLL_INTERVAL).await;
        }
        answered.elapsed()
    }
}

/// Waits until no consumer has processed an event for a while. Returns when the last of them was.
async fn wait_until_quiet(platform: &Platform) -> Instant {
    let (metrics, client) = (format!("http://localhost:{}/metrics", platform.port + 1010), Client::new(None));
    let started = Instant::now();
    let (mut applied, mut changed) = (count_applied(&client, &metrics).await, started);
    while changed.elapsed() < QUIET {
        assert!(started.elapsed() < GIVE_UP, "the consumers catch up");
        tokio::time::sleep(POLL_INTERVAL * 5).await;
        let now = count_applied(&client, &metrics).await;
        if now > applied {
            (applied, changed) = (now, Instant::now());
        }
    }
    changed
}

/// The events that all consumers together have applied, without the views that audit completes: a probe makes such views.
async fn count_applied(client: &Client, metrics: &str) -> f64 {
    let text = String::from_utf8_lossy(&client.get(metrics).await.0).into_owned();
    let counters = text.lines().filter(|line| is_counted(line));
    counters.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum()
}

fn is_counted(line: &str) -> bool {
    line.starts_with("lcr_bus_events_total{") && !line.contains(r#"stream="AUDIT""#)
}
