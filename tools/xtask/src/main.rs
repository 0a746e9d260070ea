//! `cargo xtask`: the commands that people and build machines run in this repository. It starts other programs and reports
//! on them. It must never contain a rule of the platform or need a crate that takes long to build.

mod apt;
mod assets;
mod citations;
mod commands;
mod fuzz;
mod images;
mod kube;
mod lint;
mod progress;
mod python;
mod requirements;
mod servers;
mod step;
mod tools;
mod workspace;

use std::{env, process::ExitCode};

use step::StepError;
use workspace::Workspace;

const HELP: &str = "\
cargo xtask test              install what the tests need, lint, build, run every test
cargo xtask up [ARGS…]        build and run the whole platform with the demo city; ARGS go to `lcr up`
cargo xtask bench             run the benchmarks; writes target/bench/report.json and report.md
cargo xtask images            build the images of all programs and test them
cargo xtask charts            run the tests of the chart, k8s/ and the Tiltfile alone
cargo xtask fuzz              fuzz every target of tests/fuzz for five minutes
cargo xtask generate          rewrite the golden files from the code
cargo xtask lint              check format, clippy, licences, bans, tests/requirements.md and cited documents";

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match run(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nxtask: {error}");
            error.code()
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<(), StepError> {
    if command != "up" && !rest.is_empty() {
        return Err(StepError::Usage(format!("`{command}` takes no arguments\n\n{HELP}")));
    }
    let workspace = Workspace::find()?;
    match command {
        "test" => commands::test(&workspace),
        "up" => commands::up(&workspace, rest),
        "bench" => commands::bench(&workspace),
        "charts" => commands::charts(&workspace),
        "images" => images::build_and_test(&workspace),
        "fuzz" => fuzz::fuzz(&workspace, fuzz::SECONDS_ALONE),
        "generate" => commands::generate(&workspace),
        "lint" => lint::lint(&workspace),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        "" => Err(StepError::Usage(HELP.to_owned())),
        other => Err(StepError::Usage(format!("there is no command `{other}`\n\n{HELP}"))),
    }
}
