//! One step: a program that is started, timed, ended when it takes too long, and reported on. A step never goes
//! wrong quietly, and never waits without end.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Why the work ends here.
#[derive(Debug)]
pub enum Stop {
    /// The command line was not understood.
    Usage(String),
    /// Something is missing that this program cannot install: what it is, and what installs it.
    Missing { what: String, install: String },
    /// A step went wrong.
    Failed(String),
}

impl Stop {
    pub fn missing(what: impl Into<String>, install: impl Into<String>) -> Self {
        Self::Missing { what: what.into(), install: install.into() }
    }

    /// 1: the code is at fault. 2: what it needs is.
    pub fn code(&self) -> ExitCode {
        ExitCode::from(if matches!(self, Self::Failed(_)) { 1 } else { 2 })
    }
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(words) | Self::Failed(words) => f.write_str(words),
            Self::Missing { what, install } => {
                write!(f, "{what} is missing. Install it with:\n\n    {install}\n")
            }
        }
    }
}

/// A program to run, and what it is for.
#[derive(Debug)]
pub struct Step {
    what: String,
    command: Command,
    limit: Duration,
}

impl Step {
    /// Half an hour is enough for a first build on a small machine.
    pub fn new(what: &str, program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program);
        command.stdin(Stdio::null());
        Self { what: what.to_owned(), command, limit: Duration::from_mins(30) }
    }

    pub fn args<I: IntoIterator<Item = A>, A: AsRef<OsStr>>(mut self, args: I) -> Self {
        self.command.args(args);
        self
    }

    pub fn within(mut self, dir: &Path) -> Self {
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

    /// Runs it in sight.
    pub fn run(self) -> Result<(), Stop> {
        println!("\n== {}", self.what);
        self.finish(true)
    }

    /// Runs it in sight and adds nothing after it: its own last line is the last there is.
    pub fn run_last(self) -> Result<(), Stop> {
        println!("\n== {}", self.what);
        self.finish(false)
    }

    /// Runs it out of sight: only whether it went well.
    pub fn succeeds(mut self) -> bool {
        self.command.stdout(Stdio::null()).stderr(Stdio::null());
        self.finish(false).is_ok()
    }

    /// The command itself, for the one step that this program becomes.
    pub fn into_command(mut self) -> Command {
        self.command.stdin(Stdio::inherit());
        self.command
    }

    fn finish(mut self, said: bool) -> Result<(), Stop> {
        let started = Instant::now();
        let program = self.command.get_program().to_string_lossy().into_owned();
        let child = self.command.spawn();
        let child = child
            .map_err(|error| Stop::Failed(format!("{}: `{program}` does not start: {error}", self.what)))?;
        let ended = wait(child, started, self.limit);
        let took = started.elapsed().as_secs_f32();
        let wrong = match ended {
            Ok(Some(status)) if status.success() => {
                if said {
                    println!("== {}: {took:.1} s", self.what);
                }
                return Ok(());
            }
            Ok(Some(status)) => format!("{status}"),
            Ok(None) => format!("ended after its limit of {} s", self.limit.as_secs()),
            Err(error) => format!("could not be waited for: {error}"),
        };
        if said {
            println!("== {}: FAILED after {took:.1} s", self.what);
        }
        Err(Stop::Failed(format!("{} failed ({wrong})", self.what)))
    }
}

/// None: it took too long and was ended.
fn wait(mut child: Child, started: Instant, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
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
mod tests {
    use super::*;

    #[test]
    fn a_step_is_ended_at_its_limit() {
        let started = Instant::now();
        let step = Step::new("sleeper", "sleep").args(["60"]).limit(Duration::from_millis(50));
        let said = step.run().expect_err("it takes longer than its limit").to_string();
        assert!(said.contains("ended after its limit"), "{said}");
        assert!(started.elapsed() < Duration::from_secs(10));
    }

    #[test]
    fn a_step_says_what_failed() {
        let said = |step: Step| step.run().expect_err("it fails").to_string();
        assert!(said(Step::new("liar", "false")).starts_with("liar failed (exit status: 1"));
        assert!(
            said(Step::new("ghost", "no-such-program-anywhere"))
                .starts_with("ghost: `no-such-program-anywhere`")
        );
        assert!(Step::new("honest", "true").succeeds());
    }

    #[test]
    fn what_is_missing_is_named_with_its_command() {
        let stop = Stop::missing("node", "apt-get install nodejs");
        assert!(stop.to_string().contains("node is missing"));
        assert!(stop.to_string().contains("    apt-get install nodejs"));
    }
}
