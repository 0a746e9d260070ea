//! Tests of `care_link.rs`.

use serde_json::json;

use super::*;

const CHANGED: &str = "2026-11-20T12:00:00Z";

#[expect(clippy::unnecessary_wraps, reason = "ends of a period are optional")]
fn at(text: &str) -> Option<Timestamp> {
    Some(text.parse().unwrap())
}

fn read_with(more: Value) -> Result<Episode, EpisodeError> {
    let mut episode = json!({ "resourceType": "EpisodeOfCare", "id": "e1", "status": "active" });
    let Value::Object(more) = more else { panic!("an object") };
    episode.as_object_mut().unwrap().extend(more);
    read_episode(&episode, CHANGED.parse().unwrap())
}

#[test]
fn an_episode_names_kind_organisation_team_and_period() {
    let organisation = |system: &str| json!({ "identifier": { "system": system, "value": "z9c01" } });
    let episode = json!({
        "type": [{ "coding": [{ "system": "urn:own", "code": "x" }, { "system": KINDS, "code": "resident" }] }],
        "managingOrganization": organisation("https://fhir.nhs.uk/Id/ods-organization-code"),
        "team": [{ "display": " District nursing " }],
        "period": { "start": "2026-11-01", "end": "2026-11-30" },
    });
    let read = read_with(episode).unwrap();
    assert_eq!((read.kind, read.organisation), (CareLinkKind::Resident, OdsCode::parse("Z9C01")));
    assert_eq!(read.team.as_deref(), Some("District nursing"));
    assert_eq!((read.from, read.until), (at("2026-11-01T00:00:00Z"), at("2026-12-01T00:00:00Z")));
    let other = read_with(json!({ "managingOrganization": organisation("urn:own") })).unwrap();
    assert_eq!((other.kind, other.organisation), (CareLinkKind::Caseload, None));
    let contained = json!({ "contained": [{ "resourceType": "Organization", "id": "o",
            "identifier": [{ "system": "http://fhir.nhs.uk/Id/ods-organization-code", "value": "Z9T01" }] }],
            "managingOrganization": { "reference": "#o" } });
    assert_eq!(read_with(contained).unwrap().organisation, OdsCode::parse("Z9T01"));
}

#[test]
fn a_finished_episode_ends_when_it_was_changed_at_the_latest() {
    let finished = |period: Value| read_with(json!({ "status": "finished", "period": period })).unwrap().until;
    assert_eq!(finished(json!({})), at(CHANGED));
    assert_eq!(finished(json!({ "end": "2026-12-24T00:00:00Z" })), at(CHANGED));
    assert_eq!(finished(json!({ "end": "2026-11-01T00:00:00Z" })), at("2026-11-01T00:00:00Z"));
}

#[test]
fn an_episode_that_is_off_or_may_mean_something_else_does_not_stand() {
    for status in ["planned", "waitlist", "cancelled", "entered-in-error"] {
        for period in [json!({}), json!({ "end": "soon" })] {
            assert!(!read_with(json!({ "status": status, "period": period })).unwrap().stands, "{status} {period}");
        }
    }
    assert!(!read_with(json!({ "modifierExtension": [{ "url": "urn:not" }] })).unwrap().stands);
    assert!(read_with(json!({ "status": "onhold" })).unwrap().stands);
    assert_eq!(read_with(json!({ "status": "closed" })), Err(EpisodeError::Status));
    let unreadable = read_with(json!({ "period": { "end": "soon" } }));
    assert_eq!(unreadable, Err(EpisodeError::Period(UnreadablePeriod)));
}

#[test]
fn an_episode_cannot_say_that_it_is_a_referral() {
    let kind_of = |code: &str| kind(&[json!({ "coding": [{ "system": KINDS, "code": code }] })]);
    assert_eq!(kind_of("referral"), Some(CareLinkKind::from("unknown")));
    assert_eq!(kind_of("discharged-to"), Some(CareLinkKind::from("unknown")));
    assert_eq!(kind_of("of-a-later-version"), Some(CareLinkKind::from("of-a-later-version")));
    assert_eq!(kind_of("urgent-case"), Some(CareLinkKind::UrgentCase));
}
