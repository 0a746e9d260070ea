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
#[path = "diagnoses_tests.rs"]
mod tests;
