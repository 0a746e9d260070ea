//! A process that writes sets is killed by SIGKILL, again and again.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use super::*;

/// Where the child process writes, as `Location::parse` reads it.
const WHERE: &str = "SETS_WRITTEN_TO";
/// The number of its first note.
const FIRST: &str = "SETS_FIRST_NOTE";
const ROUNDS: i64 = 4;
/// The notes that a child may use.
const ROUND: i64 = 1_000_000;
/// After so many answers a child is killed, in the middle of what it writes next.
const ANSWERS: usize = 150;

/// The process that is killed: sixteen callers write notes and print each number that was answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_writes_sets() {
    let Ok(url) = std::env::var(WHERE) else { return };
    let first: i64 = std::env::var(FIRST).unwrap().parse().unwrap();
    let sets = note_sets(&open(&url).await);
    let caller = |caller: i64| {
        let sets = sets.clone();
        async move {
            for id in (first + caller..first + ROUND).step_by(16) {
                println!("answered {}", sets.write(id).await.unwrap());
            }
        }
    };
    join_all((0..16).map(caller)).await;
}

fn start_child(url: &str, first: i64) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "killed::a_process_that_writes_sets", "--nocapture"])
        .envs([(WHERE, url.to_owned()), (FIRST, first.to_string())])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Every number that the child was answered before it was killed.
fn answered_before_its_death(mut child: Child) -> Vec<i64> {
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut answered = vec![];
    for line in lines.map_while(Result::ok) {
        // The line before may stand in front of it, because the callers share the output.
        let number = line.split("answered ").nth(1).and_then(|number| number.parse::<i64>().ok());
        answered.extend(number);
        if answered.len() == ANSWERS {
            child.kill().unwrap();
        }
    }
    child.wait().unwrap();
    answered
}

#[tokio::test(flavor = "multi_thread")]
async fn a_set_that_is_cut_by_sigkill_is_whole_or_absent_and_whole_if_it_was_answered() {
    for database in databases().await {
        let mut answered = vec![];
        for round in 0..ROUNDS {
            let child = start_child(&database.url, 1_000 + round * ROUND);
            let numbers = tokio::task::spawn_blocking(move || answered_before_its_death(child)).await.unwrap();
            assert!(numbers.len() >= ANSWERS, "only {} answers", numbers.len());
            answered.extend(numbers);
        }
        let store = database.open().await;
        let notes = notes_in(store.read()).await.unwrap();
        let lost: Vec<&i64> = answered.iter().filter(|id| !notes.contains_key(id)).collect();
        assert!(lost.is_empty(), "answered and lost: {lost:?}");
        let mut sizes: BTreeMap<i64, i64> = BTreeMap::new();
        for (first, _) in notes.values() {
            *sizes.entry(*first).or_default() += 1;
        }
        for (first, many) in notes.values() {
            assert_eq!(sizes.get(first), Some(many), "the set of note {first} is whole");
        }
        note_sets(&store).write(7).await.expect("the next process goes on");
    }
}
