//! Tests of the evidence in Bundles: whose, for whom, from when and until when.

use serde_json::json;

use crate::domain::{
    CareLinkUpdate, CareList, MappedEvent, MappingError, MappingResult, bundle,
    testing::{items, links, local_id_key, people, source, waiting_reason},
};

#[path = "links_tests/groups.rs"]
mod groups;
#[path = "links_tests/requests.rs"]
mod requests;
#[path = "links_tests/subjects.rs"]
mod subjects;

const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";
const KINDS: &str = "https://fhir.leedscarerecord.uk/CodeSystem/care-link";

fn map(resources: &[serde_json::Value]) -> MappingResult {
    let entry: Vec<_> = resources.iter().map(|one| json!({ "resource": one })).collect();
    let bundle =
        json!({ "resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-20T08:00:00Z", "entry": entry });
    let (system, received) = (source(&[("PAS", "Z9H01")]), "2026-11-20T12:00:00Z".parse().unwrap());
    let key = local_id_key();
    let arrival =
        bundle::BundleArrival { system: &system, received, content: "c", control_id: "1", local_id_key: &key };
    bundle::map(&arrival, &bundle)
}

fn link(resources: &[serde_json::Value]) -> CareLinkUpdate {
    links(map(resources)).remove(0)
}

fn list(resources: &[serde_json::Value]) -> CareList {
    let list = |one| if let MappedEvent::CareList(list) = one { Some(list) } else { None };
    map(resources).unwrap().into_iter().find_map(list).unwrap()
}

fn refused(resources: &[serde_json::Value]) -> String {
    match map(resources) {
        Err(MappingError::Fault(fault)) => format!("{} {}", fault.location(), fault.text),
        _ => panic!("not refused"),
    }
}

fn patient(id: &str) -> serde_json::Value {
    json!({ "resourceType": "Patient", "id": id, "identifier": [{ "value": format!("47{id}") }] })
}

fn organisation() -> serde_json::Value {
    json!({ "resourceType": "Organization", "id": "o", "identifier": [{ "system": "urn:own", "value": "X1" },
        { "system": ODS, "value": "Z9C05" }] })
}

fn resource(kind: &str, more: &serde_json::Value) -> serde_json::Value {
    let mut resource = json!({ "resourceType": kind, "id": "1", "meta": { "lastUpdated": "2026-11-20T09:30:00Z" } });
    resource.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource
}

fn episode(more: &serde_json::Value) -> serde_json::Value {
    let mut whole = json!({ "status": "active", "patient": { "reference": "Patient/p" } });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource("EpisodeOfCare", &whole)
}

