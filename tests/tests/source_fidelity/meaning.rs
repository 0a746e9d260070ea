//! Items whose meaning could be reversed: forbidden, denied or withdrawn items, and items that an unknown rule changes.

use serde_json::{Value, json};

use crate::scene::{SOURCE, Scene, entry, not_shown};

fn medicine(id: &str, more: Value) -> Value {
    let mut request = json!({ "resourceType": "MedicationRequest", "id": id, "status": "active", "intent": "order",
        "authoredOn": "2026-01-10", "medicationCodeableConcept": { "text": format!("{id} 400 mg tablets") } });
    request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    request
}

#[tokio::test(flavor = "multi_thread")]
async fn forbidden_medicines_and_actions_are_shown_as_forbidden() {
    let scene = Scene::of(vec![
        medicine("Ibuprofen", json!({ "doNotPerform": true, "reasonCode": [{ "text": "Bleeding ulcer" }] })),
        medicine("Codeine", json!({})),
        json!({ "resourceType": "ServiceRequest", "id": "r", "status": "active", "intent": "order", "doNotPerform": true,
            "code": { "text": "Resuscitation" } }),
    ])
    .await;
    let record = scene.record().await;
    let ibuprofen = entry(&record, "medications", "Ibuprofen").unwrap();
    assert_eq!(ibuprofen["title"], "Do not give: Ibuprofen 400 mg tablets");
    assert_eq!(ibuprofen["marks"], json!(["do-not-perform"]));
    assert_eq!(ibuprofen["detail"]["list"], "do not give");
    assert_eq!(entry(&record, "referrals", "Resuscitation").unwrap()["title"], "Do not do: Resuscitation");
    let summary = scene.page("?whole=1").await;
    assert!(summary.contains("Do not give: Ibuprofen 400 mg tablets"), "{summary}");
    let fhir = scene.fhir("MedicationRequest").await;
    assert!(fhir.iter().any(|one| one["doNotPerform"] == true), "the FHIR answer says it too");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_item_with_an_unknown_rule_is_on_no_list_but_can_be_read_as_sent() {
    let modifier = json!([{ "url": "https://ehr.example/negated", "valueBoolean": true }]);
    let scene = Scene::of(vec![
        medicine("Amoxicillin", json!({ "modifierExtension": modifier })),
        json!({ "resourceType": "AllergyIntolerance", "id": "latex", "code": { "text": "Latex" }, "modifierExtension": modifier }),
    ])
    .await;
    let record = scene.record().await;
    assert!(entry(&record, "medications", "Amoxicillin").is_none());
    assert_eq!(not_shown(&record, "medications"), [(1, "changed by a rule we do not know".to_owned())]);
    assert_eq!(not_shown(&record, "allergies"), [(1, "changed by a rule we do not know".to_owned())]);
    let page = scene.page("?whole=1").await;
    assert!(!page.contains("Latex"), "not on the banner: {page}");
    assert!(!page.contains("No known allergies"), "the page does not claim that there are none");
    assert!(page.contains("1 changed by a rule we do not know (Allergies, Clinic)"), "{page}");
    assert_eq!(scene.fhir("AllergyIntolerance").await, Vec::<Value>::new());
    let as_sent = scene.page(&format!("/items/{SOURCE}~AllergyIntolerance~latex")).await;
    assert!(
        as_sent.contains("The item as Clinic sent it") && as_sent.contains("https://ehr.example/negated"),
        "{as_sent}"
    );
    let raw = scene
        .gp
        .get(&format!("/api/record-aggregation/v1/people/{}/items/{SOURCE}~AllergyIntolerance~latex", scene.person))
        .await;
    assert_eq!(raw.json()["resource"]["code"]["text"], "Latex");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_status_in_any_coding_and_an_error_at_any_level_count() {
    let second = |system: &str, code: &str| {
        json!({ "coding": [{ "system": "https://ehr.example/status", "code": "X1", "display": "Local" },
            { "system": format!("http://terminology.hl7.org/CodeSystem/{system}"), "code": code }] })
    };
    let scene = Scene::of(vec![
        json!({ "resourceType": "Condition", "id": "c", "code": { "text": "Lung cancer" },
            "verificationStatus": second("condition-ver-status", "refuted") }),
        json!({ "resourceType": "AllergyIntolerance", "id": "a", "code": { "text": "Aspirin" },
            "clinicalStatus": second("allergyintolerance-clinical", "active"),
            "verificationStatus": second("allergyintolerance-verification", "refuted") }),
        json!({ "resourceType": "DocumentReference", "id": "d", "status": "current", "docStatus": "entered-in-error",
            "description": "Letter about somebody else", "content": [{ "attachment": { "title": "x", "data": "eA==" } }] }),
    ])
    .await;
    let record = scene.record().await;
    assert!(entry(&record, "diagnoses", "Lung cancer").is_none());
    assert_eq!(not_shown(&record, "diagnoses"), [(1, "ruled out".to_owned())]);
    assert_eq!(not_shown(&record, "documents"), [(1, "withdrawn, or entered in error".to_owned())]);
    assert_eq!(entry(&record, "allergies", "Aspirin").unwrap()["detail"]["verification"], "Refuted");
    let page = scene.page("?whole=1").await;
    assert!(!page.contains("Known allergies: Aspirin"), "{page}");
}

#[tokio::test(flavor = "multi_thread")]
async fn information_not_for_the_patient_is_marked_for_the_clinician() {
    let scene = Scene::of(vec![
        json!({ "resourceType": "Condition", "id": "c", "code": { "text": "Concern told by a relative" },
        "meta": { "security": [{ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": "NOPAT" }] } }),
    ])
    .await;
    let record = scene.record().await;
    assert_eq!(entry(&record, "diagnoses", "Concern").unwrap()["marks"], json!(["not-for-the-patient"]));
    for path in ["?whole=1", "/diagnoses"] {
        let page = scene.page(path).await;
        assert!(page.contains("Do not tell the patient"), "{path}: {page}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_referenced_medicine_has_its_name_and_a_readable_dose() {
    let contained = json!([{ "resourceType": "Medication", "id": "m1", "code": { "coding": [{ "display": "Furosemide 40 mg tablets" }] } }]);
    let by_reference = |id: &str, reference: &str, more: Value| {
        let mut request = medicine(id, more);
        request.as_object_mut().unwrap().remove("medicationCodeableConcept");
        request["medicationReference"] = json!({ "reference": reference });
        request
    };
    let scene = Scene::of(vec![
        by_reference("f", "#m1", json!({ "contained": contained })),
        by_reference("w", "Medication/wf", json!({ "dosageInstruction": [{ "text": "3 mg daily" }] })),
        json!({ "resourceType": "Medication", "id": "wf", "code": { "text": "Warfarin 3 mg tablets" } }),
        medicine(
            "Methotrexate",
            json!({ "dosageInstruction": [{
            "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] } },
            "doseAndRate": [{ "doseQuantity": { "value": 10, "unit": "mg" } }] }] }),
        ),
    ])
    .await;
    let record = scene.record().await;
    for title in ["Furosemide 40 mg tablets", "Warfarin 3 mg tablets"] {
        assert!(entry(&record, "medications", title).is_some(), "{title}");
    }
    assert_eq!(entry(&record, "medications", "Methotrexate").unwrap()["detail"]["dose"], "10 mg on Mondays");
    let page = scene.page("?whole=1").await;
    assert!(page.contains("Warfarin 3 mg tablets") && page.contains("10 mg on Mondays"), "{page}");
}
