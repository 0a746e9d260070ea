//! Searches one type by patient in all permitted sources. It must add a note for each source that did not answer.

use lcr_contracts::{
    Caller, Failure,
    audit::AccessKind,
    record::{DatasetReport, MissingReason, Record, SourceReport},
    records_api::ViewRequest,
};
use lcr_fhir::outcome::outcome;
use lcr_model::{Dataset, PersonId, SourceState, ViewId, permit::Hide};
use serde_json::{Value, json};

use super::{
    Pairs,
    rewrite::{add_person, rewrite},
    sanitise::sanitise,
};
use crate::{
    domain::{item_list, resource_type::ResourceType, source_answer::SourceAnswer},
    service::{OpenView, SharedService, compute_and_record, record_from, retry_until_confirmed},
};

pub async fn search_by_patient(
    service: &SharedService,
    caller: &Caller,
    resource_type: ResourceType,
    pairs: &Pairs,
) -> Result<Value, Failure> {
    let patient =
        pairs.iter().find(|(name, _)| name == "patient" || name == "subject").map(|(_, value)| value.as_str());
    let id = patient.ok_or_else(|| Failure::bad_request("Search this type by patient."))?;
    let id = id.rsplit('/').next().unwrap_or_default();
    // A malformed id matches nobody.
    let Ok(person) = id.parse::<PersonId>() else { return Ok(bundle(vec![], &[])) };
    let ask = ViewRequest {
        person,
        view: ViewId::new(),
        datasets: Some(resource_type.datasets().to_vec()),
        what: AccessKind::Fhir,
        live: false,
    };
    retry_until_confirmed(service.deadline, || async {
        let mut view = service.open(caller, &ask).await?;
        // Record and bundle are computed from one grant, which is confirmed afterwards.
        let compute = |view: &OpenView| record_and_bundle(view, resource_type);
        let (_, bundle) =
            compute_and_record(&service.completion_publisher(), &mut view, compute, |(record, _)| record).await?;
        Ok(bundle)
    })
    .await
}

/// The record and the bundle of one type, under the view's newest grant.
fn record_and_bundle(view: &OpenView, resource_type: ResourceType) -> Result<(Record, Value), Failure> {
    let answers = view.all_answers();
    let record = record_from(view, &answers)?;
    let grant = view.grant()?;
    let is_limited = |dataset: &&Dataset| grant.limits(**dataset);
    let limited: Vec<Dataset> = resource_type.datasets().iter().filter(is_limited).copied().collect();
    let bundle = bundle(resources(view, &answers, resource_type)?, &notes(&record, &limited));
    Ok((record, bundle))
}

/// The granted resources that a record would list. A dataset that the role sees only in part is left out, because a resource
/// cannot be cut to a title.
fn resources(view: &OpenView, answers: &[SourceAnswer], resource_type: ResourceType) -> Result<Vec<Value>, Failure> {
    let grant = view.grant()?;
    let listed = item_list::list_items(&view.listing(answers)?).items;
    let given = listed.into_iter().filter(|one| one.resource_type == resource_type && !grant.limits(one.dataset));
    let rewritten = given.map(|one| {
        // The listing has removed everything that could tell where the person is, including all references.
        if grant.hides(Hide::Location) {
            return add_person(one.item.into_owned().into_value(), resource_type, view.person);
        }
        let own = view.local_ids(&one.system.id);
        let base = reqwest::Url::parse(&one.system.base_url).ok();
        let mut resource = one.item.into_owned().into_value();
        sanitise(&mut resource, base.as_ref());
        rewrite(resource, one.system, view.person, &own)
    });
    Ok(rewritten.collect())
}

/// Notes that a client needs beside the resources.
fn notes(record: &Record, limited: &[Dataset]) -> Vec<String> {
    let mut notes: Vec<String> = record.sources.iter().filter_map(state_note).collect();
    notes.extend(record.sources.iter().flat_map(partial_notes));
    let warnings = record
        .sources
        .iter()
        .flat_map(|source| source.warnings.iter().map(move |warning| format!("{}: {warning}", source.name)));
    notes.extend(warnings);
    if record.location_protected {
        notes.push("Location details protected: of each resource only codes, values and dates are given.".to_owned());
    }
    notes.extend(reported_deaths(record));
    notes.extend(record.discrepancies.iter().filter(|one| one.dataset == Dataset::Encounters).map(|one| {
        let statements: Vec<String> = one.says.iter().map(|(name, what)| format!("{name}: {what}")).collect();
        format!("Sources do not agree. {}: {}.", one.about, statements.join("; "))
    }));
    notes.extend(
        limited
            .iter()
            .map(|dataset| format!("{}: your role sees part of it, which is not given as resources.", dataset.title())),
    );
    notes.extend(
        record
            .not_shown
            .iter()
            .map(|one| format!("{} of {} from {} not given: {}.", one.count, one.dataset, one.source, one.reason)),
    );
    notes.extend(record.may_hold_more.then(|| "Some services may hold items not shown.".to_owned()));
    notes
}

