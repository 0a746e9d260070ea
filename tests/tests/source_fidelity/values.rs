//! Result values are shown exactly as sent: every type, digits, units, ranges, comments, results inside a report.

use serde_json::{Value, json};

use crate::scene::{Scene, entry};

fn result(id: &str, more: &str) -> Value {
    let mut observation = json!({ "resourceType": "Observation", "id": id, "status": "final", "code": { "text": id },
        "effectiveDateTime": "2026-01-14T08:15:00Z" });
    // Parsed from text, which preserves the digits.
    let more: Value = serde_json::from_str(more).unwrap();
    observation.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    observation
}

#[tokio::test(flavor = "multi_thread")]
async fn values_keep_their_digits_units_ranges_and_comments_on_every_page() {
    let scene = Scene::of(vec![
        result("Lactate", r#"{"valueQuantity":{"value":4.0,"unit":"mmol/L"}}"#),
        result("Ph", r#"{"valueQuantity":{"value":7.40}}"#),
        result("Titre", r#"{"valueRatio":{"numerator":{"value":1},"denominator":{"value":128}}}"#),
        result("White cells", r#"{"valueRange":{"low":{"value":10,"unit":"/HPF"},"high":{"value":20,"unit":"/HPF"}}}"#),
        result("Last drink", r#"{"valueTime":"23:40:00"}"#),
        result("Fever", r#"{"valuePeriod":{"start":"2026-01-10","end":"2026-01-12"}}"#),
        result("Pressure", r#"{"component":[{"code":{"text":"Systolic"},"valueQuantity":{"value":142,"unit":"mmHg"}},{"code":{"text":"Diastolic"},"dataAbsentReason":{"text":"Not heard"}}]}"#),
        result("Potassium", r#"{"valueQuantity":{"value":6.9,"unit":"mmol/L"},"note":[{"text":"Grossly haemolysed: do not act on this"}]}"#),
        result("INR", r#"{"valueQuantity":{"value":3.1,"unit":"1"},"referenceRange":[{"type":{"text":"not on anticoagulants"},"low":{"value":0.8},"high":{"value":1.2}},{"type":{"text":"therapeutic"},"low":{"value":2.5},"high":{"value":3.5}}]}"#),
    ])
    .await;
    let page = scene.page("/results").await;
    for words in ["4.0 mmol/L", "1:128", "3.1", "ranges: 0.8 to 1.2 not on anticoagulants; 2.5 to 3.5 therapeutic"] {
        assert!(page.contains(words), "grid: {words}: {page}");
    }
    assert!(page.contains("Comment: Grossly haemolysed: do not act on this"), "the warning is on the grid: {page}");
    let page = scene.page("/results?view=list").await;
    for words in [
        "4.0 mmol/L",
        "7.40",
        "1:128",
        "10 to 20 /HPF",
        "23:40",
        "10-Jan-2026 to 12-Jan-2026",
        "Systolic 142 mmHg, Diastolic No value: not heard",
        "Comment: Grossly haemolysed: do not act on this",
        "3.1 (ranges: 0.8 to 1.2 not on anticoagulants; 2.5 to 3.5 therapeutic)",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    let summary = scene.page("?whole=1").await;
    assert!(summary.contains("Grossly haemolysed"), "the warning stands on the summary: {summary}");
    let exact = scene.gp.get(&format!("/fhir/R4/Observation?patient={}", scene.person)).await.text();
    assert!(exact.contains("\"value\":4.0") && exact.contains("\"value\":7.40"), "digits stay in the FHIR answer");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_inside_a_report_are_listed_and_a_report_as_a_file_opens() {
    let scene = Scene::of(vec![
        json!({ "resourceType": "DiagnosticReport", "id": "fbc", "status": "final", "code": { "text": "Full blood count" },
            "effectiveDateTime": "2026-01-14T08:00:00Z", "result": [{ "reference": "#o1" }],
            "contained": [{ "resourceType": "Observation", "id": "o1", "status": "final", "code": { "text": "Haemoglobin" },
                "valueQuantity": { "value": 62, "unit": "g/L" } }] }),
        json!({ "resourceType": "DiagnosticReport", "id": "ct", "status": "final", "code": { "text": "CT chest" },
            "effectiveDateTime": "2026-01-13T08:00:00Z",
            "presentedForm": [{ "contentType": "application/pdf", "data": "JVBERi0xLjQK" }] }),
    ])
    .await;
    let record = scene.record().await;
    let haemoglobin = entry(&record, "results", "Haemoglobin").unwrap();
    assert_eq!(
        (haemoglobin["detail"]["value"].as_str(), haemoglobin["date"].as_str()),
        (Some("62"), Some("2026-01-14T08:00:00Z"))
    );
    let page = scene.page("/results").await;
    assert!(page.contains("62 g/L") && page.contains("CT chest"), "{page}");
    assert!(!page.contains("Report with 1 result"), "the report is the panel's heading: {page}");
    let summary = scene.page("?whole=1").await;
    assert!(summary.contains("62 g/L") && summary.contains("CT chest"), "{summary}");
    let id = entry(&record, "results", "CT chest").unwrap()["id"].as_str().unwrap().to_owned();
    let browser = scene.browser().await;
    let path = format!("/people/{}/documents/{id}", scene.person);
    assert!(browser.get(&path).await.text().contains("Download the document"));
    let file = browser.get(&format!("{path}/content?file=0")).await;
    assert_eq!((file.header("content-type"), &file.body[..5]), ("application/pdf", &b"%PDF-"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn elements_that_are_not_shown_are_named_with_their_entry() {
    let scene = Scene::of(vec![result(
        "Glucose",
        r#"{"valueQuantity":{"value":5.1,"unit":"mmol/L"},"bodySite":{"text":"Left ear lobe"},"device":{"reference":"Device/77"},"mood":"calm"}"#,
    )])
    .await;
    let record = scene.record().await;
    let glucose = entry(&record, "results", "Glucose").unwrap();
    assert_eq!(glucose["more"], json!([["Body site", "Left ear lobe"]]));
    assert_eq!(glucose["left_out"], json!(["Device", "Mood"]));
    let page = scene.page("/results?series=Glucose%7Cmmol%2FL").await;
    assert!(page.contains("More from the source, and 2 things not shown"), "{page}");
    assert!(page.contains("Not shown: Device, Mood."), "{page}");
}
