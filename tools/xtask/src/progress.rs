//! Builds with cargo and shows how many crates are done and about how long the rest takes. It only reports: it must never
//! change what is built.

use std::{
    collections::HashSet,
    io::{BufRead, BufReader},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use crate::{
    step::{Step, StepError},
    workspace::Workspace,
};

/// The shortest time between two progress lines.
const INTERVAL: Duration = Duration::from_secs(10);
/// Below this share of crates an estimate would be a guess.
const MIN_SHARE: f64 = 0.1;

/// Builds `package` with `profile`. Prints a line every ten seconds while crates are compiled.
pub fn build(workspace: &Workspace, package: &str, profile: &str) -> Result<(), StepError> {
    println!("\n== build {package}: the first build takes minutes, later ones seconds");
    let total = count_crates(workspace, package)?;
    let args = ["build", "--quiet", "--message-format", "json-render-diagnostics"];
    let mut command = workspace.cargo("build", &args).args(["--package", package, "--profile", profile]).into_command();
    let started = Instant::now();
    let failed = |error: std::io::Error| StepError::Failed(format!("the build of {package} failed: {error}"));
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let mut progress = Progress { total, done: HashSet::new(), shown: started };
    if let Some(messages) = child.stdout.take() {
        for line in BufReader::new(messages).lines().map_while(Result::ok) {
            progress.record(&line);
            progress.show(started.elapsed());
        }
    }
    if !child.wait().map_err(failed)?.success() {
        return Err(StepError::Failed(format!("the build of {package} failed")));
    }
    println!("== build {package}: {:.0} s", started.elapsed().as_secs_f32());
    Ok(())
}

struct Progress {
    total: usize,
    /// Package ids of crates that are compiled.
    done: HashSet<String>,
    shown: Instant,
}

impl Progress {
    /// Counts a message of cargo if it reports a compiled crate. A build script is part of its crate.
    fn record(&mut self, message: &str) {
        if message.contains(r#""reason":"compiler-artifact""#) && !message.contains(r#""kind":["custom-build"]"#) {
            self.done.extend(package_id(message).map(str::to_owned));
        }
    }

    fn show(&mut self, elapsed: Duration) {
        if self.shown.elapsed() < INTERVAL {
            return;
        }
        self.shown = Instant::now();
        let done = self.done.len().min(self.total);
        println!("   {done} of {} crates{}", self.total, time_left(done, self.total, elapsed));
    }
}

/// ", about 3 min left", from the time per crate so far; empty while too few crates are done.
fn time_left(done: usize, total: usize, elapsed: Duration) -> String {
    #[expect(clippy::cast_precision_loss, reason = "a few hundred crates")]
    let share = done as f64 / total.max(1) as f64;
    if share < MIN_SHARE {
        return String::new();
    }
    let left = elapsed.mul_f64((1.0 - share) / share);
    match left.as_secs() {
        0..60 => ", less than a minute left".to_owned(),
        seconds => format!(", about {} min left", seconds.div_ceil(60)),
    }
}

fn package_id(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once(r#""package_id":""#)?;
    rest.split('"').next()
}

/// The number of crates in `package`'s build.
fn count_crates(workspace: &Workspace, package: &str) -> Result<usize, StepError> {
    let args = ["tree", "--package", package, "--edges", "normal,build", "--prefix", "none", "--format", "{p}"];
    let output = run(workspace.cargo("crates", &args))?;
    let crates: HashSet<&str> = output.lines().map(|line| line.trim_end_matches(" (*)")).collect();
    Ok(crates.len())
}

fn run(step: Step) -> Result<String, StepError> {
    let mut command: Command = step.into_command();
    let output = command.stdin(Stdio::null()).stderr(Stdio::inherit()).output();
    match output {
        Ok(output) if output.status.success() => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        Ok(output) => Err(StepError::Failed(format!("cargo tree failed ({})", output.status))),
        Err(error) => Err(StepError::Failed(format!("cargo does not start: {error}"))),
    }
}

#[cfg(test)]
#[path = "progress_tests.rs"]
mod tests;
