//! `lcr consent`: the permissions of the shipped access policies, and what changed in them. It reads no platform and must
//! never need one.

use std::{collections::BTreeSet, fs, path::PathBuf};

use clap::{Args, Subcommand};
use lcr_consent::domain::policies::matrix::shipped_matrix;

#[derive(Debug, Args)]
pub struct ConsentArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what each role sees and may do.
    Matrix,
    /// Print the permissions added and removed since a file was made by `lcr consent matrix > FILE`.
    Diff {
        #[arg(long, value_name = "FILE")]
        against: PathBuf,
    },
}

pub fn run(args: ConsentArgs) -> Result<(), String> {
    let now = shipped_matrix()?;
    match args.command {
        Command::Matrix => print!("{now}"),
        Command::Diff { against } => {
            let before = fs::read_to_string(&against).map_err(|error| format!("{}: {error}", against.display()))?;
            let lines = difference(&before, &now)?;
            println!("{}", if lines.is_empty() { "no difference".to_owned() } else { lines.join("\n") });
        }
    }
    Ok(())
}

/// The permissions of `before` alone after `-`, and those of `now` alone after `+`.
fn difference(before: &str, now: &str) -> Result<Vec<String>, String> {
    let (before, now) = (permissions(before), permissions(now));
    if before.is_empty() {
        return Err("the file holds no permission: make it with `lcr consent matrix > FILE`".to_owned());
    }
    let removed = before.difference(&now).map(|one| format!("- {one}"));
    Ok(removed.chain(now.difference(&before).map(|one| format!("+ {one}"))).collect())
}

/// Each permission of a matrix as "role row: item". What a role never sees follows from the rest.
fn permissions(matrix: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for block in matrix.split("\n\n").skip(1) {
        let mut lines = block.lines();
        let role = lines.next().unwrap_or_default();
        for (row, items) in lines.filter_map(|line| line.trim_start().split_once(' ')) {
            let items = items.trim().split(", ").filter(|item| row != "never" && *item != "–");
            found.extend(items.map(|item| format!("{role} {row}: {item}")));
        }
    }
    found
}

#[cfg(test)]
#[path = "consent_tests.rs"]
mod tests;
