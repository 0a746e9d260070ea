//! One type by patient, from every permitted source, with a note on each that did not answer.

use lcr_contracts::{Caller, Failure, audit::What, record::Record, records::ViewAsk};
use lcr_fhir::outcome::outcome;
use lcr_model::{Dataset, PersonId, ViewId};
use serde_json::{Value, json};

use super::{Pairs, rewrite::rewrite};
use crate::{
    domain::{
        entry,
        kind::{self, Kind},
    },
    service::{Opened, Shared},
};

pub async fn by_patient(
    service: &Shared,
    caller: &Caller,
    kind: Kind,
    pairs: &Pairs,
) -> Result<Value, Failure> {
    let patient = pairs
        .iter()
        .find(|(name, _)| name == "patient" || name == "subject")
        .map(|(_, value)| value.as_str());
    let id = patient.ok_or_else(|| Failure::bad_request("Search this type by patient."))?;
    let id = id.rsplit('/').next().unwrap_or_default();
    // An id that is nobody's finds nothing, whoever asks.
    let Ok(person) = id.parse::<PersonId>() else { return Ok(bundle(vec![], &[])) };
    let ask =
        ViewAsk { person, view: ViewId::new(), datasets: Some(kind.datasets().to_vec()), what: What::Fhir };
    let mut opened = service.open(caller, &ask).await?;
    opened.settle().await;
    let found = resources(&opened, kind)?;
    let record = crate::service::whole(&mut opened, service).await?;
    Ok(bundle(found, &notes(&record)))
}

/// The granted resources that a record would list. A dataset of which the role sees only part is not given as
/// resources: a resource cannot be cut to a title.
fn resources(opened: &Opened, kind: Kind) -> Result<Vec<Value>, Failure> {
    let grant = opened.grant()?;
    let limited =
        |dataset: Dataset| grant.clearances.iter().any(|label| label.starts_with(&format!("{dataset}:")));
    let mut found = vec![];
    for answer in &opened.answers {
        let Some(system) = opened.registry.systems.iter().find(|one| one.id == answer.source) else {
            continue;
        };
        for item in answer.types.get(&kind).map_or(&[][..], |one| one.items.as_slice()) {
            let dataset = kind::dataset_of(kind, item);
            let granted = grant.allows(&system.id, dataset) && !limited(dataset);
            if granted && entry::read_item(kind, item, system).is_ok() {
                found.push(rewrite(item.value().clone(), system, opened.person));
            }
        }
    }
    Ok(found)
}

/// Sources that did not answer, and items that are not given, in words.
fn notes(record: &Record) -> Vec<String> {
    let missing =
        record.sources.iter().filter(|source| source.datasets.iter().any(|one| one.state.may_be_missing()));
    let missing = missing.map(|source| format!("{} did not answer: something may be missing.", source.name));
    let kept = record.not_shown.iter().map(|one| {
        format!("{} of {} from {} not given: {}.", one.count, one.dataset, one.source, one.reason)
    });
    let discreet = record.may_hold_more.then(|| "Some services may hold items not shown.".to_owned());
    missing.chain(kept).chain(discreet).collect()
}

/// A searchset of matches and, where something should be known about them, one outcome entry.
pub fn bundle(matches: Vec<Value>, notes: &[String]) -> Value {
    let total = matches.len();
    let mut entries: Vec<Value> = matches
        .into_iter()
        .map(|resource| json!({ "resource": resource, "search": { "mode": "match" } }))
        .collect();
    if !notes.is_empty() {
        let mut note = outcome("warning", "incomplete", "");
        note["issue"] = notes
            .iter()
            .map(|words| json!({ "severity": "warning", "code": "incomplete", "details": { "text": words } }))
            .collect();
        entries.push(json!({ "resource": note, "search": { "mode": "outcome" } }));
    }
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": total });
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    bundle
}
