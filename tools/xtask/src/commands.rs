//! The commands, each a list of steps in order. How a step is done must stay in the other modules.

use std::{
    os::unix::process::CommandExt,
    time::{Duration, Instant},
};

use crate::{
    assets, fuzz, images, kube, lint, progress, python, servers,
    step::{Step, StepError},
    tools::{self, Tools},
    workspace::Workspace,
};

/// Runs everything: the lints first because their faults are quick to fix, the tests last so that their count is the
/// closing line.
pub fn test(workspace: &Workspace) -> Result<(), StepError> {
    let started = Instant::now();
    assets::build_portal_assets(workspace)?;
    let tools = tools::install_missing(workspace)?;
    lint::lint(workspace)?;
    // Builds all targets at once, with the tests' features, so that the programs are not built a second time.
    workspace.cargo("build", &["build", "--workspace", "--all-targets"]).run()?;
    fuzz::fuzz(workspace, fuzz::SECONDS_IN_TESTS)?;
    report_test_data(workspace);
    images::build_if_requested(workspace)?;
    println!("\n== before the tests: {:.1} s in all", started.elapsed().as_secs_f32());
    nextest(workspace, &["nextest", "run", "--workspace"], &tools).run_last()
}

/// Runs the tests of the chart, `k8s/` and the Tiltfile alone, which takes a minute.
pub fn charts(workspace: &Workspace) -> Result<(), StepError> {
    tools::install_nextest(workspace)?;
    let python = python::install_missing(workspace)?;
    let (kube, servers) = (kube::install_missing(workspace, &python)?, servers::install_missing(workspace)?);
    report_test_data(workspace);
    let run = workspace.cargo("tests of the chart", &["nextest", "run", "--package", "lcr-charts-tests"]);
    servers.with_servers(with_test_data(workspace, kube.with_tools(run).env("LCR_PYTHON", &python))).run_last()
}

/// Builds the platform and replaces this process with it, so that signals and the exit status are the platform's.
pub fn up(workspace: &Workspace, args: &[String]) -> Result<(), StepError> {
    assets::build_portal_assets(workspace)?;
    progress::build(workspace, "lcr", "demo")?;
    let lcr = workspace.target("demo/lcr");
    let error = Step::new("lcr", &lcr).args(["up"]).args(args).into_command().exec();
    Err(StepError::Failed(format!("{} does not start: {error}", lcr.display())))
}

/// Runs the benchmarks, whose program writes the report.
pub fn bench(workspace: &Workspace) -> Result<(), StepError> {
    assets::build_portal_assets(workspace)?;
    let servers = servers::install_missing(workspace)?;
    // Needs `lcr` for one process and every service's program for many.
    workspace.cargo("build the platform", &["build", "--release", "--workspace", "--bins"]).run()?;
    report_test_data(workspace);
    let run = workspace.cargo("benchmarks", &["run", "--release", "--package", "lcr-tests", "--bin", "bench"]);
    servers.with_servers(with_test_data(workspace, run)).run()?;
    println!("report: {}", workspace.target("bench/report.md").display());
    Ok(())
}

/// Rewrites the golden files from the code. Read the difference before you commit it.
pub fn generate(workspace: &Workspace) -> Result<(), StepError> {
    assets::build_portal_assets(workspace)?;
    tools::install_nextest(workspace)?;
    report_test_data(workspace);
    let servers = servers::install_missing(workspace)?;
    // Of the chart's tests only `the_table_of_values` writes a file; the others need further programs.
    let apart = "binary(/^(browser|conformance|identity_provider)$/) or package(lcr-charts-tests)";
    let which = format!("not ({apart}) or test(the_table_of_values)");
    let args = ["nextest", "run", "--workspace", "-E", which.as_str()];
    let run = workspace.cargo("golden files", &args).env("LCR_GOLDEN", "update");
    servers.with_servers(with_test_data(workspace, run)).run()
}

fn nextest(workspace: &Workspace, args: &[&str], tools: &Tools) -> Step {
    let run = workspace.cargo("tests", args).env("LCR_CHROMIUM", &tools.chromium).env("LCR_PYTHON", &tools.python);
    tools.servers.with_servers(with_test_data(workspace, tools.kube.with_tools(run))).limit(Duration::from_hours(1))
}

fn with_test_data(workspace: &Workspace, step: Step) -> Step {
    match workspace.test_data() {
        Some(dir) => step.env("LCR_TEST_DATA", dir),
        None => step,
    }
}

/// Prints whether tests on real-world data run, because the test runner hides what passing tests print.
fn report_test_data(workspace: &Workspace) {
    match workspace.test_data() {
        Some(dir) => println!("\ndata of real-world shape: {}", dir.display()),
        None => println!(
            "\nSKIPPED: tests on data of real-world shape, because LCR_TEST_DATA is not set and ../shared/data does not exist"
        ),
    }
}
