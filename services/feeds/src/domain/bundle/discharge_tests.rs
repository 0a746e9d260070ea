//! Tests of `discharge.rs`.

use serde_json::json;

use crate::domain::{
    CareLinkUpdate, MappedEvent, bundle,
    testing::{local_id_key, source},
};

const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// The evidence, or whether it ends.
fn evidence(status: &str, hospitalization: &serde_json::Value) -> Result<CareLinkUpdate, String> {
    let patient = json!({ "resourceType": "Patient", "id": "p", "identifier": [{ "value": "4711" }] });
    let place = json!({ "resourceType": "Location", "id": "l", "managingOrganization": {
            "identifier": { "system": ODS, "value": "Z9C05" } } });
    let encounter = json!({ "resourceType": "Encounter", "id": "1", "identifier": [{ "value": "V1" }],
            "meta": { "lastUpdated": "2026-11-20T09:30:00Z" }, "status": status, "hospitalization": hospitalization,
            "subject": { "reference": "Patient/p" }, "class": { "code": "IMP" },
            "period": { "start": "2026-11-18T10:00:00Z", "end": "2026-11-19T15:00:00Z" } });
    let entry = [patient, place, encounter].map(|resource| json!({ "resource": resource }));
    let whole = json!({ "resourceType": "Bundle", "type": "collection", "entry": entry });
    let (system, received) = (source(&[("PAS", "Z9H01")]), "2026-11-20T12:00:00Z".parse().unwrap());
    let key = local_id_key();
    let arrival =
        bundle::BundleArrival { system: &system, received, content: "c", control_id: "1", local_id_key: &key };
    let found = |one| match one {
        MappedEvent::CareLink(update) => Some(Ok(update)),
        MappedEvent::CareLinkDeletion(end) => Some(Err(end.key)),
        _ => None,
    };
    bundle::map(&arrival, &whole).unwrap().into_iter().find_map(found).unwrap()
}

#[test]
fn a_finished_encounter_is_evidence_for_the_organisation_of_its_destination() {
    for destination in [
        json!({ "identifier": { "system": ODS, "value": "Z9C05" } }),
        json!({ "reference": "Location/l", "display": "Beck Valley Team" }),
    ] {
        let update = evidence("finished", &json!({ "destination": destination })).unwrap();
        let link = update.link;
        assert_eq!((update.key.as_str(), link.kind.as_str()), ("ADT|V1|to", "discharged-to"));
        assert_eq!((link.organisation.as_str(), link.stands), ("Z9C05", true));
        assert_eq!(link.from.map(|from| from.to_string()).as_deref(), Some("2026-11-19T15:00:00Z"));
    }
}

#[test]
fn any_other_version_ends_what_was_said_before() {
    let known = json!({ "destination": { "reference": "Location/l" } });
    let ended = Err("ADT|V1|to".to_owned());
    for status in ["in-progress", "cancelled", "entered-in-error"] {
        assert_eq!(evidence(status, &known).map(|update| update.key), ended, "{status}");
    }
    for hospitalization in [json!({}), json!({ "destination": { "display": "Home" } })] {
        assert_eq!(evidence("finished", &hospitalization).map(|update| update.key), ended, "{hospitalization}");
    }
}
