//! `lcr audit verify`: checks from the public tiles that the log matches its signed checkpoint and only grew since an
//! earlier one. With a token it also checks that no row was altered. It must never change the log.

mod log_client;
mod rows;
mod tree;

use std::{fs, path::PathBuf};

use clap::{Args, Subcommand};
use lcr_audit::domain::checkpoint_times::CheckpointTimes;
use lcr_model::{Clock, SystemClock};
use log_client::LogClient;
use reqwest::Url;
use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::Checkpoint;

#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Check signature, inclusion and consistency.
    Verify(VerifyArgs),
}

#[derive(Debug, Args)]
struct VerifyArgs {
    /// The address of checkpoint and tiles; the running demo platform's by default.
    #[arg(long)]
    url: Option<Url>,
    /// The demo platform's port.
    #[arg(long, default_value = "8080", value_parser = super::parse_port)]
    port: u16,
    /// The verifier key, as `lcr up` prints it at its start and as `audit log-key` prints it.
    #[arg(long, value_name = "VKEY")]
    key: String,
    /// A checkpoint of an earlier run: the log must contain it unchanged. The new one is written to the same file.
    #[arg(long, value_name = "FILE")]
    since: Option<PathBuf>,
    /// A token of a user who may read the log; the demo's privacy officer by default.
    #[arg(long, env = "LCR_TOKEN", hide_env_values = true)]
    token: Option<String>,
}

/// The inputs of a verification.
#[derive(Debug, Clone)]
pub struct Check {
    /// The base address of checkpoint and tiles.
    pub log: String,
    /// The base address of the log's rows.
    pub api: String,
    pub key: String,
    pub since: Option<PathBuf>,
    pub token: Option<String>,
    /// Seconds since the epoch.
    pub now: i64,
}

pub async fn run(audit: Audit) -> Result<(), String> {
    let Command::Verify(verify) = audit.command;
    if let (Some(url), Some(_)) = (&verify.url, &verify.token)
        && url.scheme() != "https"
        && !matches!(url.host_str(), Some("localhost" | "127.0.0.1" | "[::1]"))
    {
        return Err(format!("{url} is not https, so no token is sent to it"));
    }
    let local = || format!("http://localhost:{}/audit", verify.port);
    let log = verify.url.as_ref().map_or_else(local, |url| url.as_str().trim_end_matches('/').to_owned());
    let api = match log.strip_suffix("/audit") {
        Some(gateway) => format!("{gateway}/api/audit"),
        None => format!("http://localhost:{}/api/audit", verify.port),
    };
    let token = match (&verify.token, &verify.url) {
        (Some(token), _) => Some(token.clone()),
        (None, None) => super::token::bearer("privacy-officer", verify.port).await.ok(),
        (None, Some(_)) => None,
    };
    let now = SystemClock.now().as_second();
    check(&Check { log, api, key: verify.key, since: verify.since, token, now }).await
}

/// Checks a log. The error names the check that failed.
pub async fn check(verify: &Check) -> Result<(), String> {
    let log = LogClient::new(verify)?;
    let (note, checkpoint) = log.checkpoint(&verify.key).await?;
    println!("checkpoint  {} leaves, signature valid", checkpoint.size());
    let leaves = tree::fetch_leaves(&log, checkpoint.size()).await?;
    let tree = tree::Tree::from_leaves(&leaves)?;
    if let Err(why) = tree.check_root(checkpoint.size(), checkpoint.hash()) {
        let at = tree.first_changed_leaf(&log, checkpoint.size()).await;
        return Err(at.map_or(why.clone(), |at| format!("leaf {at} was exchanged: {why}")));
    }
    println!("inclusion   every leaf is under the signed root");
    let tiles = tree.compare_tiles(&log, checkpoint.size()).await?;
    println!("tiles       {tiles} hash tiles match");
    check_consistency(verify, &tree, &note, &checkpoint)?;
    match &verify.token {
        Some(token) => rows::compare_rows(&log, token, &leaves).await?,
        None => println!("rows        not checked: use --token with a token of a user who may read the log"),
    }
    check_age(&checkpoint, verify.now)?;
    println!("verified");
    Ok(())
}

/// Checks that the checkpoint is recent. A working log signs at least every ten seconds.
fn check_age(checkpoint: &Checkpoint, now: i64) -> Result<(), String> {
    let Some(moment) = CheckpointTimes::read(checkpoint.extension()) else {
        println!("age         not checked: the checkpoint does not say when it was signed");
        return Ok(());
    };
    let age = now - moment.signed_at;
    println!("age         signed {age} seconds ago");
    if age > rows::MAX_WAIT_SECONDS {
        return Err(format!("the tree has stopped growing: the checkpoint was signed {age} seconds ago"));
    }
    Ok(())
}

/// Checks that the first leaves still have the root that the earlier checkpoint signed.
fn check_consistency(verify: &Check, tree: &tree::Tree, note: &str, now: &Checkpoint) -> Result<(), String> {
    let Some(file) = &verify.since else {
        println!("consistency not checked: save a checkpoint with --since FILE and run again later");
        return Ok(());
    };
    if let Ok(saved) = fs::read(file) {
        let earlier =
            read_signed_checkpoint(&saved, &verify.key).map_err(|why| format!("{}: {why}", file.display()))?;
        if earlier.size() > now.size() {
            return Err(format!(
                "the log is shorter than it was: {} leaves now, {} before",
                now.size(),
                earlier.size()
            ));
        }
        tree.check_root(earlier.size(), earlier.hash())
            .map_err(|_| format!("the first {} leaves have changed", earlier.size()))?;
        println!("consistency the first {} leaves are unchanged", earlier.size());
    } else {
        println!("consistency no earlier checkpoint in {}; saved for the next run", file.display());
    }
    fs::write(file, note).map_err(|error| format!("{}: {error}", file.display()))
}

/// Reads a checkpoint and verifies its signature with `key`.
fn read_signed_checkpoint(bytes: &[u8], key: &str) -> Result<Checkpoint, String> {
    let note = Note::from_bytes(bytes).map_err(|_| "that is not a signed checkpoint".to_owned())?;
    let verifier = StandardVerifier::new(key).map_err(|_| {
        "the key is not a verifier key; `lcr up` prints one, after `audit-key`, and so does `audit log-key`".to_owned()
    })?;
    let known = VerifierList::new(vec![Box::new(verifier)]);
    note.verify(&known).map_err(|_| "the checkpoint is not signed by that key".to_owned())?;
    let checkpoint = Checkpoint::from_bytes(note.text()).map_err(|_| "the checkpoint cannot be read".to_owned())?;
    if key.split('+').next() == Some(checkpoint.origin()) {
        Ok(checkpoint)
    } else {
        Err(format!("the checkpoint is of another log: {}", checkpoint.origin()))
    }
}
