//! Tests of the evidence in Bundles: whose, for whom, from when and until when.

use serde_json::json;

use crate::domain::{
    CareLinkUpdate, CareList, MappedEvent, MappingError, MappingResult, bundle,
    testing::{items, links, local_id_key, people, source, waiting_reason},
};

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

fn request(more: &serde_json::Value) -> serde_json::Value {
    let mut whole = json!({ "status": "active", "intent": "order", "subject": { "reference": "Patient/p" },
        "authoredOn": "2026-11-19", "performer": [{ "display": "Dr Hale" }, { "reference": "Organization/o" }] });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource("ServiceRequest", &whole)
}

#[test]
fn a_referral_is_evidence_for_its_performer_and_stays_an_item() {
    let all = [patient("p"), organisation(), request(&json!({}))];
    let update = link(&all);
    assert_eq!((update.key.as_str(), update.link.organisation.as_str()), ("ServiceRequest/1", "Z9C05"));
    assert_eq!(text(update.link.from).as_deref(), Some("2026-11-19T00:00:00Z"));
    assert_eq!((items(map(&all)).len(), update.link.kind.as_str()), (1, "referral"));
    for (more, stands, until) in [
        (json!({ "status": "revoked" }), false, None),
        (json!({ "status": "entered-in-error" }), false, None),
        (json!({ "status": "draft" }), false, None),
        (json!({ "doNotPerform": true }), false, None),
        (json!({ "modifierExtension": [{ "url": "urn:x", "valueBoolean": true }] }), false, None),
        (json!({ "status": "completed" }), true, Some("2026-11-20T09:30:00Z")),
        (json!({ "status": "on-hold" }), false, None),
        (json!({ "status": "unknown" }), false, None),
        (json!({ "intent": "proposal" }), false, None),
        (json!({ "intent": "plan" }), false, None),
        (json!({ "intent": "option" }), false, None),
        (json!({ "intent": "original-order" }), true, None),
    ] {
        let link = link(&[patient("p"), organisation(), request(&more)]).link;
        assert_eq!((link.stands, text(link.until).as_deref()), (stands, until), "{more}");
    }
}

#[test]
fn a_request_without_an_identified_receiver_or_for_a_test_is_an_item_and_no_evidence() {
    let laboratory = json!([{ "coding": [{ "system": "http://snomed.info/sct", "code": "108252007" }] }]);
    let own = json!([{ "identifier": { "system": ODS, "value": "Z9H01" } }]);
    for more in [
        json!({ "performer": [{ "display": "Dr Hale" }] }),
        json!({ "performer": [{ "identifier": { "system": "urn:own", "value": "Z9C05" } }] }),
        json!({ "performer": [] }),
        json!({ "category": laboratory }),
        json!({ "performer": own, "code": { "text": "Full blood count" } }),
    ] {
        let all = map(&[patient("p"), organisation(), request(&more)]);
        assert!(links(all.clone()).is_empty(), "{more}");
        assert_eq!(items(all.clone()).len(), 1, "{more}");
        let ends = |one| matches!(one, MappedEvent::CareLinkDeletion(end) if end.key == "ServiceRequest/1");
        assert!(all.unwrap().into_iter().any(ends), "what an earlier version said must end: {more}");
    }
    let within = request(&json!({ "performer": own, "code": { "text": "Referral to the pain clinic" } }));
    assert_eq!(link(&[patient("p"), within]).link.organisation.as_str(), "Z9H01");
}

