//! The sources panel: one line per source, its state in words and by shape, and a full account by kind of
//! information. A source's worst state is the one shown: an unanswered dataset never hides behind an
//! answered one.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::record::{DatasetReport, Record, SourceReport};
use lcr_model::SourceState;

use super::{
    missing::{missing_words, source_words},
    words::{capital, list, moment, moment_near},
};

/// The shape of a state. Each is drawn differently, so colour is never needed to tell them apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    HasData,
    Nothing,
    Asking,
    Silent,
    Older,
    NotShared,
    NotConnected,
}

impl Shape {
    /// The name of the drawing, and of its class.
    pub fn name(self) -> &'static str {
        match self {
            Self::HasData => "has",
            Self::Nothing => "nothing",
            Self::Asking => "asking",
            Self::Silent => "silent",
            Self::Older => "older",
            Self::NotShared => "closed",
            Self::NotConnected => "off",
        }
    }
}

/// One source of the panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    pub id: String,
    pub name: String,
    pub shape: Shape,
    pub words: String,
    /// What is missing of it, without the time; empty where nothing is.
    pub missing: String,
    pub warnings: Vec<String>,
    /// (what, which datasets), every dataset once.
    pub account: Vec<(String, String)>,
}

/// All sources of a record, in the order they came.
pub fn sources_panel(record: &Record) -> Vec<SourceLine> {
    record.sources.iter().map(|source| line(source, record.as_of)).collect()
}

/// Ids of the sources that have given their word, for the page to tell what is new.
pub fn answered(record: &Record) -> String {
    let said = |source: &&SourceReport| source.datasets.iter().any(DatasetReport::answered_in_full);
    record.sources.iter().filter(said).map(|source| source.source.as_str()).collect::<Vec<_>>().join(" ")
}

fn line(source: &SourceReport, now: Timestamp) -> SourceLine {
    let reports = &source.datasets;
    let shape = worst(reports);
    SourceLine {
        id: source.source.to_string(),
        name: source.name.clone(),
        shape,
        words: words(reports, shape, now),
        missing: if shape == Shape::Silent { source_words(reports) } else { String::new() },
        warnings: source.warnings.clone(),
        account: account(reports, now),
    }
}

fn worst(reports: &[DatasetReport]) -> Shape {
    let any = |test: fn(SourceState) -> bool| reports.iter().any(|one| test(one.state));
    match () {
        () if any(|state| state == SourceState::Asking) => Shape::Asking,
        () if any(|state| matches!(state, SourceState::TimedOut | SourceState::Failed)) => Shape::Silent,
        () if reports.iter().any(|one| one.partial.is_some()) => Shape::Silent,
        () if any(|state| matches!(state, SourceState::Stale { .. })) => Shape::Older,
        () if any(|state| state == SourceState::HasData) => Shape::HasData,
        () if any(SourceState::answered) => Shape::Nothing,
        () if any(|state| state != SourceState::NotConnected) => Shape::NotShared,
        () => Shape::NotConnected,
    }
}

fn words(reports: &[DatasetReport], shape: Shape, now: Timestamp) -> String {
    let newest = reports.iter().filter_map(|one| one.answered_at).max();
    match shape {
        Shape::HasData => age(newest, now),
        Shape::Nothing if reports.iter().any(|one| one.state == SourceState::NoRecord) => {
            "does not know this person".into()
        }
        Shape::Nothing => "asked, nothing held".into(),
        Shape::Asking => "asking…".into(),
        Shape::Silent => format!("{} {}", source_words(reports), moment_near(now, now)),
        Shape::Older => older(reports, now),
        Shape::NotShared => not_shared(reports).into(),
        Shape::NotConnected => "not connected".into(),
    }
}

fn older(reports: &[DatasetReport], now: Timestamp) -> String {
    let oldest = reports.iter().filter_map(|one| match one.state {
        SourceState::Stale { as_of } => Some(as_of),
        _ => None,
    });
    oldest.min().map_or_else(|| "older copy".into(), |at| format!("older copy from {}", moment_near(at, now)))
}

fn not_shared(reports: &[DatasetReport]) -> &'static str {
    let any = |state| reports.iter().any(|one| one.state == state);
    match () {
        () if any(SourceState::OptedOut) => "not shared: the person's choice",
        () if any(SourceState::NotAgreed) => "not agreed to share with your organisation",
        () => "not shown here by a sharing rule",
    }
}

/// How old an answer is: "just now" within a minute.
pub fn age(at: Option<Timestamp>, now: Timestamp) -> String {
    match at {
        None => "time not given".into(),
        Some(at) if now.duration_since(at) < SignedDuration::from_mins(1) => "just now".into(),
        Some(at) => format!("at {}", moment_near(at, now)),
    }
}

/// Every dataset of the source under what was said of it.
fn account(reports: &[DatasetReport], now: Timestamp) -> Vec<(String, String)> {
    let mut said: BTreeMap<(u8, String), Vec<String>> = BTreeMap::new();
    for report in reports {
        let (order, what) = match missing_words(report) {
            Some(words) => (if report.partial.is_some() { 2 } else { 3 }, capital(&words)),
            None => what(report.state, now),
        };
        let title = report.dataset.title();
        let shown = if report.count > 0 { format!("{title} {}", report.count) } else { title.to_owned() };
        said.entry((order, what)).or_default().push(shown);
    }
    said.into_iter().map(|((_, what), datasets)| (what, list(&datasets))).collect()
}

fn what(state: SourceState, now: Timestamp) -> (u8, String) {
    let (order, words) = match state {
        SourceState::HasData => (0, "Given"),
        SourceState::Asking => (1, "Asking"),
        SourceState::TimedOut => (2, "Did not answer in time"),
        SourceState::Failed => (3, "Answered with an error"),
        SourceState::Stale { as_of } if as_of > now => (4, "Older copy"),
        SourceState::Stale { as_of } => return (4, format!("Older copy from {}", moment(as_of))),
        SourceState::NoData => (5, "Nothing held"),
        SourceState::NoRecord => (6, "Person not known there"),
        SourceState::NotAgreed => (7, "Not agreed to share"),
        SourceState::Withheld => (8, "Not shown by a sharing rule"),
        SourceState::OptedOut => (9, "Not shared, the person's choice"),
        SourceState::NotConnected => (10, "Not connected"),
    };
    (order, words.to_owned())
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