fn text(at: Option<jiff::Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

#[test]
fn an_episode_is_evidence_for_its_organisation_and_team_in_its_period() {
    let team = json!({ "resourceType": "CareTeam", "id": "t", "name": "North district nurses" });
    let one = episode(&json!({ "managingOrganization": { "reference": "Organization/o" },
        "type": [{ "coding": [{ "system": "urn:own", "code": "caseload" }, { "system": KINDS, "code": "resident" }] }],
        "team": [{ "reference": "CareTeam/t" }], "period": { "start": "2026-11-01", "end": "2026-12" } }));
    let update = link(&[patient("p"), organisation(), team, one]);
    assert_eq!((update.key.as_str(), update.identity.local_id.0.as_str()), ("EpisodeOfCare/1", "47p"));
    assert_eq!((update.link.kind.as_str(), update.link.organisation.as_str()), ("resident", "Z9C05"));
    assert_eq!(update.link.team.as_deref(), Some("North district nurses"));
    assert_eq!(text(update.link.from).as_deref(), Some("2026-11-01T00:00:00Z"));
    assert_eq!(text(update.link.until).as_deref(), Some("2027-01-01T00:00:00Z"), "a whole month");
    assert_eq!(update.sent.to_string(), "2026-11-20T09:30:00Z");
}

#[test]
fn an_episode_without_a_kind_or_an_organisation_is_a_caseload_of_the_source() {
    let plain = link(&[patient("p"), episode(&json!({}))]);
    assert_eq!((plain.link.kind.as_str(), plain.link.organisation.as_str()), ("caseload", "Z9H01"));
    for (code, kind) in
        [("of-a-later-version", "of-a-later-version"), ("referral", "unknown"), ("appointment", "unknown")]
    {
        let one = episode(&json!({ "type": [{ "coding": [{ "system": KINDS, "code": code }] }] }));
        assert_eq!(link(&[patient("p"), one]).link.kind.as_str(), kind);
    }
}

#[test]
fn the_status_of_an_episode_or_team_says_whether_it_stands_and_has_ended() {
    let updated = Some("2026-11-20T09:30:00Z");
    for (kind, status, stands, until) in [
        ("EpisodeOfCare", "active", true, None),
        ("EpisodeOfCare", "onhold", true, None),
        ("EpisodeOfCare", "waitlist", false, None),
        ("EpisodeOfCare", "finished", true, updated),
        ("EpisodeOfCare", "planned", false, None),
        ("EpisodeOfCare", "cancelled", false, None),
        ("EpisodeOfCare", "entered-in-error", false, None),
        ("CareTeam", "active", true, None),
        ("CareTeam", "inactive", true, updated),
        ("CareTeam", "proposed", false, None),
        ("CareTeam", "suspended", false, None),
        ("CareTeam", "entered-in-error", false, None),
    ] {
        let about = json!({ "reference": "Patient/p" });
        let one = resource(kind, &json!({ "status": status, "patient": about, "subject": about }));
        let link = link(&[patient("p"), one]).link;
        assert_eq!((link.stands, text(link.until).as_deref()), (stands, until), "{kind} {status}");
    }
    let unknown = episode(&json!({ "status": "dormant" }));
    assert_eq!(waiting_reason(map(&[patient("p"), unknown])), "the status of the EpisodeOfCare is unknown");
}

#[test]
fn a_finished_episode_has_ended_at_the_latest_when_its_source_said_so() {
    for (end, expected) in [("2026-11-05T10:00:00Z", "2026-11-05T10:00:00Z"), ("2027-01-05", "2026-11-20T09:30:00Z")] {
        let one = episode(&json!({ "status": "finished", "period": { "end": end } }));
        assert_eq!(text(link(&[patient("p"), one]).link.until).as_deref(), Some(expected));
    }
}

#[test]
fn an_end_before_the_start_is_kept_and_a_period_that_cannot_be_read_waits() {
    let crossed = link(&[patient("p"), episode(&json!({ "period": { "start": "2026-11-10", "end": "2026-11-01" } }))]);
    assert!(crossed.link.until < crossed.link.from);
    for period in [json!({ "start": "soon" }), json!({ "end": "2026-11-01T10:00:00" }), json!({ "start": "2026-13" })] {
        assert_eq!(
            waiting_reason(map(&[patient("p"), episode(&json!({ "period": period }))])),
            "the period cannot be read"
        );
    }
    for wrong in [json!({ "period": "2026" }), json!({ "status": 5 }), json!({ "team": {} }), json!({ "type": "x" })] {
        assert!(refused(&[patient("p"), episode(&wrong)]).contains("not valid FHIR R4"), "{wrong}");
    }
}

#[test]
fn a_team_is_evidence_for_who_manages_it_and_a_team_of_nobody_is_none() {
    let more = json!({ "name": "Leg ulcer team", "subject": { "reference": "Patient/p" },
        "managingOrganization": [{ "display": "?" }, { "identifier": { "system": ODS, "value": "z9c05" } }] });
    let update = link(&[patient("p"), resource("CareTeam", &more)]);
    assert_eq!((update.key.as_str(), update.link.organisation.as_str()), ("CareTeam/1", "Z9C05"));
    assert_eq!(update.link.team.as_deref(), Some("Leg ulcer team"));
    assert!(links(map(&[patient("p"), resource("CareTeam", &json!({ "name": "North" }))])).is_empty());
}

#[test]
fn an_unknown_modifier_makes_the_bundle_wait() {
    let one = episode(&json!({ "modifierExtension": [{ "url": "urn:x", "valueBoolean": true }] }));
    assert!(waiting_reason(map(&[patient("p"), one])).contains("modifierExtension"));
}

#[test]
fn the_version_is_the_last_update_else_the_bundles_time_and_never_after_the_arrival() {
    let mut one = episode(&json!({}));
    one["meta"] = json!({ "lastUpdated": "2027-01-01T00:00:00Z" });
    assert_eq!(link(&[patient("p"), one.clone()]).sent.to_string(), "2026-11-20T12:00:00Z");
    one["meta"] = json!({});
    assert_eq!(link(&[patient("p"), one]).sent.to_string(), "2026-11-20T08:00:00Z");
}
