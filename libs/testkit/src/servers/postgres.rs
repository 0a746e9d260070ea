//! A `PostgreSQL` server for tests, with a fresh database per call. It refuses to run as root, so there it runs as the
//! user `postgres` of its package.

use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::OnceLock,
};

use super::{free_port, keeper::Keeper, program, wait_until};

/// A running server; stopped and removed when dropped.
#[derive(Debug)]
pub struct Postgres {
    port: u16,
    bin: PathBuf,
    keeper: Keeper,
}

impl Postgres {
    /// The shared server of this process, for tests that do not kill it.
    pub fn shared() -> &'static Self {
        static SHARED: OnceLock<Postgres> = OnceLock::new();
        SHARED.get_or_init(|| Self::start(&[("fsync", "off")]))
    }

    /// Starts a server with `settings`. Without `fsync=off` it writes to disk as in production.
    ///
    /// # Panics
    /// If it is not installed or does not start.
    #[allow(clippy::expect_used, reason = "a test without its server has failed")]
    pub fn start(settings: &[(&str, &str)]) -> Self {
        let (bin, folder, port) = (bin(), Keeper::folder("postgres"), free_port());
        fs::create_dir_all(&folder).expect("a folder for PostgreSQL");
        if is_root() {
            run(Command::new("chown").arg("postgres:").arg(&folder));
        }
        let mut init = as_postgres(&bin.join("initdb"));
        for argument in ["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C"] {
            init.push(argument.into());
        }
        init.extend(["--pgdata".into(), folder.clone().into()]);
        run(Command::new(&init[0]).args(&init[1..]));
        let mut command = as_postgres(&bin.join("postgres"));
        command.extend(["-D".into(), folder.clone().into(), "-p".into(), port.to_string().into()]);
        let own = [("listen_addresses", "127.0.0.1"), ("unix_socket_directories", ""), ("max_connections", "300")];
        for (name, value) in own.iter().chain(settings) {
            command.extend(["-c".into(), format!("{name}={value}").into()]);
        }
        // SIGQUIT stops it and its children at once.
        let postgres = Self { port, bin, keeper: Keeper::start(folder, "QUIT", command) };
        postgres.ready();
        postgres
    }

    /// Its first database, as superuser.
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Creates an empty database.
    pub fn database(&self) -> String {
        let name = format!("t{}", uuid::Uuid::new_v4().simple());
        self.sql(&format!("CREATE DATABASE {name}"));
        self.url_of(&name)
    }

    /// Runs a statement as superuser, for roles and grants.
    pub fn sql(&self, statement: &str) {
        self.sql_in(&self.url(), statement);
    }

    /// Runs a statement in the database at `url`.
    pub fn sql_in(&self, url: &str, statement: &str) {
        let psql = self.bin.join("psql");
        run(Command::new(psql)
            .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--command", statement])
            .arg(url));
    }

    /// Writes a consistent copy of the database at `url` to `file`.
    pub fn dump(&self, url: &str, file: &Path) {
        run(Command::new(self.bin.join("pg_dump")).args(["--format=custom", "--file"]).arg(file).arg(url));
    }

    /// Loads such a copy into the empty database at `url`.
    pub fn load(&self, url: &str, file: &Path) {
        let exact = ["--exit-on-error", "--no-owner", "--dbname"];
        run(Command::new(self.bin.join("pg_restore")).args(exact).arg(url).arg(file));
    }

    /// Its process id while it runs, for measurements.
    pub fn process(&self) -> Option<u32> {
        self.keeper.process()
    }

    /// SIGKILL, as in a power cut. Its folder stays.
    pub fn kill(&self) {
        self.keeper.kill();
    }

    /// Starts it again in its folder.
    pub fn restart(&self) {
        // The file still reports that the killed server is ready.
        let _ = fs::remove_file(self.keeper.path().join("postmaster.pid"));
        self.keeper.restart();
        self.ready();
    }

    fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@127.0.0.1:{}/{database}", self.port)
    }

    /// The eighth line of its status file says whether it is ready.
    fn ready(&self) {
        let file = self.keeper.path().join("postmaster.pid");
        wait_until("postgres", &self.keeper.log(), || {
            let text = fs::read_to_string(&file).unwrap_or_default();
            text.lines().nth(7).is_some_and(|line| line.trim() == "ready")
        });
    }
}

/// The folder with initdb, postgres and psql: from the environment, from the path, or the newest installed.
fn bin() -> PathBuf {
    if let Some(folder) = env::var_os("LCR_POSTGRES_BIN").filter(|folder| !folder.is_empty()) {
        return PathBuf::from(folder);
    }
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    folders.reverse();
    let initdb = program("LCR_POSTGRES_BIN", "initdb", folders);
    // The path may hold links into the folder with all programs.
    let real = initdb.canonicalize().unwrap_or(initdb);
    real.parent().map(Path::to_owned).unwrap_or_default()
}

fn as_postgres(program: &Path) -> Vec<OsString> {
    let mut command: Vec<OsString> = Vec::new();
    if is_root() {
        let words = ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--"];
        command.extend(words.map(OsString::from));
    }
    command.push(program.into());
    command
}

fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    Path::new("/proc/self").metadata().is_ok_and(|me| me.uid() == 0)
}

/// Runs a program to its end.
///
/// # Panics
/// If it fails. Shows its output.
#[allow(clippy::panic, clippy::expect_used, reason = "a test that cannot set its scene has failed")]
fn run(command: &mut Command) {
    let output = command.stdin(Stdio::null()).current_dir("/").output().expect("a program that starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
