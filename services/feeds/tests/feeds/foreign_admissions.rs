//! Admissions, moves and discharges (A01 to A13) of other systems: nearly all must be shown on the ward list, or wait with
//! the person or visit that they name.

use std::collections::BTreeMap;

use lcr_contracts::registry::System;
use lcr_feeds::{DryRun, Outcome};

use crate::scene::{at, sandbox};

/// This suite has hundreds of similar messages, so it is counted separately.
const ONE_HOSPITAL: &str = "google-simhospital";

#[derive(Default)]
struct Count {
    total: usize,
    shown: usize,
    not_shown: BTreeMap<String, Vec<String>>,
}

fn is_of_a_stay(kind: &str) -> bool {
    let number = kind.strip_prefix("ADT^A").and_then(|digits| digits.parse::<u8>().ok());
    number.is_some_and(|number| (1..=13).contains(&number))
}

/// Why a message is neither shown nor waits with a person.
fn not_shown_reason(message: &lcr_feeds::DryRunMessage) -> Option<String> {
    match &message.outcome {
        Outcome::Accepted if !message.stays.is_empty() => None,
        Outcome::Accepted => Some("accepted, about no stay".to_owned()),
        Outcome::Waits { .. } if message.names_somebody => None,
        Outcome::Waits { reason, .. } => Some(format!("waits, and names nobody: {reason}")),
        Outcome::Refused { reason, location } => {
            Some(format!("refused: {reason} {}", location.clone().unwrap_or_default()))
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
        for message in DryRun::of(system).add_file(&bytes, at("2026-11-29T12:00:00Z")) {
            if !is_of_a_stay(&message.kind) {
                continue;
            }
            count.total += 1;
            match not_shown_reason(&message) {
                None => count.shown += 1,
                Some(why) => {
                    let name = format!("{} {}", message.kind, file.file_name().unwrap().to_string_lossy());
                    count.not_shown.entry(why).or_default().push(name);
                }
            }
        }
    }
    count
}

#[test]
fn nearly_all_admissions_of_other_systems_are_shown_or_wait_with_a_person() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    for (name, one_hospital) in [("other systems", false), ("one simulated hospital", true)] {
        let count = count(&sandbox(), &folder, one_hospital);
        println!("{name}: {} of {} are shown or wait with a person", count.shown, count.total);
        for (why, files) in &count.not_shown {
            println!("{:>4} {why}: {}", files.len(), files.join(", "));
        }
        assert!(count.shown * 100 >= count.total * 95, "{name}: {} of {}", count.shown, count.total);
    }
}
