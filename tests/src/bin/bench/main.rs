//! `cargo xtask bench`: measures views relative to their lower limits in the same run, and the time and memory of starting.
//! Writes `target/bench/report.{json,md}`. Few figures have a limit that fails the run, and only after the report is written:
//! readers compare all others.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a measurement that cannot continue has failed"
)]
#![allow(clippy::cast_precision_loss, reason = "times and counts for people to read")]

mod allocators;
mod attack;
mod audit;
mod care;
mod cluster;
mod connection;
mod fold;
mod growth;
mod idle;
mod kernel;
mod limits;
mod load;
mod messages;
mod nginx;
mod partners;
mod pgbench;
mod pods;
mod process;
mod proxy;
mod report;
mod rounds;
mod sizes;
mod speed;
mod statements;
mod throttle;
mod traffic;
mod view;
mod views;
mod work;

use std::time::Duration;

use report::Report;

#[tokio::main]
async fn main() {
    let mut report = Report::default();
    match std::env::var("LCR_BENCH").as_deref() {
        Ok("cluster") => {
            sizes::images(&mut report);
            cluster::measure(&mut report).await;
        }
        Ok("allocators") => allocators::measure(&mut report).await,
        Ok("fold") => fold::three_months(&mut report),
        Ok("attack") => attack::measure(&mut report).await,
        Ok("pods") => pods::measure(&mut report).await,
        Ok("care") => care::measure(&mut report).await,
        Ok("partners") => partners::measure(&mut report).await,
        Ok("speed") => speed::measure(&mut report).await,
        _ => everything(&mut report).await,
    }
    report.write();
}

async fn everything(report: &mut Report) {
    fold::three_months(report);
    start_up(report);
    let platform = process::Platform::start(2_000, 18_800);
    platform.wait_loaded(Duration::from_mins(2));
    view::beside_the_slowest_source(&platform, report).await;
    traffic::message_to_list(&platform, report).await;
    traffic::choice_to_effect(&platform, report).await;
    drop(platform);
    speed::parts(report).await;
    care::measure(report).await;
    partners::measure(report).await;
    attack::measure(report).await;
    sizes::images(report);
    cluster::measure(report).await;
    pods::measure(report).await;
}

/// Measures serving, loading and memory for several sizes of the city, each from an empty folder.
fn start_up(report: &mut Report) {
    let mut sizes = vec![(2_000, 2), (50_000, 10)];
    // The whole city takes a while; `LCR_BENCH_CITY=no` leaves it out.
    if std::env::var("LCR_BENCH_CITY").as_deref() != Ok("no") {
        sizes.push((817_000, 60));
    }
    for (people, limit) in sizes {
        let platform = process::Platform::start(people, 18_600);
        let serving = platform.serving_after;
        let at_start = platform.memory_mb();
        let loaded = platform.wait_loaded(Duration::from_mins(limit));
        report.add(&format!("start: serving, {people} people"), serving.as_secs_f64(), "s", "aim: 3 s");
        report.add(&format!("start: loaded, {people} people"), loaded.as_secs_f64(), "s", "behind the serving");
        report.add(&format!("memory: serving, {people} people"), at_start, "MB", "aim: 200 MB");
        report.add(&format!("memory: loaded, {people} people"), platform.memory_mb(), "MB", "with the demo city in it");
    }
    report.ratio(
        "memory: loaded, 50000 over 2000 people",
        "memory: loaded, 50000 people",
        "memory: loaded, 2000 people",
        "sub-linear: far below 25",
    );
}
