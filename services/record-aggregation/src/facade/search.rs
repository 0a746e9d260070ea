//! One type by patient, from every permitted source, with a note on each that did not answer.

use lcr_contracts::{
    Caller, Failure,
    audit::What,
    record::{DatasetReport, MissingReason, Record, SourceReport},
    records::ViewAsk,
};
use lcr_fhir::outcome::outcome;
use lcr_model::{Dataset, PersonId, SourceState, ViewId, permit::Hide};
use serde_json::{Value, json};

use super::{
    Pairs,
    clean::clean,
    rewrite::{of_person, rewrite},
};
use crate::{
    domain::{kind::Kind, listing},
    service::{Opened, Shared, record, shown, until_it_stands},
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
    let ask = ViewAsk {
        person,
        view: ViewId::new(),
        datasets: Some(kind.datasets().to_vec()),
        what: What::Fhir,
        live: false,
    };
    until_it_stands(service.deadline, || async {
        let mut opened = service.open(caller, &ask).await?;
        // The record, what was found and what is limited are all computed from one grant, which is confirmed after that.
        let compute = |opened: &Opened| answer(opened, kind);
        let (_, bundle) = shown(&service.completer(), &mut opened, compute, |(record, _)| record).await?;
        Ok(bundle)
    })
    .await
}

/// The record and the bundle of one type, under the view's newest grant.
fn answer(opened: &Opened, kind: Kind) -> Result<(Record, Value), Failure> {
    let record = record(opened)?;
    let clearances = &opened.grant()?.clearances;
    let partly =
        |dataset: &&Dataset| clearances.iter().any(|label| label.starts_with(&format!("{dataset}:")));
    let limited: Vec<Dataset> = kind.datasets().iter().filter(partly).copied().collect();
    let bundle = bundle(resources(opened, kind)?, &notes(&record, &limited));
    Ok((record, bundle))
}

/// The granted resources that a record would list, answered and pushed alike. A dataset of which the role sees only part
/// is not given as resources: a resource cannot be cut to a title.
fn resources(opened: &Opened, kind: Kind) -> Result<Vec<Value>, Failure> {
    let grant = opened.grant()?;
    let limited =
        |dataset: Dataset| grant.clearances.iter().any(|label| label.starts_with(&format!("{dataset}:")));
    let answers = opened.with_pushed();
    let listed = listing::list(&opened.listing(&answers)?).listed;
    let given = listed.into_iter().filter(|one| one.kind == kind && !limited(one.dataset));
    let ours = given.map(|one| {
        // Of a resource that lost whatever could tell where the person is, only whose it is is to be said.
        if grant.hides(Hide::Location) {
            return of_person(one.item.into_owned().into_value(), kind, opened.person);
        }
        let own = opened.local_ids(&one.system.id);
        let base = reqwest::Url::parse(&one.system.base_url).ok();
        let mut resource = one.item.into_owned().into_value();
        clean(&mut resource, base.as_ref());
        rewrite(resource, one.system, opened.person, &own)
    });
    Ok(ours.collect())
}

/// What a client must know beside the resources, in words.
fn notes(record: &Record, limited: &[Dataset]) -> Vec<String> {
    let mut notes: Vec<String> = record.sources.iter().filter_map(state_note).collect();
    notes.extend(record.sources.iter().flat_map(partial_notes));
    let warnings = record
        .sources
        .iter()
        .flat_map(|source| source.warnings.iter().map(move |words| format!("{}: {words}", source.name)));
    notes.extend(warnings);
    if record.location_protected {
        notes.push(
            "Location details protected: of each resource only codes, values and dates are given.".to_owned(),
        );
    }
    notes.extend(reported_deaths(record));
    notes.extend(record.discrepancies.iter().filter(|one| one.dataset == Dataset::Encounters).map(|one| {
        let says: Vec<String> = one.says.iter().map(|(name, what)| format!("{name}: {what}")).collect();
        format!("Sources do not agree. {}: {}.", one.about, says.join("; "))
    }));
    notes.extend(limited.iter().map(|dataset| {
        format!("{}: your role sees part of it, which is not given as resources.", dataset.title())
    }));
    notes.extend(record.not_shown.iter().map(|one| {
        format!("{} of {} from {} not given: {}.", one.count, one.dataset, one.source, one.reason)
    }));
    notes.extend(record.may_hold_more.then(|| "Some services may hold items not shown.".to_owned()));
    notes
}

