//! The parts of a record that a sharing rule withholds, as names. If a later record has a name that an open page
//! lacks, the page may show something that is now withheld.

use lcr_contracts::record::Record;
use lcr_model::{Dataset, SourceState};

/// The withheld parts of one dataset's page with its banner, or of the whole record.
pub fn withheld_names(record: &Record, page: Option<Dataset>) -> Vec<String> {
    let on_page = |dataset: Dataset| page.is_none_or(|page| dataset == page || dataset == Dataset::Demographics);
    let is_withheld = |state| {
        use SourceState::{NotAgreed, NotReceived, NotYetOn, OptedOut, Withheld};
        matches!(state, OptedOut | NotAgreed | NotReceived | NotYetOn | Withheld)
    };
    let mut out = Vec::new();
    for source in &record.sources {
        let withheld = source.datasets.iter().filter(|one| on_page(one.dataset) && is_withheld(one.state));
        out.extend(withheld.map(|one| format!("{}/{}", source.source, one.dataset)));
        for report in source.datasets.iter().filter(|one| on_page(one.dataset)) {
            let closed = report.closed_units.iter();
            out.extend(closed.map(|unit| format!("{}/{}/{unit}", source.source, report.dataset)));
        }
    }
    let absent = Dataset::ALL.iter().filter(|dataset| on_page(**dataset) && record.section(**dataset).is_none());
    out.extend(absent.map(|dataset| format!("/{dataset}")));
    out.extend(record.location_protected.then(|| "location".to_owned()));
    out
}

#[cfg(test)]
#[path = "withheld_tests.rs"]
mod tests;
