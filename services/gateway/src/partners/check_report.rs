//! The report of a check as a table: what was checked, how it went, and what to do.

use lcr_contracts::partners::system::{Check, CheckReport};

use crate::{
    forms::grid::{Grid, GridCell},
    layout::format::format_moment,
    partners::words::{check_words, outcome_tag},
};

pub(crate) fn checks_grid(checks: &[Check]) -> Grid {
    let row = |check: &Check| {
        vec![
            GridCell::text(check_words(&check.name)),
            GridCell::tag(outcome_tag(check.outcome)),
            GridCell::or(Some(check.text.clone()), "nothing to add"),
        ]
    };
    Grid {
        caption: "Report of the check",
        columns: vec!["Check", "Result", "What was found, and what to do"],
        rows: checks.iter().map(row).collect(),
        empty: "No check has been run on this connection as it is now.",
    }
}

/// How the last check went, in a few words.
pub(crate) fn report_words(report: Option<&CheckReport>) -> String {
    match report {
        None => "not run on the connection as it is now".to_owned(),
        Some(report) if report.passed() => format!("passed on {}", format_moment(report.at)),
        Some(report) => format!("failed on {}", format_moment(report.at)),
    }
}
