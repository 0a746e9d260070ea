//! The state of each dataset of one source, and the datasets that are incomplete. It never calls a
//! dataset complete that is not.

use std::collections::{BTreeMap, BTreeSet};

use lcr_contracts::{
    record::{DatasetReport, SourceReport},
    registry::System,
};
use lcr_model::{Dataset, SourceId, SourceState, permit::WithheldReason};

use super::RecordInput;
use crate::domain::{
    compare::IncompleteSource, doubt_warning, organisation::SystemOrganisations, resource_type,
    source_answer::SourceAnswer,
};

/// Reports the state of every source for every dataset. The caller decides who may see it.
pub fn source_reports(record: &RecordInput<'_>) -> Vec<SourceReport> {
    record.list_input.registry.systems.iter().filter_map(|system| source_report(record, system)).collect()
}

/// Reports one source's states. `None` for a discreet source, which is never named, for one that was never live, which is on
/// nobody's record, and for one that is no longer live, unless the permit says that it is kept back.
fn source_report(record: &RecordInput<'_>, system: &System) -> Option<SourceReport> {
    let input = &record.list_input;
    let is_in_permit = || input.grant.withheld.iter().any(|(source, _, _)| *source == system.id);
    if system.is_discreet() || system.is_joining() || (!system.setup.live && !is_in_permit()) {
        return None;
    }
    let answer = input.answers.iter().find(|answer| answer.source == system.id);
    let counts = answer.map(count_by_dataset).unwrap_or_default();
    let withheld_here: Vec<(Dataset, WithheldReason)> = input
        .grant
        .withheld
        .iter()
        .filter(|(source, ..)| *source == system.id)
        .map(|(_, dataset, reason)| (*dataset, *reason))
        .collect();
    let report = |dataset: &Dataset| {
        let withheld = withheld_here.iter().find(|(of, _)| of == dataset);
        let (state, answered_at) = match (withheld, answer) {
            (Some((_, reason)), _) => (withheld_state(*reason), None),
            (None, Some(answer)) => answer.state(*dataset),
            (None, None) => (SourceState::NotConnected, None),
        };
        let count = counts.get(dataset).copied().filter(|_| withheld.is_none()).unwrap_or_default();
        let queried = answer.filter(|answer| withheld.is_none() && answer.knows_person);
        DatasetReport {
            dataset: *dataset,
            state,
            answered_at,
            count,
            partial: queried.and_then(|answer| answer.partial(*dataset)),
            reason: queried.and_then(|answer| answer.reason(*dataset)),
            closed_units: input.grant.closed_units(&system.id, *dataset).into_iter().cloned().collect(),
        }
    };
    let datasets: Vec<DatasetReport> = input.datasets.iter().map(report).collect();
    let warnings = answer.into_iter().flat_map(|answer| answer.types.values()).flat_map(|one| one.warnings.clone());
    // A reader who sees nothing of a source gets no warning that names it.
    let sees = input.datasets.iter().any(|dataset| input.grant.allows(&system.id, *dataset));
    let doubts = record.doubts.iter().filter(|one| one.source == system.id).map(doubt_warning::warning_text);
    let mut seen = BTreeSet::new();
    let warnings = doubts.chain(warnings).filter(|words| sees && seen.insert(words.clone())).collect();
    let shares_anything = input.grant.sharing.as_ref().map(|all| all.contains(&system.id));
    let organisations = SystemOrganisations::new(system, input.registry, input.answers, input.grant);
    Some(SourceReport {
        source: system.id.clone(),
        name: system.name.clone(),
        organisation: system.organisation.clone(),
        kind: system.kind.clone(),
        knows_person: record.knows_person(&system.id, shares_anything, &datasets),
        datasets,
        warnings,
        shares_anything,
        organisation_name: organisations.usual_name().map(str::to_owned),
    })
}

/// The number of items of each dataset.
fn count_by_dataset(answer: &SourceAnswer) -> BTreeMap<Dataset, u32> {
    let mut counts: BTreeMap<Dataset, u32> = BTreeMap::new();
    for (resource_type, type_answer) in &answer.types {
        for item in &type_answer.items {
            let count = counts.entry(resource_type::dataset_of(*resource_type, item)).or_default();
            *count = count.saturating_add(1);
        }
    }
    counts
}

fn withheld_state(reason: WithheldReason) -> SourceState {
    match reason {
        WithheldReason::NotAgreed => SourceState::NotAgreed,
        WithheldReason::NotConnected => SourceState::NotConnected,
        WithheldReason::NotReceived => SourceState::NotReceived,
        WithheldReason::NotYetOn => SourceState::NotYetOn,
        WithheldReason::OptedOut => SourceState::OptedOut,
        WithheldReason::Role | WithheldReason::LocationProtected | WithheldReason::Discreet | WithheldReason::Other => {
            SourceState::Withheld
        }
    }
}

/// Sources whose list of a dataset may lack something: unanswered, partial, or with an omitted item.
pub(super) fn incomplete_sources(
    sources: &[SourceReport],
    dataset: Dataset,
    hiding: &BTreeSet<SourceId>,
) -> Vec<IncompleteSource> {
    let missing = sources.iter().filter_map(|source| {
        let may_be_missing =
            |one: &&DatasetReport| one.dataset == dataset && (one.may_be_missing() || hiding.contains(&source.source));
        let report = source.datasets.iter().find(may_be_missing)?;
        Some(IncompleteSource { kind: source.kind.clone(), still_asking: report.state == SourceState::Asking })
    });
    missing.collect()
}