#[test]
fn evidence_that_no_later_bundle_could_name_waits() {
    let about = json!({ "reference": "Patient/p" });
    let resources = [
        ("EpisodeOfCare", json!({ "status": "active", "patient": about })),
        ("CareTeam", json!({ "subject": about })),
        ("Group", json!({ "type": "person", "actual": true, "member": [{ "entity": about }] })),
    ];
    for (kind, more) in resources {
        let mut one = resource(kind, &more);
        one.as_object_mut().unwrap().remove("id");
        let expected = format!("the {kind} has no id and no identifier, so it could never be ended");
        assert_eq!(waiting_reason(map(&[patient("p"), one.clone()])), expected);
        one["identifier"] = json!([{ "system": "urn:own", "value": "7" }]);
        assert!(map(&[patient("p"), one]).is_ok(), "{kind} with an identifier");
    }
    let mut team = resource("CareTeam", &json!({ "name": "North" }));
    team.as_object_mut().unwrap().remove("id");
    assert!(map(&[patient("p"), team]).is_ok(), "a team without a subject is not evidence");
}

#[test]
fn an_appointment_is_evidence_for_the_organisation_that_takes_part() {
    let place =
        json!({ "resourceType": "Location", "id": "l", "managingOrganization": { "reference": "Organization/o" } });
    let appointment = |status: &str| {
        resource(
            "Appointment",
            &json!({ "status": status, "start": "2026-12-01T10:00:00Z", "end": "2026-12-01T10:20:00Z",
            "participant": [{ "actor": { "reference": "Patient/p" }, "status": "accepted" },
                { "actor": { "reference": "Location/l" }, "status": "accepted" }] }),
        )
    };
    for (status, stands, until) in [
        ("booked", true, None),
        ("arrived", true, None),
        ("checked-in", true, None),
        ("fulfilled", true, None),
        ("proposed", false, None),
        ("pending", false, None),
        ("waitlist", false, None),
        ("cancelled", false, None),
        ("entered-in-error", false, None),
        ("noshow", true, Some("2026-12-01T10:00:00Z")),
    ] {
        let update = link(&[patient("p"), place.clone(), organisation(), appointment(status)]);
        assert_eq!((update.key.as_str(), update.link.organisation.as_str()), ("Appointment/1", "Z9C05"));
        assert_eq!(text(update.link.from).as_deref(), Some("2026-12-01T10:00:00Z"));
        assert_eq!((update.link.stands, text(update.link.until).as_deref()), (stands, until), "{status}");
    }
    assert_eq!(link(&[patient("p"), appointment("booked")]).link.organisation.as_str(), "Z9H01");
}

#[test]
fn evidence_without_a_patient_is_of_the_person_whom_the_source_names() {
    let number = |value: &str| json!({ "identifier": { "system": NHS, "value": value } });
    let known =
        json!({ "resourceType": "Patient", "id": "p", "identifier": [{ "system": NHS, "value": "9990000018" }] });
    let known = people(map(&[known])).remove(0).identity;
    let by_number = link(&[episode(&json!({ "patient": number("999 000 0018") }))]);
    assert_eq!(by_number.identity, known);
    assert!(known.local_id.is_hash());
    let mistyped = link(&[episode(&json!({ "patient": number("9990000019") }))]);
    assert!(mistyped.identity.local_id.is_hash());
    let by_own = link(&[episode(&json!({ "patient": { "identifier": { "value": "4711" } } }))]);
    assert_eq!(by_own.identity.local_id.0, "4711");
    let by_id = link(&[episode(&json!({ "patient": { "reference": "https://x/fhir/Patient/4711/_history/2" } }))]);
    assert_eq!(by_id.identity.local_id.0, "4711");
    let mut appointment = resource("Appointment", &json!({ "status": "booked" }));
    appointment["participant"] = json!([{ "actor": { "identifier": { "value": "C1" } }, "status": "accepted" },
        { "actor": number("9990000018"), "status": "accepted" }]);
    let both = map(&[appointment]);
    assert_eq!(items(both.clone()).remove(0).identity, known);
    assert_eq!(links(both).remove(0).identity, known);
    for nobody in [
        json!({}),
        json!({ "reference": "urn:uuid:1" }),
        json!({ "reference": "Device/1" }),
        json!({ "display": "Ann" }),
    ] {
        let words = refused(&[episode(&json!({ "patient": nobody }))]);
        assert_eq!(words, "EpisodeOfCare the resource does not say which patient it is about");
    }
}

