//! Patients by search (the index's summary) and by id (demographics). Reading by id must be a view of its own.

use lcr_contracts::{
    Caller, Failure,
    audit::AccessKind,
    patient_index::{PatientSummary, SearchQuery},
    record::{Demographics, Detail, Record},
    records_api::{Records, ViewRequest},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, PersonId, ViewId};
use serde_json::{Value, json};

use super::{Pairs, search::bundle};
use crate::service::{SharedService, on_behalf_of};

/// The FHIR identifier system of NHS numbers.
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

pub async fn search(service: &SharedService, caller: &Caller, pairs: &Pairs) -> Result<Value, Failure> {
    let find =
        |name: &str| pairs.iter().find(|(key, _)| key.split(':').next() == Some(name)).map(|(_, value)| value.clone());
    if let Some(id) = find("_id") {
        return match read(service, caller, &id).await {
            Ok(patient) => Ok(bundle(vec![patient], &[])),
            Err(failure) if failure.kind == lcr_contracts::FailureKind::NotFound => Ok(bundle(vec![], &[])),
            Err(failure) => Err(failure),
        };
    }
    let identifier = find("identifier").map(|token| match token.split_once('|') {
        Some((NHS_NUMBER | "", value)) => Ok(value.to_owned()),
        Some(_) => Err(()),
        None => Ok(token),
    });
    // Identifiers of other systems are not searchable, so they match nobody.
    let Ok(nhs_number) = identifier.transpose() else { return Ok(bundle(vec![], &[])) };
    let query = SearchQuery {
        nhs_number,
        family: find("family"),
        given: find("given"),
        birth_date: find("birthdate").map(|date| date.trim_start_matches("eq").to_owned()),
        postcode: find("address-postalcode"),
        q: None,
    };
    let answer = service.decisions.patient_index.search(&on_behalf_of(caller), query).await?;
    let mut notes = vec![];
    if answer.more {
        notes.push("More people match than are listed: search more narrowly.".to_owned());
    }
    Ok(bundle(answer.people.iter().map(from_summary).collect(), &notes))
}

fn from_summary(summary: &PatientSummary) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "id": summary.id.to_string(),
        "meta": { "security": [security_label(summary.location_protected)] },
        "name": [{ "use": "official", "family": summary.family, "given": given(&summary.given) }],
        "gender": summary.sex,
    });
    if let Some(number) = &summary.nhs_number {
        patient["identifier"] = json!([{ "system": NHS_NUMBER, "value": number.as_str() }]);
    }
    if let Some(born) = summary.birth_date {
        patient["birthDate"] = json!(born.to_string());
    }
    if let Some(address) = &summary.address {
        patient["address"] = json!([{ "use": "home", "text": address }]);
    }
    if summary.died {
        patient["deceasedBoolean"] = json!(true);
    }
    patient
}

/// The confidentiality label that PDS uses for restricted and other patients.
fn security_label(restricted: bool) -> Value {
    let (code, display) = if restricted { ("R", "restricted") } else { ("U", "unrestricted") };
    json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code, "display": display })
}

fn given(names: &str) -> Vec<&str> {
    names.split_whitespace().collect()
}

/// One patient's demographics: from the demographics authority, else a GP system, else any source.
pub async fn read(service: &SharedService, caller: &Caller, id: &str) -> Result<Value, Failure> {
    let person: PersonId = id.parse().map_err(|_| Failure::not_found())?;
    let ask = ViewRequest {
        person,
        view: ViewId::new(),
        datasets: Some(vec![Dataset::Demographics]),
        what: AccessKind::Fhir,
        live: false,
    };
    let record = service.whole(caller, ask).await?;
    let demographics = best_demographics(&record).ok_or_else(Failure::not_found)?;
    Ok(from_demographics(&record, &demographics))
}

fn best_demographics(record: &Record) -> Option<Demographics> {
    let rank = |kind: &SystemKind| match kind {
        SystemKind::Authority => 0,
        SystemKind::Gp => 1,
        _ => 2,
    };
    let entries = record.section(Dataset::Demographics)?.entries.iter().filter_map(|entry| match &entry.detail {
        Detail::Demographics(one) => Some((rank(&entry.provenance.first()?.kind), one)),
        _ => None,
    });
    entries.min_by_key(|(rank, _)| *rank).map(|(_, one)| (**one).clone())
}

fn from_demographics(record: &Record, demographics: &Demographics) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "id": record.person.to_string(),
        "meta": { "security": [security_label(record.location_protected || demographics.restricted)] },
        "name": [{ "use": "official", "family": demographics.family, "given": given(&demographics.given) }],
        "gender": demographics.gender,
    });
    if let Some(title) = &demographics.title {
        patient["name"][0]["prefix"] = json!([title]);
    }
    if let Some(number) = &demographics.nhs_number {
        patient["identifier"] = json!([{ "system": NHS_NUMBER, "value": number }]);
    }
    if let Some(born) = demographics.birth_date {
        patient["birthDate"] = json!(born.to_string());
    }
    if let Some(address) = &demographics.address {
        patient["address"] = json!([{ "use": "home", "text": address }]);
    }
    if !demographics.phones.is_empty() {
        patient["telecom"] =
            demographics.phones.iter().map(|phone| json!({ "system": "phone", "value": phone })).collect();
    }
    if demographics.died.is_some() {
        patient["deceasedBoolean"] = json!(true);
    }
    patient
}
