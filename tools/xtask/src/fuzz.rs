//! Fuzzing for a bounded time: every target of `tests/fuzz` in turn. What a target is about stands there.

use std::time::Duration;

use crate::{
    place::{Place, on_path},
    step::{Step, Stop},
};

const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";
const TARGETS: [&str; 3] = ["hl7", "bundle", "record"];
/// Per target within the tests: long enough to try tens of thousands of inputs.
pub const BRIEFLY: u64 = 30;
/// Per target when fuzzing is all that is asked for.
pub const AT_LENGTH: u64 = 300;

/// Runs every target for so many seconds, from the seeds that are kept.
pub fn fuzz(place: &Place, seconds: u64) -> Result<(), Stop> {
    let program = program(place)?;
    for target in TARGETS {
        one(place, &program, target, seconds)?;
    }
    Ok(())
}

fn one(place: &Place, program: &std::path::Path, target: &str, seconds: u64) -> Result<(), Stop> {
    let (corpus, seeds) =
        (place.path(&format!("tests/fuzz/corpus/{target}")), format!("tests/fuzz/seeds/{target}"));
    std::fs::create_dir_all(&corpus)
        .map_err(|error| Stop::Failed(format!("{}: {error}", corpus.display())))?;
    let step = Step::new(&format!("fuzz {target} for {seconds} s"), program)
        .args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer", "none", target])
        .args([&corpus, &place.path(&seeds)])
        .args([
            "--",
            "-timeout=10",
            "-max_len=65536",
            "-rss_limit_mb=2048",
            "-verbosity=0",
            "-print_final_stats=1",
        ])
        .args([format!("-max_total_time={seconds}")])
        .within(&place.path(""))
        .env("CARGO_TARGET_DIR", place.target("fuzz"));
    // Building comes first, and is not what the time is for.
    step.limit(Duration::from_secs(seconds + 1200)).run()
}

/// `cargo fuzz`, installed beside the other tools where it is missing.
fn program(place: &Place) -> Result<std::path::PathBuf, Stop> {
    let own = place.tools().join("bin/cargo-fuzz");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(found) = on_path("cargo-fuzz") {
        return Ok(found);
    }
    let install = ["install", "--locked", "--debug", CARGO_FUZZ, "--root"];
    let root = place.tools();
    place
        .cargo("cargo-fuzz: install", &install)
        .args([&root])
        .env("CARGO_PROFILE_DEV_DEBUG", "false")
        .run()?;
    Ok(own)
}
