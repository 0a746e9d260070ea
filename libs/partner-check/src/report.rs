//! Collects the outcomes of the checks, in a fixed order. A check without an outcome must be told as skipped, never as passed.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_contracts::partners::system::{Check, CheckOutcome, CheckReport};
use lcr_model::Dataset;

pub struct Report {
    /// The names of all checks of this run, in the order of the report.
    names: Vec<String>,
    outcomes: BTreeMap<String, (CheckOutcome, String)>,
}

impl Report {
    pub fn new(datasets: &BTreeSet<Dataset>) -> Self {
        let fixed = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        let mut names = fixed(&["reachable", "tls", "authentication", "capability"]);
        names.extend(datasets.iter().map(|dataset| search_name(*dataset)));
        names.extend(datasets.iter().map(|dataset| must_have_name(*dataset)));
        names.extend(fixed(&["nhs-number", "paging", "time"]));
        Self { names, outcomes: BTreeMap::new() }
    }

    pub fn passed(&mut self, name: &str, text: impl Into<String>) {
        self.add(name, CheckOutcome::Passed, text.into());
    }

    pub fn warning(&mut self, name: &str, text: impl Into<String>) {
        self.add(name, CheckOutcome::Warning, text.into());
    }

    pub fn failed(&mut self, name: &str, text: impl Into<String>) {
        self.add(name, CheckOutcome::Failed, text.into());
    }

    pub fn skipped(&mut self, name: &str, text: impl Into<String>) {
        self.add(name, CheckOutcome::Skipped, text.into());
    }

    /// Keeps the worse of two outcomes of one check.
    fn add(&mut self, name: &str, outcome: CheckOutcome, text: String) {
        let rank = |outcome| match outcome {
            CheckOutcome::Skipped => 0,
            CheckOutcome::Passed => 1,
            CheckOutcome::Warning => 2,
            CheckOutcome::Failed => 3,
        };
        let is_worse = self.outcomes.get(name).is_none_or(|(before, _)| rank(outcome) > rank(*before));
        if is_worse {
            self.outcomes.insert(name.to_owned(), (outcome, text));
        }
    }

    /// The report. If the run was stopped at its limit, nothing that is left counts as tried.
    pub fn finish(mut self, at: Timestamp, is_finished: bool) -> CheckReport {
        let has_failed = self.outcomes.values().any(|(outcome, _)| *outcome == CheckOutcome::Failed);
        if !is_finished && !has_failed {
            let text = "The source is too slow: the run reached its limit of 40 seconds before all checks were tried.";
            self.failed("reachable", text);
        }
        let left = if is_finished {
            "Not tried, because an earlier check failed."
        } else {
            "Not tried, because the run reached its limit of 40 seconds."
        };
        let checks = self.names.iter().map(|name| {
            let skipped = || (CheckOutcome::Skipped, left.to_owned());
            let (outcome, text) = self.outcomes.remove(name).unwrap_or_else(skipped);
            Check { name: name.clone(), outcome, text }
        });
        CheckReport { at, checks: checks.collect() }
    }
}

pub fn search_name(dataset: Dataset) -> String {
    format!("search-{dataset}")
}

pub fn must_have_name(dataset: Dataset) -> String {
    format!("must-have-{dataset}")
}
