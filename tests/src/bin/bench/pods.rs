//! The cost of an idle replica, and how long a service takes to stop and to be ready again, each in a process of its own on
//! `PostgreSQL`, NATS and Redis. A pod's `preStop` adds to the time of a stop.

use std::time::{Duration, Instant};

use lcr_tests::{Options, Platform, split::SERVICES};

use super::{kernel::cpu_seconds, report::Report};

/// Enough for the work after the start: lists of people, projections.
const SETTLE_TIME: Duration = Duration::from_secs(20);
/// Long enough for the kernel's resolution of a hundredth of a second.
const IDLE_TIME: Duration = Duration::from_secs(40);
/// The period of the chart's probe.
const PROBE_INTERVAL: Duration = Duration::from_secs(2);

pub async fn measure(report: &mut Report) {
    let platform = Platform::start(Options { people: 2_000, split: true, log: "warn", ..Options::default() }).await;
    platform.wait_loaded().await;
    tokio::time::sleep(SETTLE_TIME).await;
    idle(&platform, report).await;
    for service in SERVICES {
        let split = platform.split();
        let (stopped, ended) = split.terminate(service, 0);
        assert!(ended.success(), "{service} stopped as told");
        report.add(&format!("stop: {service}"), stopped.as_secs_f64(), "s", "SIGTERM to its end; aim: 3 s");
        split.start_replica(service, 0);
        split.wait_until_replica_ready(service, 0).await;
        split.kill(service, 0);
        let killed = Instant::now();
        split.start_replica(service, 0);
        split.wait_until_replica_ready(service, 0).await;
        let ready = killed.elapsed().as_secs_f64();
        report.add(&format!("ready: {service}"), ready, "s", "after it was killed; aim: 3 s");
    }
}

/// Measures processor use while only readiness probes arrive, as in a cluster.
async fn idle(platform: &Platform, report: &mut Report) {
    let split = platform.split();
    let processor_times = || SERVICES.map(|service| split.process_id(service, 0).map_or(0.0, cpu_seconds));
    let (before, started) = (processor_times(), Instant::now());
    while started.elapsed() < IDLE_TIME {
        for service in SERVICES {
            assert_eq!(split.readiness(service, 0).await.0, 200);
        }
        tokio::time::sleep(PROBE_INTERVAL).await;
    }
    let (after, seconds) = (processor_times(), started.elapsed().as_secs_f64());
    for ((service, before), after) in SERVICES.iter().zip(before).zip(after) {
        let share = (after - before) / seconds * 100.0;
        report.add(&format!("idle: {service}, processor"), share, "%", "of one processor; aim: 0.5 %");
    }
}
