//! Fuzzes every target of `tests/fuzz` in turn, for a limited time. `tests/fuzz/README.md` describes the targets; nothing
//! about their input belongs here.

use std::time::Duration;

use crate::{
    step::{Step, StepError},
    workspace::{Workspace, on_path},
};

const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";
const TARGETS: [&str; 3] = ["hl7", "bundle", "record"];
/// Seconds per target within the tests: enough to try tens of thousands of inputs.
pub const SECONDS_IN_TESTS: u64 = 30;
/// Seconds per target of `cargo xtask fuzz`.
pub const SECONDS_ALONE: u64 = 300;

/// Runs every target for `seconds` seconds from its stored seeds.
pub fn fuzz(workspace: &Workspace, seconds: u64) -> Result<(), StepError> {
    let program = install_cargo_fuzz(workspace)?;
    for target in TARGETS {
        run_target(workspace, &program, target, seconds)?;
    }
    Ok(())
}

fn run_target(workspace: &Workspace, program: &std::path::Path, target: &str, seconds: u64) -> Result<(), StepError> {
    let (corpus, seeds) =
        (workspace.path(&format!("tests/fuzz/corpus/{target}")), format!("tests/fuzz/seeds/{target}"));
    std::fs::create_dir_all(&corpus).map_err(|error| StepError::Failed(format!("{}: {error}", corpus.display())))?;
    let step = Step::new(&format!("fuzz {target} for {seconds} s"), program)
        .args(["fuzz", "run", "--fuzz-dir", "tests/fuzz", "--sanitizer", "none", target])
        .args([&corpus, &workspace.path(&seeds)])
        .args(["--", "-timeout=10", "-max_len=65536", "-rss_limit_mb=2048", "-verbosity=0", "-print_final_stats=1"])
        .args([format!("-max_total_time={seconds}")])
        .in_folder(&workspace.path(""))
        .env("CARGO_TARGET_DIR", workspace.target("fuzz"));
    // The limit adds time for the build, which comes first.
    step.limit(Duration::from_secs(seconds + 1200)).run()
}

/// Finds `cargo fuzz`, or installs it beside the other tools.
fn install_cargo_fuzz(workspace: &Workspace) -> Result<std::path::PathBuf, StepError> {
    let own = workspace.tools().join("bin/cargo-fuzz");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(found) = on_path("cargo-fuzz") {
        return Ok(found);
    }
    let install = ["install", "--locked", "--debug", CARGO_FUZZ, "--root"];
    let root = workspace.tools();
    workspace.cargo("cargo-fuzz: install", &install).args([&root]).env("CARGO_PROFILE_DEV_DEBUG", "false").run()?;
    Ok(own)
}
