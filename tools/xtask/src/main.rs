//! `cargo xtask`: everything a person or a build machine does to this repository, under a few words. It starts
//! other programs and reports on them; it must never hold a rule of the platform itself, nor need a crate that
//! takes long to build.

mod apt;
mod assets;
mod commands;
mod fuzz;
mod images;
mod kube;
mod lint;
mod place;
mod python;
mod requirements;
mod servers;
mod step;
mod tools;

use std::{env, process::ExitCode};

use place::Place;
use step::Stop;

const HELP: &str = "\
cargo xtask test              install what the tests need, lint, build, run every test
cargo xtask up [ARGS…]        build and run the whole platform with the demo city; ARGS go to `lcr up`
cargo xtask bench             run the benchmarks; writes target/bench/report.json and report.md
cargo xtask images            build the images of all programs and test them
cargo xtask charts            run the tests of the chart, k8s/ and the Tiltfile alone
cargo xtask fuzz              fuzz every target of tests/fuzz for five minutes
cargo xtask generate          rewrite the golden files from what the code says now
cargo xtask lint              format, clippy, licences and bans";

fn main() -> ExitCode {
    let mut args = env::args().skip(1);
    let command = args.next().unwrap_or_default();
    let rest: Vec<String> = args.collect();
    match run(&command, &rest) {
        Ok(()) => ExitCode::SUCCESS,
        Err(stop) => {
            eprintln!("\nxtask: {stop}");
            stop.code()
        }
    }
}

fn run(command: &str, rest: &[String]) -> Result<(), Stop> {
    if command != "up" && !rest.is_empty() {
        return Err(Stop::Usage(format!("`{command}` takes no arguments\n\n{HELP}")));
    }
    let place = Place::find()?;
    match command {
        "test" => commands::test(&place),
        "up" => commands::up(&place, rest),
        "bench" => commands::bench(&place),
        "charts" => commands::charts(&place),
        "images" => images::images(&place),
        "fuzz" => fuzz::fuzz(&place, fuzz::AT_LENGTH),
        "generate" => commands::generate(&place),
        "lint" => lint::lint(&place),
        "help" | "--help" | "-h" => {
            println!("{HELP}");
            Ok(())
        }
        "" => Err(Stop::Usage(HELP.to_owned())),
        other => Err(Stop::Usage(format!("there is no `{other}`\n\n{HELP}"))),
    }
}
