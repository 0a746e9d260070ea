//! What a replica costs while nobody asks anything, how long it takes to stop and to be ready again: each service as a
//! process of its own, on `PostgreSQL`, NATS and Redis. A pod's own `preStop` comes on top of the stop.

use std::time::{Duration, Instant};

use lcr_tests::{Options, Platform, split::SERVICES};

use super::{kernel::cpu_seconds, report::Report};

/// What follows the start (lists of people, projections) is over by then.
const SETTLED: Duration = Duration::from_secs(20);
/// Long enough that a hundredth of a second, which the kernel counts in, is far below what is measured.
const WATCHED: Duration = Duration::from_secs(40);
/// As often as the chart's probe asks.
const PROBED: Duration = Duration::from_secs(2);

pub async fn measure(report: &mut Report) {
    let platform =
        Platform::start(Options { people: 2_000, split: true, log: "warn", ..Options::default() }).await;
    platform.wait_loaded().await;
    tokio::time::sleep(SETTLED).await;
    idle(&platform, report).await;
    for service in SERVICES {
        let split = platform.split();
        let (stopped, ended) = split.terminate(service, 0);
        assert!(ended.success(), "{service} stopped as told");
        report.add(&format!("stop: {service}"), stopped.as_secs_f64(), "s", "SIGTERM to its end; aim: 3 s");
        split.run(service, 0);
        split.until_one_is_ready(service, 0).await;
        split.kill(service, 0);
        let killed = Instant::now();
        split.run(service, 0);
        split.until_one_is_ready(service, 0).await;
        let ready = killed.elapsed().as_secs_f64();
        report.add(&format!("ready: {service}"), ready, "s", "after it was killed; aim: 3 s");
    }
}

/// Asked whether it is ready, as in a cluster, and nothing else.
async fn idle(platform: &Platform, report: &mut Report) {
    let split = platform.split();
    let spent = || SERVICES.map(|service| split.process(service, 0).map_or(0.0, cpu_seconds));
    let (before, started) = (spent(), Instant::now());
    while started.elapsed() < WATCHED {
        for service in SERVICES {
            assert_eq!(split.readiness(service, 0).await.0, 200);
        }
        tokio::time::sleep(PROBED).await;
    }
    let (after, seconds) = (spent(), started.elapsed().as_secs_f64());
    for ((service, before), after) in SERVICES.iter().zip(before).zip(after) {
        let share = (after - before) / seconds * 100.0;
        report.add(&format!("idle: {service}, processor"), share, "%", "of one processor; aim: 0.5 %");
    }
}
