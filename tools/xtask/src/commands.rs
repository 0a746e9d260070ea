//! The commands, each a list of steps in order. What they share is set up here once; nothing here decides how a
//! step is done.

use std::{
    os::unix::process::CommandExt,
    time::{Duration, Instant},
};

use crate::{
    assets, fuzz, images, kube, lint,
    place::Place,
    python, servers,
    step::{Step, Stop},
    tools::{self, Tools},
};

/// Everything: the lints first because they are quick to mend, the tests last so that their count is the
/// closing line.
pub fn test(place: &Place) -> Result<(), Stop> {
    let started = Instant::now();
    assets::portal(place)?;
    let tools = tools::ready(place)?;
    lint::lint(place)?;
    // The suites that start a platform run its programs as people do. With the tests' own features: what the tests are
    // built with afterwards is this, and not all of it once more.
    place.cargo("build", &["build", "--workspace", "--all-targets"]).run()?;
    fuzz::fuzz(place, fuzz::BRIEFLY)?;
    tell_about_data(place);
    images::wanted(place)?;
    println!("\n== before the tests: {:.1} s in all", started.elapsed().as_secs_f32());
    nextest(place, &["nextest", "run", "--workspace"], &tools).run_last()
}

/// The chart, `k8s/` and the Tiltfile alone: a minute's loop for whoever changes those.
pub fn charts(place: &Place) -> Result<(), Stop> {
    tools::nextest(place)?;
    let python = python::ready(place)?;
    let (kube, servers) = (kube::ready(place, &python)?, servers::ready(place)?);
    tell_about_data(place);
    let run = place.cargo("tests of the chart", &["nextest", "run", "--package", "lcr-charts-tests"]);
    servers.tell(with_data(place, kube.told(run).env("LCR_PYTHON", &python))).run_last()
}

/// This program becomes the platform, so that signals and the exit status are its own.
pub fn up(place: &Place, args: &[String]) -> Result<(), Stop> {
    assets::portal(place)?;
    place.cargo("build the platform", &["build", "--release", "--package", "lcr"]).run()?;
    let lcr = place.target("release/lcr");
    let error = Step::new("lcr", &lcr).args(["up"]).args(args).into_command().exec();
    Err(Stop::Failed(format!("{} does not start: {error}", lcr.display())))
}

/// The benchmarks' own program writes the report.
pub fn bench(place: &Place) -> Result<(), Stop> {
    assets::portal(place)?;
    let servers = servers::ready(place)?;
    // The command line for one process, and every service's program for many.
    place.cargo("build the platform", &["build", "--release", "--workspace", "--bins"]).run()?;
    tell_about_data(place);
    let run = place.cargo("benchmarks", &["run", "--release", "--package", "lcr-tests", "--bin", "bench"]);
    servers.tell(with_data(place, run)).run()?;
    println!("report: {}", place.target("bench/report.md").display());
    Ok(())
}

/// Golden files say what the code says now: read the difference before you commit it.
pub fn generate(place: &Place) -> Result<(), Stop> {
    assets::portal(place)?;
    tools::nextest(place)?;
    tell_about_data(place);
    let servers = servers::ready(place)?;
    // Of the chart, the one test that writes: the others need programs that golden files do not.
    let apart = "binary(browser) or binary(conformance) or package(lcr-charts-tests)";
    let which = format!("not ({apart}) or test(the_table_of_values)");
    let args = ["nextest", "run", "--workspace", "-E", which.as_str()];
    let run = place.cargo("golden files", &args).env("LCR_GOLDEN", "update");
    servers.tell(with_data(place, run)).run()
}

fn nextest(place: &Place, args: &[&str], tools: &Tools) -> Step {
    let run =
        place.cargo("tests", args).env("LCR_CHROMIUM", &tools.chromium).env("LCR_PYTHON", &tools.python);
    tools.servers.tell(with_data(place, tools.kube.told(run))).limit(Duration::from_hours(1))
}

fn with_data(place: &Place, step: Step) -> Step {
    match place.test_data() {
        Some(dir) => step.env("LCR_TEST_DATA", dir),
        None => step,
    }
}

/// A test that is skipped must be seen to be skipped, and the runner hides what passing tests print.
fn tell_about_data(place: &Place) {
    match place.test_data() {
        Some(dir) => println!("\ndata of real-world shape: {}", dir.display()),
        None => println!(
            "\nSKIPPED: tests on data of real-world shape, because LCR_TEST_DATA is not set and ../shared/data is not there"
        ),
    }
}
