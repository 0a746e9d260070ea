//! Admissions, moves and discharges (A01 to A13) of other systems: each is to be shown, or said to wait beside the person
//! or visit that it names.

use std::collections::BTreeMap;

use lcr_contracts::identity::System;
use lcr_feeds::{Outcome, Run};

use crate::scene::{at, sandbox};

/// The suite of one simulated hospital has hundreds of the same kind: it is counted apart.
const ONE_HOSPITAL: &str = "google-simhospital";

#[derive(Default)]
struct Count {
    all: usize,
    seen: usize,
    others: BTreeMap<String, Vec<String>>,
}

fn is_of_a_stay(kind: &str) -> bool {
    let number = kind.strip_prefix("ADT^A").and_then(|digits| digits.parse::<u8>().ok());
    number.is_some_and(|number| (1..=13).contains(&number))
}

/// Why a message is neither shown nor said to wait.
fn unseen(tried: &lcr_feeds::Tried) -> Option<String> {
    match &tried.outcome {
        Outcome::Accepted if !tried.stays.is_empty() => None,
        Outcome::Accepted => Some("accepted, about no stay".to_owned()),
        Outcome::Waits { .. } if tried.names_somebody => None,
        Outcome::Waits { words, .. } => Some(format!("waits, and names nobody: {words}")),
        Outcome::Refused { words, place } => {
            Some(format!("refused: {words} {}", place.clone().unwrap_or_default()))
        }
    }
}

fn count(system: &System, folder: &std::path::Path, one_hospital: bool) -> Count {
    let mut count = Count::default();
    for file in lcr_testkit::data::files(folder).unwrap() {
        let is_data = file.extension().is_none_or(|end| end != "tsv" && end != "md");
        if !is_data || file.to_string_lossy().contains(ONE_HOSPITAL) != one_hospital {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        for tried in Run::of(system).file(&bytes, at("2026-11-29T12:00:00Z")) {
            if !is_of_a_stay(&tried.kind) {
                continue;
            }
            count.all += 1;
            match unseen(&tried) {
                None => count.seen += 1,
                Some(why) => {
                    let name = format!("{} {}", tried.kind, file.file_name().unwrap().to_string_lossy());
                    count.others.entry(why).or_default().push(name);
                }
            }
        }
    }
    count
}

#[test]
fn of_foreign_admissions_nearly_all_are_shown_or_said_to_wait() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    for (name, one_hospital) in [("other systems", false), ("one simulated hospital", true)] {
        let count = count(&sandbox(), &folder, one_hospital);
        println!("{name}: {} of {} are shown or said to wait", count.seen, count.all);
        for (why, files) in &count.others {
            println!("{:>4} {why}: {}", files.len(), files.join(", "));
        }
        assert!(count.seen * 100 >= count.all * 95, "{name}: {} of {}", count.seen, count.all);
    }
}