/// Deaths that only a hospital's messages report: no resource states them as facts.
fn reported_deaths(record: &Record) -> Vec<String> {
    let entries = record.sections.iter().flat_map(|section| &section.entries);
    let reported = entries.filter(|entry| entry.stay.as_ref().is_some_and(|stay| stay.died));
    let names = reported.filter_map(|entry| entry.provenance.last().map(|one| one.name.clone()));
    let names: std::collections::BTreeSet<String> = names.collect();
    let note = "the person is reported as died, which only the demographics authority confirms";
    names.into_iter().map(|name| format!("{name}: {note}.")).collect()
}

/// A note for each dataset of which only a part arrived.
fn partial_notes(source: &SourceReport) -> Vec<String> {
    let partial = source.datasets.iter().filter_map(|report| Some((report.dataset, report.partial?)));
    let notes = partial.map(|(dataset, partial)| match partial.total {
        Some(total) => {
            format!("{}: {} of {total} of {dataset} came, the rest is missing.", source.name, partial.came)
        }
        None => format!("{}: only a part of {dataset} came, the rest is missing.", source.name),
    });
    notes.collect()
}

/// The note on one source, unless it answered in full or does not know the person.
fn state_note(source: &SourceReport) -> Option<String> {
    let name = &source.name;
    let states = || source.datasets.iter().map(|one| one.state);
    let stale = states().find_map(|state| match state {
        SourceState::Stale { as_of } => Some(format!("{name}: older copy from {as_of}.")),
        _ => None,
    });
    let say = |words: &str| Some(format!("{name}: {words}."));
    match () {
        () if states()
            .any(|state| matches!(state, SourceState::TimedOut | SourceState::Failed | SourceState::Asking)) =>
        {
            let is_unreadable = |one: &DatasetReport| one.reason == Some(MissingReason::AnswerNotReadable);
            say(if source.datasets.iter().any(is_unreadable) {
                "answered, but its answer could not be read: something may be missing"
            } else {
                "did not answer, something may be missing"
            })
        }
        () if stale.is_some() => stale,
        () if states().any(|state| state == SourceState::NotAgreed) => {
            say("not agreed to share with your organisation")
        }
        () if states().any(|state| state == SourceState::NotReceived) => {
            say("your organisation's agreement does not include this")
        }
        () if states().any(|state| state == SourceState::NotYetOn) => say("not yet switched on for you"),
        () if states().any(|state| matches!(state, SourceState::Withheld | SourceState::OptedOut)) => {
            say("not shown to you")
        }
        () => None,
    }
}

/// A searchset with the matches, and one outcome entry if there are notes.
pub fn bundle(matches: Vec<Value>, notes: &[String]) -> Value {
    let total = matches.len();
    let mut entries: Vec<Value> = matches.into_iter().map(|resource| bundle_entry(resource, "match")).collect();
    if !notes.is_empty() {
        let mut note = outcome("warning", "incomplete", "");
        note["issue"] = notes
            .iter()
            .map(|note| json!({ "severity": "warning", "code": "incomplete", "details": { "text": note } }))
            .collect();
        entries.push(bundle_entry(note, "outcome"));
    }
    let mut bundle = json!({ "resourceType": "Bundle", "type": "searchset", "total": total });
    if !entries.is_empty() {
        bundle["entry"] = Value::Array(entries);
    }
    bundle
}

/// An entry of a searchset. It takes the resource as it is: `json!` would copy it.
fn bundle_entry(resource: Value, mode: &str) -> Value {
    [("resource", resource), ("search", json!({ "mode": mode }))].into_iter().collect()
}

/// Adds a note to a bundle's outcome entry, which it creates if there is none.
pub fn add_note(bundle: &mut Value, note: &str) {
    let issue = json!({ "severity": "warning", "code": "not-supported", "details": { "text": note } });
    let is_outcome = |entry: &&mut Value| entry["search"]["mode"] == "outcome";
    let entries = bundle["entry"].as_array_mut();
    let existing = entries.and_then(|entries| entries.iter_mut().find(is_outcome));
    if let Some(issues) = existing.and_then(|entry| entry["resource"]["issue"].as_array_mut()) {
        issues.push(issue);
        return;
    }
    let mut resource = outcome("warning", "not-supported", note);
    resource["issue"] = json!([issue]);
    let entry = bundle_entry(resource, "outcome");
    match bundle["entry"].as_array_mut() {
        Some(entries) => entries.push(entry),
        None => bundle["entry"] = json!([entry]),
    }
}

#[cfg(test)]
#[path = "search_tests.rs"]
mod tests;
