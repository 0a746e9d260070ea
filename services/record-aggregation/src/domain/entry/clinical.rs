//! Allergies and diagnoses. A refuted allergy is still an entry: it must be seen to contradict. A ruled-out or
//! family diagnosis is not in the list (portal.md).

use lcr_contracts::record::Detail;
use lcr_fhir::read;
use serde_json::Value;

use super::{NotListed, Said, named, words};

/// The one SNOMED CT concept that says no allergy of any kind is known. Those of one kind (drugs, environment)
/// are entries to repeat, neither an allergy nor none.
const NONE_KNOWN: &str = "716186003";

pub fn allergy(value: &Value) -> Said {
    let clinical = read::code_at(value, "clinicalStatus").map(words);
    let verification = read::code_at(value, "verificationStatus").map(words);
    let reactions = read::list(value, "reaction").iter();
    let manifestations = reactions.clone().flat_map(|one| read::list(one, "manifestation"));
    let severe = read::str_at(value, "criticality") == Some("high")
        || reactions.clone().any(|one| read::str_at(one, "severity") == Some("severe"));
    let title = named(read::concept_at(value, "code"));
    let stands = !matches!(verification.as_deref(), Some("Refuted"))
        && !matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    let none_known = stands && read::has_code(value, "code", NONE_KNOWN);
    let says = [verification.clone(), clinical.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Said {
        title,
        date: read::text(value, "onsetDateTime").or_else(|| read::text(value, "recordedDate")),
        status: clinical.clone().or_else(|| verification.clone()),
        detail: Detail::Allergy {
            clinical,
            verification,
            reactions: manifestations.filter_map(|one| read::concept(Some(one))).collect(),
            severe,
            none_known,
        },
        says: (!says.is_empty()).then_some(says),
        links: vec![],
    }
}

pub fn condition(value: &Value) -> Result<Said, NotListed> {
    match read::code_at(value, "verificationStatus") {
        Some("refuted") => return Err("ruled out"),
        _ if read::has_code(value, "category", "family-history") => return Err("family history"),
        _ => {}
    }
    let certainty = read::code_at(value, "verificationStatus").map(|code| match code {
        "confirmed" => "Confirmed".to_owned(),
        "unconfirmed" | "provisional" | "differential" => "Suspected".to_owned(),
        other => words(other),
    });
    let clinical = read::code_at(value, "clinicalStatus").map(|code| match code {
        "active" | "recurrence" | "relapse" => "Active".to_owned(),
        "inactive" | "remission" | "resolved" => "Past".to_owned(),
        other => words(other),
    });
    let encounter = read::text(value, "encounter.reference").map(|to| ("recorded during", to));
    Ok(Said {
        title: named(read::concept_at(value, "code")),
        date: ["onsetDateTime", "onsetPeriod.start", "onsetString", "recordedDate"]
            .iter()
            .find_map(|path| read::text(value, path)),
        status: clinical.clone(),
        says: clinical.clone(),
        detail: Detail::Diagnosis {
            clinical,
            certainty,
            ended: read::text(value, "abatementDateTime").or_else(|| read::text(value, "abatementString")),
        },
        links: encounter.into_iter().collect(),
    })
}
