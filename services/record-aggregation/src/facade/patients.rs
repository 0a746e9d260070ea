//! Patient by search (the identity stub) and by id (demographics under a view of their own).

use lcr_contracts::{
    Caller, Failure,
    audit::What,
    patient_index::{SearchQuery, Stub},
    record::{Demographics, Detail, Record},
    records::{Records, ViewAsk},
};
use lcr_model::{Dataset, PersonId, ViewId};
use serde_json::{Value, json};

use super::{Pairs, search::bundle};
use crate::service::{Shared, as_me};

/// The system of NHS numbers (standards.md section 2.2).
const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";

pub async fn search(service: &Shared, caller: &Caller, pairs: &Pairs) -> Result<Value, Failure> {
    let find = |name: &str| {
        pairs.iter().find(|(key, _)| key.split(':').next() == Some(name)).map(|(_, value)| value.clone())
    };
    if let Some(id) = find("_id") {
        let found = read(service, caller, &id).await;
        return match found {
            Ok(patient) => Ok(bundle(vec![patient], &[])),
            Err(failure) if failure.kind == lcr_contracts::Kind::NotFound => Ok(bundle(vec![], &[])),
            Err(failure) => Err(failure),
        };
    }
    let identifier = find("identifier").map(|token| match token.split_once('|') {
        Some((NHS_NUMBER | "", value)) => Ok(value.to_owned()),
        Some(_) => Err(()),
        None => Ok(token),
    });
    // A number of another system is nobody we find by it.
    let Ok(nhs_number) = identifier.transpose() else { return Ok(bundle(vec![], &[])) };
    let query = SearchQuery {
        nhs_number,
        family: find("family"),
        given: find("given"),
        birth_date: find("birthdate").map(|date| date.trim_start_matches("eq").to_owned()),
        postcode: find("address-postalcode"),
        q: None,
    };
    let answer = service.deciding.patient_index.search(&as_me(caller), query).await?;
    let mut notes = vec![];
    if answer.more {
        notes.push("More people match than are listed: search more narrowly.".to_owned());
    }
    Ok(bundle(answer.people.iter().map(from_stub).collect(), &notes))
}

fn from_stub(stub: &Stub) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "id": stub.id.to_string(),
        "meta": { "security": [security(stub.location_protected)] },
        "name": [{ "use": "official", "family": stub.family, "given": given(&stub.given) }],
        "gender": stub.sex,
    });
    if let Some(number) = &stub.nhs_number {
        patient["identifier"] = json!([{ "system": NHS_NUMBER, "value": number.as_str() }]);
    }
    if let Some(born) = stub.birth_date {
        patient["birthDate"] = json!(born.to_string());
    }
    if let Some(address) = &stub.address {
        patient["address"] = json!([{ "use": "home", "text": address }]);
    }
    if stub.died {
        patient["deceasedBoolean"] = json!(true);
    }
    patient
}

/// Restricted (PDS R) or not, as PDS says it (standards.md section 5.4).
fn security(restricted: bool) -> Value {
    let (code, display) = if restricted { ("R", "restricted") } else { ("U", "unrestricted") };
    json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality", "code": code, "display": display })
}

fn given(names: &str) -> Vec<&str> {
    names.split_whitespace().collect()
}

/// One patient: what the demographics authority says, else a GP system, else any.
pub async fn read(service: &Shared, caller: &Caller, id: &str) -> Result<Value, Failure> {
    let person: PersonId = id.parse().map_err(|_| Failure::not_found())?;
    let ask = ViewAsk {
        person,
        view: ViewId::new(),
        datasets: Some(vec![Dataset::Demographics]),
        what: What::Fhir,
        live: false,
    };
    let record = service.whole(caller, ask).await?;
    let demographics = best(&record).ok_or_else(Failure::not_found)?;
    Ok(from_demographics(&record, &demographics))
}

fn best(record: &Record) -> Option<Demographics> {
    let rank = |kind: &str| match kind {
        "authority" => 0,
        "gp" => 1,
        _ => 2,
    };
    let entries =
        record.section(Dataset::Demographics)?.entries.iter().filter_map(|entry| match &entry.detail {
            Detail::Demographics(one) => Some((rank(&entry.provenance.first()?.kind), one)),
            _ => None,
        });
    entries.min_by_key(|(rank, _)| *rank).map(|(_, one)| (**one).clone())
}

fn from_demographics(record: &Record, one: &Demographics) -> Value {
    let mut patient = json!({
        "resourceType": "Patient",
        "id": record.person.to_string(),
        "meta": { "security": [security(record.location_protected || one.restricted)] },
        "name": [{ "use": "official", "family": one.family, "given": given(&one.given) }],
        "gender": one.gender,
    });
    if let Some(title) = &one.title {
        patient["name"][0]["prefix"] = json!([title]);
    }
    if let Some(number) = &one.nhs_number {
        patient["identifier"] = json!([{ "system": NHS_NUMBER, "value": number }]);
    }
    if let Some(born) = one.birth_date {
        patient["birthDate"] = json!(born.to_string());
    }
    if let Some(address) = &one.address {
        patient["address"] = json!([{ "use": "home", "text": address }]);
    }
    if !one.phones.is_empty() {
        patient["telecom"] =
            one.phones.iter().map(|phone| json!({ "system": "phone", "value": phone })).collect();
    }
    if one.died.is_some() {
        patient["deceasedBoolean"] = json!(true);
    }
    patient
}