#[test]
fn a_bundle_of_one_patient_with_an_episode_about_another_is_refused() {
    let other = json!({ "identifier": { "system": NHS, "value": "9990000026" } });
    for about in [json!({ "reference": "Patient/q" }), other] {
        let words = refused(&[patient("p"), episode(&json!({ "patient": about }))]);
        assert_eq!(words, "EpisodeOfCare the resource is about another patient than the Bundle");
    }
    let both = [patient("p"), patient("q"), episode(&json!({ "patient": { "reference": "Patient/q" } }))];
    assert_eq!(link(&both).identity.local_id.0, "47q", "a Bundle of evidence may hold several patients");
    assert_eq!(people(map(&both)).len(), 2);
    let report = resource("DiagnosticReport", &json!({ "status": "final", "code": { "text": "Test" } }));
    assert!(refused(&[patient("p"), patient("q"), report]).contains("about one patient"));
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

fn group(members: &serde_json::Value, more: &serde_json::Value) -> serde_json::Value {
    let mut whole = json!({ "type": "person", "actual": true, "member": members });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource("Group", &whole)
}

#[test]
fn a_group_lists_people_each_once() {
    let entity = |reference: &str| json!({ "entity": { "reference": reference } });
    let members = json!([entity("Patient/p"), entity("Patient/4711"), entity("Practitioner/1"),
        { "entity": { "identifier": { "value": "47p" } }, "inactive": true },
        { "entity": { "identifier": { "value": "4712" } }, "inactive": true },
        { "entity": { "identifier": { "value": "4713" } }, "period": { "end": "2026-11-19" } }]);
    let one = group(&members, &json!({ "name": "Thursday MDT", "managingEntity": { "reference": "Organization/o" } }));
    let list = list(&[patient("p"), organisation(), one]);
    assert_eq!(
        (list.key.as_str(), list.kind.as_str(), list.organisation.as_str()),
        ("Group/1", "meeting-list", "Z9C05")
    );
    let members: Vec<_> = list.members.iter().map(|(person, link)| (person.0.as_str(), link.stands)).collect();
    assert_eq!(members, [("4711", true), ("4712", false), ("4713", true), ("47p", true)]);
    let ended = list.members.values().filter_map(|link| text(link.until)).collect::<Vec<_>>();
    assert_eq!(ended, ["2026-11-20T00:00:00Z"]);
}

#[test]
fn the_code_of_a_group_says_its_kind_and_an_inactive_group_does_not_stand() {
    let code = json!({ "code": { "coding": [{ "system": KINDS, "code": "resident" }] }, "active": false });
    let list = list(&[group(&json!([{ "entity": { "identifier": { "value": "4711" } } }]), &code)]);
    assert!(list.members.values().all(|link| link.kind.as_str() == "resident" && !link.stands));
}

#[test]
fn a_group_of_no_people_is_left_aside_and_one_over_the_limit_is_refused() {
    for more in [json!({ "type": "animal" }), json!({ "actual": false })] {
        let words = waiting_reason(map(&[patient("p"), group(&json!([]), &more)]));
        assert!(words.ends_with("not read yet: Group"), "{words}");
    }
    let nobody = group(&json!([{ "entity": { "display": "Ann" } }]), &json!({}));
    assert_eq!(refused(&[nobody]), "Group a member of the Group does not say which patient it is");
    let member = |at: usize| json!({ "entity": { "identifier": { "value": at.to_string() } } });
    let members = |many: usize| serde_json::Value::Array((0..many).map(member).collect());
    assert_eq!(list(&[group(&members(100_000), &json!({}))]).members.len(), 100_000);
    assert_eq!(refused(&[group(&members(100_001), &json!({}))]), "Group a Group names more than 100,000 members");
}
