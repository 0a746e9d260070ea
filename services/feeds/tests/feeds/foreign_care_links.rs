//! Referrals, appointments and episodes of other systems: each must be decided, and an accepted one must be evidence.

use std::collections::BTreeMap;

use lcr_feeds::{DryRun, DryRunMessage, Outcome};
use serde_json::{Value, json};

use crate::scene::{at, sandbox};

const TYPES: [&str; 5] = ["ServiceRequest", "Appointment", "EpisodeOfCare", "CareTeam", "Group"];

/// The number of messages by type and outcome.
type Table = BTreeMap<String, usize>;

fn count(table: &mut Table, kind: &str, tried: &DryRunMessage) {
    let outcome = match &tried.outcome {
        Outcome::Accepted if tried.links.is_empty() => "accepted, no evidence".to_owned(),
        Outcome::Accepted => "evidence".to_owned(),
        Outcome::Waits { reason, .. } => format!("waits: {reason}"),
        Outcome::Refused { reason, .. } => format!("refused: {reason}"),
    };
    *table.entry(format!("{kind}: {outcome}")).or_default() += 1;
}

fn print(table: &Table) {
    for (line, many) in table {
        println!("{many:>5} {line}");
    }
}

#[test]
fn appointments_of_other_systems_and_referrals_with_a_receiver_are_evidence() {
    let Some(folder) = lcr_testkit::data::folder("hl7v2") else { return };
    let (mut table, mut decided) = (Table::new(), 0);
    for file in lcr_testkit::data::files(&folder).unwrap() {
        if file.extension().is_some_and(|end| end == "tsv" || end == "md") {
            continue;
        }
        let bytes = std::fs::read(&file).unwrap();
        let all = DryRun::of(&sandbox()).add_file(&bytes, at("2026-11-29T12:00:00Z"));
        for tried in all.iter().filter(|tried| tried.kind.starts_with("REF^") || tried.kind.starts_with("SIU^")) {
            count(&mut table, &tried.kind, tried);
            // Few referrals identify their receiver.
            let is_referral = tried.kind.starts_with("REF^");
            let gives = tried.links.len() == 1 || is_referral && tried.links.is_empty();
            assert!(tried.outcome != Outcome::Accepted || gives, "{}", file.display());
            decided += 1;
        }
    }
    print(&table);
    assert!(decided > 0);
}

/// The Bundle in a file, or its only resource as a Bundle. `None` if it has no type of these.
fn bundle(value: Value) -> Option<(String, Value)> {
    let is_ours = |one: &Value| one["resourceType"].as_str().is_some_and(|kind| TYPES.contains(&kind));
    if is_ours(&value) {
        let kind = value["resourceType"].as_str()?.to_owned();
        return Some((
            kind,
            json!({ "resourceType": "Bundle", "type": "collection", "entry": [{ "resource": value }] }),
        ));
    }
    let entries = value["entry"].as_array()?;
    let kind = entries.iter().map(|entry| &entry["resource"]).find(|one| is_ours(one))?["resourceType"].as_str()?;
    Some((format!("Bundle with {kind}"), value))
}

#[test]
fn resources_of_other_systems_are_decided() {
    let Some(folder) = lcr_testkit::data::folder("fhir") else { return };
    let (mut table, mut evidence) = (Table::new(), 0);
    for file in lcr_testkit::data::files(&folder).unwrap() {
        let parsed = std::fs::read(&file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let Some((kind, bundle)) = parsed.and_then(bundle) else { continue };
        let tried =
            DryRun::of(&sandbox()).add_file(bundle.to_string().as_bytes(), at("2026-11-29T12:00:00Z")).remove(0);
        count(&mut table, &kind, &tried);
        evidence += tried.links.len();
    }
    print(&table);
    assert!(evidence > 0);
}
