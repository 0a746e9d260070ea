//! What a report says of a source as a whole: whether it shares anything, for every set of asked datasets, and whether it
//! knows the person, if it keeps back one of them.

use jiff::Timestamp;
use lcr_contracts::{
    events::OnRecord,
    registry::{Registry, System},
};
use lcr_model::permit::WithheldReason;
use serde_json::json;

use super::*;
use crate::domain::{resource_type, stays::Stay};

fn system(id: &str) -> System {
    serde_json::from_value(json!({
        "id": id, "name": id, "organisation": "A1", "base_url": "", "kind": "hospital", "authority": false,
        "discreet": false, "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false,
        "feed": null }))
    .unwrap()
}

fn on_record() -> OnRecord {
    serde_json::from_value(json!({
        "person": null, "source": "h", "visit": "V1", "counts": true, "attends": false, "class": "I", "place": null,
        "consultant": null, "specialty": null, "admitted": "2026-11-19", "left": null, "on_leave": false,
        "destination": null, "died": false, "last_told": "2026-11-26T11:05:00Z", "warnings": [] }))
    .unwrap()
}

/// What the report of the source `h` says: whether it shares anything, and whether it knows the person.
fn said(sharing: Option<&[&str]>, known_at: &[(&str, bool)], datasets: &[Dataset]) -> (Option<bool>, Option<bool>) {
    // The source shares results only.
    let is_granted = |dataset: &Dataset| *dataset == Dataset::Results && sharing.is_some_and(|all| all.contains(&"h"));
    let (granted, kept_back): (Vec<Dataset>, Vec<Dataset>) = datasets.iter().copied().partition(is_granted);
    let grants: Vec<(&str, Dataset)> = granted.iter().map(|dataset| ("h", *dataset)).collect();
    let withheld: Vec<_> = kept_back.iter().map(|dataset| ("h", *dataset, WithheldReason::NotAgreed)).collect();
    let grant: PersonGrant = serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": grants, "withheld": withheld,
        "clearances": [], "hide": [], "relationship": "", "sharing": sharing }))
    .unwrap();
    let stay = Stay { spell: lcr_model::SpellId::new("s1"), on_record: on_record() };
    let resource_types = [resource_type::ResourceType::Encounter];
    let answer =
        SourceAnswer { stays: vec![stay], ..SourceAnswer::pending(SourceId::new("h"), false, &resource_types) };
    let registry = Registry { systems: vec![system("h")], ..Registry::default() };
    let list_input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &[answer],
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
fn a_report_says_whether_a_source_knows_the_person_only_if_it_keeps_something_asked_for_back() {
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
        // Stays among the answers, which depend on what was asked, change nothing.
        for datasets in [&page[..], Dataset::ALL, &[Dataset::Encounters]] {
            assert_eq!(said(sharing, known_at, datasets), expected, "{sharing:?} {known_at:?} {datasets:?}");
        }
        for datasets in [&[Dataset::Results][..], &[]] {
            let only_shares = (expected.0, None);
            assert_eq!(said(sharing, known_at, datasets), only_shares, "{sharing:?} {known_at:?} {datasets:?}");
        }
    }
}

/// The datasets of the record's sections if a source keeps everything back for this reason.
fn sections_if(reason: WithheldReason) -> Vec<Dataset> {
    let withheld = [("h", Dataset::Allergies, reason)];
    let grant: PersonGrant = serde_json::from_value(json!({
        "person": lcr_model::PersonId::new(), "index_version": 1, "epoch": 0, "grants": [], "withheld": withheld,
        "clearances": [], "hide": [], "relationship": "", "sharing": [] }))
    .unwrap();
    let registry = Registry { systems: vec![system("h")], ..Registry::default() };
    let list_input = ListInput {
        opaque_id: &|id: &str| id.to_owned(),
        grant: &grant,
        registry: &registry,
        answers: &[],
        datasets: &[Dataset::Allergies, Dataset::Results],
        now: Timestamp::UNIX_EPOCH,
    };
    assemble(&RecordInput::new(ViewId::new(), list_input)).sections.iter().map(|section| section.dataset).collect()
}

/// S-68: pages take a dataset without a section for one that the role does not see.
#[test]
fn what_the_organisation_does_not_receive_has_an_empty_section_and_what_the_role_does_not_see_has_none() {
    assert_eq!(sections_if(WithheldReason::NotReceived), [Dataset::Allergies]);
    assert_eq!(sections_if(WithheldReason::NotYetOn), [Dataset::Allergies]);
    assert!(sections_if(WithheldReason::Role).is_empty());
}
