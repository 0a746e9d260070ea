//! Reads diagnoses. Whether one is ruled out or family history is decided before, in `status.rs`.

use lcr_contracts::record::Detail;
use lcr_fhir::{format_date, read};
use serde_json::Value;

use super::{
    EntryContent, status,
    text::{onset_or_end, sentence_case, title_or_default},
};

pub fn read_diagnosis(value: &Value) -> EntryContent {
    let certainty = status::verification_status(value).map(|code| match code {
        "confirmed" => "Confirmed".to_owned(),
        "unconfirmed" | "provisional" | "differential" => "Suspected".to_owned(),
        other => sentence_case(other),
    });
    let clinical = status::clinical_status(value).map(|code| match code {
        "active" | "recurrence" | "relapse" => "Active".to_owned(),
        _ => "Past".to_owned(),
    });
    let certainty = certainty.or_else(|| read::concept_at(value, "verificationStatus"));
    let clinical = clinical.or_else(|| read::concept_at(value, "clinicalStatus"));
    let encounter = read::text(value, "encounter.reference").map(|to| ("recorded during", to));
    let until = read::str_at(value, "onsetPeriod.end").map(|end| ("Onset until".to_owned(), format_date(end)));
    EntryContent {
        title: title_or_default(read::concept_at(value, "code")),
        date: onset_or_end(value, "onset").or_else(|| read::text(value, "recordedDate")),
        status: clinical.clone(),
        says: clinical.clone(),
        detail: Detail::Diagnosis {
            clinical,
            certainty,
            ended: abatement(value),
            only_recorded: onset_or_end(value, "onset").is_none(),
        },
        more: until.into_iter().collect(),
        links: encounter.into_iter().collect(),
        ..EntryContent::default()
    }
}

fn abatement(value: &Value) -> Option<String> {
    read::text(value, "abatementPeriod.end").or_else(|| onset_or_end(value, "abatement")).or_else(|| {
        match read::at(value, "abatementBoolean") {
            Some(Value::Bool(true)) => Some("ended, date not given".to_owned()),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
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
        assert_eq!(
            ended_of(json!({ "abatementAge": { "value": 9, "code": "a" } })).as_deref(),
            Some("at the age of 9")
        );
    }
}
