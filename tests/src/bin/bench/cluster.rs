//! Every service in a process of its own on `PostgreSQL`, NATS and Redis: the memory of each when idle, the cost of a
//! thousand views and a million messages, and the gain of a second replica.

use std::time::{Duration, Instant};

use futures::future::join_all;
use lcr_model::ServiceName;
use lcr_tests::{
    Options, Platform,
    mllp::{MllpConnection, admission, is_accepted},
    split::{SERVICES, unissued_nhs_number},
};

use super::{
    kernel::{cpu_seconds, resident_mb},
    report::Report,
    work::{AT_ONCE, Work},
};

/// People of the city, as in the other measurements.
const PEOPLE: u32 = 2_000;
const VIEWS: usize = 1_000;
/// Messages of each sender.
const MESSAGES: usize = 250;
const SETTLE_TIME: Duration = Duration::from_secs(10);

async fn platform(replicas: u16) -> Platform {
    let options = Options { people: PEOPLE, split: true, replicas, log: "warn", ..Options::default() };
    // One thread for each replica, so that the figures are those of one thread.
    let platform = Platform::start(Options { threads: Some(1), ..options }).await;
    platform.wait_loaded().await;
    platform
}

pub async fn measure(report: &mut Report) {
    let one = platform(1).await;
    tokio::time::sleep(SETTLE_TIME).await;
    for service in SERVICES {
        let resident = resident_mb(one.split().process_id(service, 0).unwrap());
        report.add(&format!("idle: {service}"), resident, "MB", "2000 people; aim: 40 MB");
    }
    views(&one, report).await;
    messages(&one, report).await;
    let mut shares = vec![];
    for (service, work) in Work::BY_SERVICE {
        shares.push(work.share(&one, service).await);
    }
    rates(&one, 1, &shares, report).await;
    drop(one);
    rates(&platform(2).await, 2, &shares, report).await;
    for (service, work) in Work::BY_SERVICE {
        let name = |replicas| rate_of(service, replicas);
        report.ratio(&format!("replicas: {service}"), &name(2), &name(1), work.note());
    }
}

fn rate_of(service: ServiceName, replicas: u16) -> String {
    let word = if replicas == 1 { "replica" } else { "replicas" };
    format!("rate: {service}, {replicas} {word}")
}

/// Measures the rate of each service while its replicas have a small share of a processor and other services the rest.
async fn rates(platform: &Platform, replicas: u16, shares: &[f64], report: &mut Report) {
    for ((service, work), share) in Work::BY_SERVICE.into_iter().zip(shares) {
        let (rate, bound) = work.rate(platform, service, replicas, *share).await;
        let note = format!("{:.1} % of a processor each, {:.0} % of it used", share * 100.0, bound * 100.0);
        report.add(&rate_of(service, replicas), rate, "/s", &note);
    }
}

/// The processor time so far of each process.
fn processor_times(platform: &Platform) -> Vec<(&'static str, f64)> {
    let split = platform.split();
    let services = SERVICES.map(|service| (service.as_str(), split.process_id(service, 0)));
    let servers =
        [("postgres", split.postgres.process()), ("nats", split.nats.process()), ("redis", split.redis.process())];
    let all = services.into_iter().chain(servers);
    all.map(|(name, process)| (name, process.map_or(0.0, cpu_seconds))).collect()
}

/// Reports the processor time since `before`, multiplied by `times`.
fn cost(what: &str, before: &[(&'static str, f64)], after: &[(&'static str, f64)], times: f64, report: &mut Report) {
    let mut all = 0.0;
    for ((name, before), (_, after)) in before.iter().zip(after) {
        let seconds = (after - before) * times;
        all += seconds;
        report.add(&format!("{what}: {name}"), seconds, "s", "of a processor");
    }
    report.add(&format!("{what}: together"), all, "s", "of a processor, without the sources");
}

/// Measures views of whole records, each of another person, so that no answer is cached.
async fn views(platform: &Platform, report: &mut Report) {
    let people = Work::people(platform).await;
    let (gp, before) = (platform.actor("gp").await, processor_times(platform));
    let started = Instant::now();
    join_all((0..AT_ONCE).map(|asker| {
        let (gp, people) = (gp.clone(), &people);
        async move {
            for at in (asker..VIEWS).step_by(AT_ONCE) {
                let person = &people[at % people.len()].0;
                let path = format!("/api/record-aggregation/v1/people/{person}/record");
                assert_eq!(gp.get(&path).await.status, 200);
            }
        }
    }))
    .await;
    let rate = VIEWS as f64 / started.elapsed().as_secs_f64();
    report.add("split: whole records", rate, "/s", "16 askers, the city's sources on the same processors");
    cost("1000 views", &before, &processor_times(platform), 1000.0 / VIEWS as f64, report);
}

/// Measures admissions of unknown people until all services have consumed them.
async fn messages(platform: &Platform, report: &mut Report) {
    let (port, before) = (platform.ports.mllp(), processor_times(platform));
    let size_before = platform.split().measure_database_bytes().await;
    let started = Instant::now();
    join_all((0..AT_ONCE).map(|sender| async move {
        let mut line = MllpConnection::open(port).await.unwrap();
        for at in 0..MESSAGES {
            let (control, number) = (format!("C{sender}N{at}"), unissued_nhs_number((sender * MESSAGES + at) as u64));
            let message = admission(&control, &number, "19500101", &format!("V{control}"));
            assert!(is_accepted(&line.send(&message).await.unwrap()));
        }
    }))
    .await;
    let sent = (AT_ONCE * MESSAGES) as f64;
    report.add("split: durable messages", sent / started.elapsed().as_secs_f64(), "/s", "16 senders over MLLP");
    platform.split().wait_until_consumed().await;
    let heard = sent / started.elapsed().as_secs_f64();
    report.add("split: messages heard by all", heard, "/s", "matched, folded and listed");
    cost("a million messages", &before, &processor_times(platform), 1e6 / sent, report);
    let grown = platform.split().measure_database_bytes().await.saturating_sub(size_before);
    report.add("a million messages: database", grown as f64 / sent * 1e6 / 1e9, "GB", "raw, events and folds");
}
