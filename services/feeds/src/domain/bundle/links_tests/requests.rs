//! Tests of referrals and appointments as evidence.

use super::*;

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
