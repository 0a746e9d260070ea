//! A platform for one test: `lcr up` on free ports and in a temporary folder. It must never use a port or folder of a
//! developer's own `lcr up`.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{self, Receiver},
    thread,
    time::{Duration, Instant},
};

/// Enough for the whole cast and for lists longer than a screen, but few enough to load in seconds.
const PEOPLE: &str = "300";
const START_TIMEOUT: Duration = Duration::from_mins(1);
const LOAD_TIMEOUT: Duration = Duration::from_mins(1);
/// The ports of a platform on port 8080: services, provider, the sample host application, city, metrics, MLLP.
const PORTS: [std::ops::RangeInclusive<u16>; 6] =
    [8080..=8087, 8090..=8090, 8095..=8095, 8100..=8119, 9090..=9090, 2575..=2575];

/// A running platform. Dropping it ends it.
#[derive(Debug)]
pub struct Platform {
    pub port: u16,
    process: Child,
    folder: PathBuf,
}

impl Platform {
    /// Starts the platform and waits until the demo city is loaded.
    pub fn start(name: &str) -> Result<Self, String> {
        let port = free_ports()?;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{port}"));
        let lcr = lcr()?;
        let mut process = Command::new(&lcr)
            .args(["up", "--people", PEOPLE, "--port", &port.to_string(), "--data-dir"])
            .arg(&folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{} does not start: {error}", lcr.display()))?;
        let lines = lines(&mut process);
        let platform = Self { port, process, folder };
        wait_for(&lines, "ready ", START_TIMEOUT)?;
        wait_for(&lines, "loaded", LOAD_TIMEOUT)?;
        Ok(platform)
    }
}

impl Drop for Platform {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// Runs a suite in another language. Its output and its failures become the test's.
pub fn run(suite: &mut Command) -> Result<(), String> {
    let name = format!("{} {}", program(suite), first_argument(suite));
    let status = suite.stdin(Stdio::null()).status();
    let status: ExitStatus = status.map_err(|error| format!("{name} does not start: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("{name}: {status}; its lines are above")) }
}

/// The root of the repository.
pub fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."))
}

/// The folder `above` levels above this test, which is in `<target>/<profile>/deps`.
pub fn target(above: usize) -> Result<PathBuf, String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    me.ancestors().nth(above).map(Path::to_owned).ok_or_else(|| format!("{} lies nowhere", me.display()))
}

fn program(command: &Command) -> String {
    command.get_program().to_string_lossy().into_owned()
}

fn first_argument(command: &Command) -> String {
    command.get_args().next().unwrap_or_default().to_string_lossy().into_owned()
}

/// The `lcr` program of this build.
pub fn lcr() -> Result<PathBuf, String> {
    let lcr = target(2)?.join("lcr");
    if lcr.is_file() { Ok(lcr) } else { Err(format!("{} is missing: run `cargo build -p lcr`", lcr.display())) }
}

/// The lines of a process's output, which are also printed as the test's output.
fn lines(process: &mut Child) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    if let Some(out) = process.stdout.take() {
        thread::spawn(move || {
            for line in BufReader::new(out).lines().map_while(Result::ok) {
                println!("lcr: {line}");
                // After loading the receiver is gone; reading continues so that the process does not block on writing.
                let _ = sender.send(line);
            }
        });
    }
    receiver
}

fn wait_for(lines: &Receiver<String>, start: &str, limit: Duration) -> Result<(), String> {
    let end = Instant::now() + limit;
    loop {
        let left = end.saturating_duration_since(Instant::now());
        match lines.recv_timeout(left) {
            Ok(line) if line.starts_with(start) => return Ok(()),
            Ok(_) => {}
            Err(mpsc::RecvTimeoutError::Timeout) => {
                return Err(format!("no line \"{start}…\" within {} s", limit.as_secs()));
            }
            Err(mpsc::RecvTimeoutError::Disconnected) => return Err(format!("it ended before \"{start}…\"")),
        }
    }
}

/// Finds a gateway port whose related ports are free, below the system's ephemeral ports. Each process begins its search
/// at another port.
pub fn free_ports() -> Result<u16, String> {
    let start = u16::try_from(std::process::id() % 200).unwrap_or_default();
    let moved = (0..200).map(|step| 1000 + (start + step) % 200 * 100);
    let free = |moved: &u16| {
        let mut ports = PORTS.iter().cloned().flatten();
        ports.all(|port| TcpListener::bind((Ipv4Addr::LOCALHOST, port + moved)).is_ok())
    };
    moved.into_iter().find(free).map(|moved| 8080 + moved).ok_or_else(|| "no free ports".to_owned())
}
