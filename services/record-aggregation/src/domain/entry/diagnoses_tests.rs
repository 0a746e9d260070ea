//! Tests of `diagnoses.rs`.

use serde_json::json;

use super::*;

#[test]
fn every_form_of_onset_and_end_is_shown() {
    for (fields, date) in [
        (json!({ "onsetDateTime": "2026-01" }), "2026-01"),
        (json!({ "onsetPeriod": { "start": "2025", "end": "2026" } }), "2025"),
        (json!({ "onsetString": "in childhood" }), "in childhood"),
        (json!({ "onsetAge": { "value": 7, "code": "a" } }), "at the age of 7"),
        (json!({ "onsetRange": { "low": { "value": 6 }, "high": { "value": 8 } } }), "at the age of 6 to 8"),
        (json!({ "recordedDate": "2026-02-03" }), "2026-02-03"),
    ] {
        assert_eq!(read_diagnosis(&fields).date.as_deref(), Some(date), "{fields}");
    }
    let ended_of = |fields: Value| match read_diagnosis(&fields).detail {
        Detail::Diagnosis { ended, .. } => ended,
        _ => None,
    };
    assert_eq!(ended_of(json!({ "abatementDateTime": "2026-02" })).as_deref(), Some("2026-02"));
    assert_eq!(ended_of(json!({ "abatementString": "last year" })).as_deref(), Some("last year"));
    assert_eq!(ended_of(json!({ "abatementAge": { "value": 9, "code": "a" } })).as_deref(), Some("at the age of 9"));
}
