//! The words of the sources panel: the state of a source, its datasets by state, and why it shares nothing.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::record::DatasetReport;
use lcr_model::SourceState;

use crate::{
    layout::format::{capitalise, format_moment, format_moment_near, join_with_and},
    record::missing::missing_text,
};

pub(super) fn oldest_copy_text(reports: &[DatasetReport], now: Timestamp) -> String {
    let oldest = reports.iter().filter_map(|one| match one.state {
        SourceState::Stale { as_of } => Some(as_of),
        _ => None,
    });
    oldest.min().map_or_else(|| "older copy".into(), |at| format!("older copy from {}", format_moment_near(at, now)))
}

pub(super) const BY_CHOICE: &str = "not shared: the person's choice";

pub(super) const NOT_AGREED: &str = "not agreed to share with your organisation";

pub(super) const NOT_RECEIVED: &str = "your organisation's agreement does not include this";

pub(super) const NOT_YET_ON: &str = "not yet switched on for you";

pub(super) const BY_RULE: &str = "not shown here by a sharing rule";

pub(super) fn not_shared_text(reports: &[DatasetReport]) -> &'static str {
    let any = |state| reports.iter().any(|one| one.state == state);
    match () {
        () if any(SourceState::OptedOut) => BY_CHOICE,
        // What comes later says more than what is not agreed: the source does share with the reader's organisation.
        () if any(SourceState::NotYetOn) => NOT_YET_ON,
        () if any(SourceState::NotReceived) => NOT_RECEIVED,
        () if any(SourceState::NotAgreed) => NOT_AGREED,
        () => BY_RULE,
    }
}

/// The time of an answer, or "just now" within a minute.
pub fn format_answer_age(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => "time not given".into(),
        Some(at) if now.duration_since(at) < SignedDuration::from_mins(1) => "just now".into(),
        Some(at) => format!("at {}", format_moment_near(at, now)),
    }
}

/// The datasets of the source, grouped by state.
pub(super) fn datasets_by_state(reports: &[DatasetReport], now: Timestamp) -> Vec<(String, String)> {
    let mut groups: BTreeMap<(u8, String), Vec<String>> = BTreeMap::new();
    for report in reports {
        let (order, what) = match missing_text(report) {
            Some(words) => (if report.partial.is_some() { 2 } else { 3 }, capitalise(&words)),
            None => state_heading(report.state, now),
        };
        let title = report.dataset.title();
        let label = if report.count > 0 { format!("{title} {}", report.count) } else { title.to_owned() };
        groups.entry((order, what)).or_default().push(label);
    }
    groups.into_iter().map(|((_, what), datasets)| (what, join_with_and(&datasets))).collect()
}

fn state_heading(state: SourceState, now: Timestamp) -> (u8, String) {
    let (order, words) = match state {
        SourceState::HasData => (0, "Given"),
        SourceState::Asking => (1, "Asking"),
        SourceState::TimedOut => (2, "Did not answer in time"),
        SourceState::Failed => (3, "Answered with an error"),
        SourceState::Stale { as_of } if as_of > now => (4, "Older copy"),
        SourceState::Stale { as_of } => return (4, format!("Older copy from {}", format_moment(as_of))),
        SourceState::NoData => (5, "Nothing held"),
        SourceState::NoRecord => (6, "Person not known there"),
        SourceState::NotAgreed => (7, "Not agreed to share"),
        SourceState::Withheld => (8, "Not shown by a sharing rule"),
        SourceState::OptedOut => (9, "Not shared, the person's choice"),
        SourceState::NotYetOn => (10, "Not yet switched on for you"),
        SourceState::NotReceived => (11, "Not in your organisation's agreement"),
        SourceState::NotConnected => (12, "Not connected"),
    };
    (order, words.to_owned())
}
