//! What two links show together: an override, and the link that opens the record without it. It must never show an item that
//! neither of them shows: a label of one link opens the datasets of that link alone.

use std::collections::BTreeSet;

use lcr_model::{Clearance, Dataset, Label, permit::PersonGrant};

/// Whether `more` shows a source, dataset or label that `less` does not.
pub fn shows_more(more: &PersonGrant, less: &PersonGrant) -> bool {
    !(more.grants.is_subset(&less.grants) && open_labels(more).is_subset(&open_labels(less)))
}

/// What either of them shows, by the relationship of the override. A limit of a dataset stays only if neither shows the dataset
/// without it.
pub(super) fn of_grants(by_override: PersonGrant, without: &PersonGrant) -> PersonGrant {
    let grants = &by_override.grants | &without.grants;
    let withheld =
        by_override.withheld.iter().filter(|(source, dataset, _)| !grants.contains(&(source.clone(), *dataset)));
    let labels = &by_override.labels & &without.labels;
    let in_one_dataset = &open_labels(&by_override) | &open_labels(without);
    let sharing = match (&by_override.sharing, &without.sharing) {
        (Some(one), Some(other)) => Some(one | other),
        (one, other) => one.clone().or_else(|| other.clone()),
    };
    let of_datasets = Dataset::ALL.iter().flat_map(|dataset| limits(*dataset, &by_override, without));
    let of_no_dataset = by_override
        .clearances
        .union(&without.clearances)
        .filter(|limit| !Dataset::ALL.iter().any(|dataset| limit.limits(*dataset)));
    PersonGrant {
        withheld: withheld.cloned().collect(),
        clearances: of_datasets.chain(of_no_dataset.cloned()).collect(),
        sharing,
        dataset_labels: in_one_dataset.into_iter().filter(|(_, label)| !labels.contains(label)).collect(),
        labels,
        closed_units: &by_override.closed_units | &without.closed_units,
        grants,
        ..by_override
    }
}

/// The labels that are open in each dataset that the grant shows.
fn open_labels(grant: &PersonGrant) -> BTreeSet<(Dataset, Label)> {
    let everywhere = shown_datasets(grant)
        .into_iter()
        .flat_map(|dataset| grant.labels.iter().map(move |label| (dataset, label.clone())));
    everywhere.chain(grant.dataset_labels.iter().cloned()).collect()
}

fn shown_datasets(grant: &PersonGrant) -> BTreeSet<Dataset> {
    grant.grants.iter().map(|(_, dataset)| *dataset).collect()
}

/// The limits with which the dataset is shown: the fewer of the two, or those of the link without the override.
fn limits(dataset: Dataset, by_override: &PersonGrant, without: &PersonGrant) -> BTreeSet<Clearance> {
    let of = |grant: &PersonGrant| {
        let shown = shown_datasets(grant).contains(&dataset);
        let limits = grant.clearances.iter().filter(|limit| limit.limits(dataset)).cloned();
        shown.then(|| limits.collect::<BTreeSet<_>>())
    };
    match (of(by_override), of(without)) {
        (Some(one), Some(other)) => {
            if one.is_subset(&other) {
                one
            } else {
                other
            }
        }
        (one, other) => one.or(other).unwrap_or_default(),
    }
}
