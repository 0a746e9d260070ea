//! Runs one step: starts a program, measures its time, ends it at its limit and reports the result. A step must never
//! fail silently or wait without a limit.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// The reason why a command ends early.
#[derive(Debug)]
pub enum StepError {
    /// The command line was not understood.
    Usage(String),
    /// A program is missing that cannot be installed here. `install` is the command that installs it.
    Missing { what: String, install: String },
    /// A step failed.
    Failed(String),
}

impl StepError {
    pub fn missing(what: impl Into<String>, install: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), install: install.into() }
    }

    /// 1 for a fault of the code, 2 for a missing tool or a wrong command line.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Failed(_)) { 1 } else { 2 })
    }
}

impl fmt::Display for StepError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(text) | Self::Failed(text) => f.write_str(text),
            Self::Missing { what, install } => {
                write!(f, "{what} is missing. Install it with:\n\n    {install}\n")
            }
        }
    }
}

/// A program to run, with the name of the step.
#[derive(Debug)]
pub struct Step {
    what: String,
    command: Command,
    limit: Duration,
}

impl Step {
    /// A step with a limit of half an hour, which is enough for a first build on a small machine.
    pub fn new(what: &str, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { what: what.to_owned(), command, limit: Duration::from_mins(30) }
    }

    pub fn args<I: IntoIterator<Item = A>, A: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub fn in_folder(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self
    }

    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.command.env(name, value.into());
        self
    }

    pub fn limit(mut self, limit: Duration) -> Self {
        self.limit = limit;
        self
    }

    /// Runs the step with its output shown.
    pub fn run(self) -> Result<(), StepError> {
        println!("\n== {}", self.what);
        self.execute(true)
    }

    /// Runs the step with its output shown and prints nothing after it, so that its last line is the last of all.
    pub fn run_last(self) -> Result<(), StepError> {
        println!("\n== {}", self.what);
        self.execute(false)
    }

    /// Runs the step with its output hidden. Returns whether it succeeded.
    pub fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        self.execute(false).is_ok()
    }

    /// The command of the step, for a caller that runs it in another way.
    pub fn into_command(mut self) -> Command {
        self.command.stdin(Stdio::inherit());
        self.command
    }

    fn execute(mut self, shows_time: bool) -> Result<(), StepError> {
        let started = Instant::now();
        let program = self.command.get_program().to_string_lossy().into_owned();
        let child = self.command.spawn();
        let child =
            child.map_err(|error| StepError::Failed(format!("{}: `{program}` does not start: {error}", self.what)))?;
        let result = wait_with_limit(child, started, self.limit);
        let took = started.elapsed().as_secs_f32();
        let reason = match result {
            Ok(Some(status)) if status.success() => {
                if shows_time {
                    println!("== {}: {took:.1} s", self.what);
                }
                return Ok(());
            }
            Ok(Some(status)) => format!("{status}"),
            Ok(None) => format!("ended after its limit of {} s", self.limit.as_secs()),
            Err(error) => format!("could not be waited for: {error}"),
        };
        if shows_time {
            println!("== {}: FAILED after {took:.1} s", self.what);
        }
        Err(StepError::Failed(format!("{} failed ({reason})", self.what)))
    }
}

/// Returns `None` if the program was ended at its limit.
fn wait_with_limit(mut child: Child, started: Instant, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        thread::sleep(Duration::from_millis(20));
    }
}

#[cfg(test)]
#[path = "step_tests.rs"]
mod tests;
