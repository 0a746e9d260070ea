//! What a loaded demo city costs while nobody is signed in. It must never send anything itself.

use std::time::{Duration, Instant};

use super::{
    kernel::{cpu_seconds, private_mb},
    process::Platform,
    report::Report,
    rounds::{Rounds, repeat},
};

/// Enough for the work after the start.
const SETTLE_TIME: Duration = Duration::from_secs(10);
/// Five of these are half a minute.
const LASTS: Duration = Duration::from_secs(6);

pub async fn measure(platform: &Platform, report: &mut Report) {
    tokio::time::sleep(SETTLE_TIME).await;
    let process = platform.process_id();
    repeat(report, async |_, rounds: &mut Rounds| {
        let (before, started) = (cpu_seconds(process), Instant::now());
        tokio::time::sleep(LASTS).await;
        let share = (cpu_seconds(process) - before) / started.elapsed().as_secs_f64() * 100.0;
        let note = "of one core, in steps of a sixth of a percent; the city's hospitals send about six messages a minute; \
                    aim: 0.5 % between messages, which is the least";
        rounds.add("idle: processor", share, "%", note);
    })
    .await;
    report.add(
        "idle: resident",
        platform.memory_mb(),
        "MB",
        "VmRSS, 2,000 people, with the demo city in it; aim: 100 MB",
    );
    report.add("idle: private", private_mb(process), "MB", "resident pages that no other process shares");
}