/// A death that only a hospital's messages report: no resource says it as a fact.
fn reported_deaths(record: &Record) -> Vec<String> {
    let entries = record.sections.iter().flat_map(|section| &section.entries);
    let reported = entries.filter(|entry| entry.stay.as_ref().is_some_and(|stay| stay.died));
    let names = reported.filter_map(|entry| entry.provenance.last().map(|one| one.name.clone()));
    let names: std::collections::BTreeSet<String> = names.collect();
    let words = "the person is reported as died, which only the demographics authority confirms";
    names.into_iter().map(|name| format!("{name}: {words}.")).collect()
}

/// What came of an answer that is not whole.
fn partial_notes(source: &SourceReport) -> Vec<String> {
    let partial = source.datasets.iter().filter_map(|report| Some((report.dataset, report.partial?)));
    let words = partial.map(|(dataset, partial)| match partial.total {
        Some(total) => {
            format!("{}: {} of {total} of {dataset} came, the rest is missing.", source.name, partial.came)
        }
        None => format!("{}: only a part of {dataset} came, the rest is missing.", source.name),
    });
    words.collect()
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
        () if states().any(|state| {
            matches!(state, SourceState::TimedOut | SourceState::Failed | SourceState::Asking)
        }) =>
        {
            let unread = |one: &DatasetReport| one.reason == Some(MissingReason::AnswerNotReadable);
            say(if source.datasets.iter().any(unread) {
                "answered, but its answer could not be read: something may be missing"
            } else {
                "did not answer, something may be missing"
            })
        }
        () if stale.is_some() => stale,
        () if states().any(|state| state == SourceState::NotAgreed) => {
            say("not agreed to share with your organisation")
        }
        () if states().any(|state| matches!(state, SourceState::Withheld | SourceState::OptedOut)) => {
            say("not shown to you")
        }
        () => None,
    }
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

/// Adds one sentence to a bundle's outcome entry, making the entry if there is none.
pub fn note(bundle: &mut Value, words: &str) {
    let issue = json!({ "severity": "warning", "code": "not-supported", "details": { "text": words } });
    let outcome_of = |entry: &&mut Value| entry["search"]["mode"] == "outcome";
    let entries = bundle["entry"].as_array_mut();
    let existing = entries.and_then(|entries| entries.iter_mut().find(outcome_of));
    if let Some(issues) = existing.and_then(|entry| entry["resource"]["issue"].as_array_mut()) {
        issues.push(issue);
        return;
    }
    let mut resource = outcome("warning", "not-supported", words);
    resource["issue"] = json!([issue]);
    let entry = json!({ "resource": resource, "search": { "mode": "outcome" } });
    match bundle["entry"].as_array_mut() {
        Some(entries) => entries.push(entry),
        None => bundle["entry"] = json!([entry]),
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use lcr_contracts::record::{Entry, Provenance, Section, WardStay};
    use lcr_model::SourceId;

    use super::*;

    fn dead() -> Record {
        let stay = WardStay {
            attends: false,
            on_leave: false,
            destination: None,
            died: true,
            last_told: Timestamp::UNIX_EPOCH,
            warnings: vec![],
        };
        let provenance = Provenance {
            source: SourceId::new("h"),
            name: "St Hilda's, ward messages".into(),
            kind: "hospital".into(),
            item: "Encounter/1".into(),
            updated: None,
            date: None,
            says: None,
        };
        let entry = Entry { stay: Some(stay), provenance: vec![provenance], ..Entry::default() };
        Record {
            person: PersonId::new(),
            view: ViewId::new(),
            as_of: Timestamp::UNIX_EPOCH,
            complete: true,
            relationship: String::new(),
            location_protected: false,
            sources: vec![],
            sections: vec![Section { dataset: Dataset::Encounters, entries: vec![entry] }],
            discrepancies: vec![],
            not_shown: vec![],
            may_hold_more: false,
        }
    }

    #[test]
    fn a_reported_death_names_its_hospital() {
        assert!(notes(&dead(), &[])[0].starts_with("St Hilda's, ward messages: the person is reported"));
    }
}
