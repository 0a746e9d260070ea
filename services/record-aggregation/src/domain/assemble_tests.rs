//! What a report says of a source as a whole is the same for every set of asked datasets.

use jiff::Timestamp;
use lcr_contracts::registry::Registry;
use serde_json::json;

use super::*;

fn system(id: &str) -> System {
    serde_json::from_value(json!({
        "id": id, "name": id, "organisation": "A1", "base_url": "", "kind": "hospital", "authority": false,
        "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false,
        "feed": null }))
    .unwrap()
}

/// What the report of the source `h` says: whether it shares anything, and whether it knows the person.
fn said(sharing: Option<&[&str]>, known_at: &[(&str, bool)], datasets: &[Dataset]) -> (Option<bool>, Option<bool>) {
    // The source shares results only.
    let granted = datasets.contains(&Dataset::Results) && sharing.is_some_and(|all| all.contains(&"h"));
    let grants: Vec<(&str, Dataset)> = granted.then_some(("h", Dataset::Results)).into_iter().collect();
    let grant: PersonGrant = serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": grants, "withheld": [],
        "clearances": [], "hide": [], "relationship": "", "sharing": sharing }))
    .unwrap();
    let registry = Registry { systems: vec![system("h")], ..Registry::default() };
    let list_input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &[],
        datasets,
        now: Timestamp::UNIX_EPOCH,
    };
    let known_at = known_at.iter().map(|(source, knows)| (SourceId::new(*source), *knows)).collect();
    let reports = source_reports(&RecordInput { known_at, ..RecordInput::new(ViewId::new(), list_input) });
    (reports[0].shares_anything, reports[0].knows_person)
}

/// What the reader's permit shares, whether each source knows the person, and what the report says of both.
type Case<'a> = (Option<&'a [&'a str]>, &'a [(&'a str, bool)], (Option<bool>, Option<bool>));

#[test]
fn a_report_says_the_same_of_a_source_whatever_was_asked() {
    let page = [Dataset::Demographics, Dataset::Allergies, Dataset::Encounters];
    let cases: [Case; 5] = [
        (Some(&["h"]), &[("h", true)], (Some(true), Some(true))),
        (Some(&["h"]), &[("h", false)], (Some(true), Some(false))),
        // Its list of people was never read.
        (Some(&["h"]), &[], (Some(true), None)),
        // A reader with whom it shares nothing must not learn whether it knows the person.
        (Some(&[]), &[("h", true)], (Some(false), None)),
        // Consent of an earlier version.
        (None, &[("h", true)], (None, None)),
    ];
    for (sharing, known_at, expected) in cases {
        let asked: [&[Dataset]; 4] = [&page, &[Dataset::Results], &[], Dataset::ALL];
        for datasets in asked {
            assert_eq!(said(sharing, known_at, datasets), expected, "{sharing:?} {known_at:?} {datasets:?}");
        }
    }
}
