//! The rate of commits that `PostgreSQL` reaches for its own benchmark program, and the split form's durable messages beside
//! it. Both must always use the same server in the same run.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Stdio,
    time::Instant,
};

use futures::future::join_all;
use lcr_testkit::Folder;
use lcr_tests::{
    Platform,
    mllp::{MllpConnection, admission, is_accepted},
    split::unissued_nhs_number,
};
use tokio::process::Command;

use super::{
    limits::CALLERS,
    report::Report,
    rounds::{Rounds, repeat},
};

/// Messages of each sender in a round.
const EACH: usize = 80;
/// A row of a message's size.
const TABLE: &str = "CREATE TABLE bench_commit (id bigserial PRIMARY KEY, body text NOT NULL)";
const COMMIT: &str = "INSERT INTO bench_commit (body) VALUES (repeat('x', 1500));\n";

pub async fn measure(platform: &Platform, report: &mut Report) {
    let Some(program) = find_program() else {
        println!("messages over pgbench: SKIPPED, because pgbench is in no folder of PostgreSQL's programs");
        return;
    };
    let folder = Folder::new("bench-pgbench").unwrap();
    let script = folder.path().join("commit.sql");
    fs::write(&script, COMMIT).unwrap();
    let postgres = &platform.split().postgres;
    let database = postgres.database();
    postgres.sql_in(&database, TABLE);
    repeat(report, async |round, rounds: &mut Rounds| {
        let [limit, ours] = ["split: commits of pgbench", "split: durable messages beside pgbench"];
        rounds.add(limit, commits(&program, &script, &database).await, "/s", "16 clients, one row of 1.5 kB a commit");
        rounds.add(ours, messages(platform, round).await, "/s", "16 senders over MLLP, on disk before AA");
        let note = "messages for each commit of the same server; 1 is the limit without group commit; aim: 0.3";
        rounds.ratio("split: messages over commits of pgbench", ours, limit, note);
        // The next round must not share its time with the consumers of this one.
        platform.split().wait_until_consumed().await;
    })
    .await;
}

/// The program beside the server's own, or the newest of the system. Debian's in `/usr/bin` only chooses one of these.
fn find_program() -> Option<PathBuf> {
    let named = env::var_os("LCR_POSTGRES_BIN").filter(|folder| !folder.is_empty()).map(PathBuf::from);
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = versions.map(|version| version.path().join("bin")).collect();
    folders.sort();
    let folders = named.into_iter().chain(folders.into_iter().rev()).chain([PathBuf::from("/usr/bin")]);
    folders.map(|folder| folder.join("pgbench")).find(|program| program.is_file())
}

/// The commits per second of as many clients as there are senders.
async fn commits(program: &Path, script: &Path, database: &str) -> f64 {
    let clients = CALLERS.to_string();
    let mut command = Command::new(program);
    command.args(["--no-vacuum", "--protocol=prepared", "--jobs=1", "--time=3", "--client", &clients]);
    command.arg("--file").arg(script).arg(database).stdin(Stdio::null());
    let ended = command.output().await.unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    let said = String::from_utf8_lossy(&ended.stdout).into_owned();
    let rate = said.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.expect("pgbench prints a rate")
}

/// The durable messages per second of one round, each of another unknown person.
async fn messages(platform: &Platform, round: usize) -> f64 {
    let (port, started) = (platform.ports.mllp(), Instant::now());
    join_all((0..CALLERS).map(|sender| async move {
        let mut line = MllpConnection::open(port).await.unwrap();
        for at in 0..EACH {
            let number = unissued_nhs_number(((round * CALLERS + sender) * EACH + at) as u64);
            let control = format!("G{round}S{sender}N{at}");
            let message = admission(&control, &number, "19500101", &format!("V{control}"));
            assert!(is_accepted(&line.send(&message).await.unwrap()));
        }
    }))
    .await;
    (CALLERS * EACH) as f64 / started.elapsed().as_secs_f64()
}
