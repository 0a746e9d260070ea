//! Tests of whose evidence it is: of the one patient, of the person whom the source names, or of nobody.

use super::*;

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
