//! `LCR_BENCH=speed`: what the platform's promises cost, each beside the least that it can cost on the same machine. It takes
//! about six minutes. It must never fail because a figure is poor: only a measurement that cannot be made ends it.

use std::time::Duration;

use lcr_tests::{Options, Platform as TestPlatform};

use super::{
    audit, care::decisions, growth, idle, messages, pgbench, process::Platform, proxy, report::Report, statements,
    views,
};

/// People of the small city, as in the other measurements.
const FEW: u32 = 2_000;
/// People of the split form: no figure there follows from the size of the city.
const SPLIT: u32 = 300;
const PORT: u16 = 18_800;

pub async fn measure(report: &mut Report) {
    decisions::measure(report);
    parts(report).await;
}

/// All of it without the decisions, which `care` also measures.
pub async fn parts(report: &mut Report) {
    let platform = loaded(FEW, 2);
    idle::measure(&platform, report).await;
    growth::measure(&platform, FEW, report).await;
    statements::measure(&platform, report).await;
    views::measure(&platform, report).await;
    messages::measure(&platform, report).await;
    drop(platform);
    audit::measure(report).await;
    split(report).await;
    larger_cities(report).await;
}

async fn split(report: &mut Report) {
    let options = Options { people: SPLIT, split: true, log: "warn", ..Options::default() };
    // One thread for each service, as nginx has one worker.
    let platform = TestPlatform::start(Options { threads: Some(1), ..options }).await;
    platform.wait_loaded().await;
    proxy::measure(&platform, report).await;
    pgbench::measure(&platform, report).await;
}

/// Asks the same in larger cities. The whole city takes a while, so only `LCR_BENCH_CITY=yes` measures it.
async fn larger_cities(report: &mut Report) {
    let mut sizes = vec![(50_000, 10)];
    if std::env::var("LCR_BENCH_CITY").as_deref() == Ok("yes") {
        sizes.push((817_000, 60));
    } else {
        println!("growth: 817,000 people SKIPPED, because LCR_BENCH_CITY is not `yes`");
    }
    for (people, minutes) in sizes {
        let platform = loaded(people, minutes);
        growth::measure(&platform, people, report).await;
        growth::compare(people, FEW, report);
    }
}

/// A city that was started from an empty folder and has loaded within some minutes.
fn loaded(people: u32, minutes: u64) -> Platform {
    let platform = Platform::start(people, PORT);
    platform.wait_loaded(Duration::from_mins(minutes));
    platform
}
