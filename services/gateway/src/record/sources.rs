//! The sources panel: one line per source, its state as text and as a shape, and its datasets by state. A source must
//! show its worst state: an answered dataset must not hide an unanswered one.

mod texts;

use jiff::Timestamp;
use lcr_contracts::record::{DatasetReport, Record, SourceReport};
use lcr_model::SourceState;

use crate::{
    layout::format::{format_moment_near, join_with_and},
    record::missing::source_text,
};
pub use texts::format_answer_age;
use texts::{
    BY_CHOICE, BY_RULE, NOT_AGREED, NOT_RECEIVED, NOT_YET_ON, datasets_by_state, not_shared_text, oldest_copy_text,
};

/// The shape that shows a state. Shapes differ, so that nobody needs to see colours.
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
    /// The name of the drawing and of its CSS class.
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

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceLine {
    pub id: String,
    pub name: String,
    pub shape: Shape,
    pub knows_person: bool,
    pub words: String,
    /// What is missing, without the time. Empty if nothing is.
    pub missing: String,
    pub warnings: Vec<String>,
    /// The states, and the datasets in each.
    pub datasets_by_state: Vec<(String, String)>,
}

/// All sources of a record, in their order.
pub fn sources_panel(record: &Record) -> Vec<SourceLine> {
    record.sources.iter().map(|source| line(source, record.as_of)).collect()
}

/// All sources in one line that names the exceptions: "All 5 that know this person answered · Children's social care may
/// not share". The completeness line names those that did not answer.
pub fn sources_line(lines: &[SourceLine]) -> String {
    let are = |shapes: &[Shape]| lines.iter().filter(|line| shapes.contains(&line.shape)).count();
    let answered =
        lines.iter().filter(|line| line.knows_person && matches!(line.shape, Shape::HasData | Shape::Nothing));
    let answered = answered.count();
    let asked = answered + are(&[Shape::Asking, Shape::Silent, Shape::Older]);
    let first = match (answered, asked) {
        (_, 0) => "No connected source knows this person".to_owned(),
        (1, 1) => "The only source that knows this person answered".to_owned(),
        (answered, asked) if answered == asked => format!("All {asked} that know this person answered"),
        (answered, asked) if are(&[Shape::Asking]) > 0 => format!("{answered} of {asked} have answered so far"),
        (answered, asked) => format!("{answered} of {asked} that know this person answered"),
    };
    let closed = |words: &str| -> Vec<String> {
        let closed = lines.iter().filter(|line| line.shape == Shape::NotShared && line.words == words);
        closed.map(|line| line.name.clone()).collect()
    };
    let by_choice = closed(BY_CHOICE);
    let by_rule = [closed(NOT_AGREED), closed(BY_RULE)].concat();
    let by_choice =
        (!by_choice.is_empty()).then(|| format!("not shared, the person's choice: {}", join_with_and(&by_choice)));
    let by_rule = (!by_rule.is_empty()).then(|| format!("{} may not share", join_with_and(&by_rule)));
    let warning = |line: &SourceLine| {
        let words: Vec<&str> = line.warnings.iter().map(|one| one.trim_end_matches('.')).collect();
        (!words.is_empty()).then(|| format!("{}: {}", line.name, words.join(", ")))
    };
    let later = closed(NOT_YET_ON);
    let later = (!later.is_empty()).then(|| format!("{NOT_YET_ON}: {}", join_with_and(&later)));
    let beyond = closed(NOT_RECEIVED);
    let beyond = (!beyond.is_empty()).then(|| format!("{NOT_RECEIVED}: {}", join_with_and(&beyond)));
    let parts =
        [Some(first), by_choice, by_rule, beyond, later].into_iter().flatten().chain(lines.iter().filter_map(warning));
    parts.collect::<Vec<_>>().join(" · ")
}

/// The ids of the sources that have answered in full, for the page to see which are new.
pub fn answered_sources(record: &Record) -> String {
    let has_answered = |source: &&SourceReport| source.datasets.iter().any(DatasetReport::answered_in_full);
    record.sources.iter().filter(has_answered).map(|source| source.source.as_str()).collect::<Vec<_>>().join(" ")
}

fn line(source: &SourceReport, now: Timestamp) -> SourceLine {
    let reports = &source.datasets;
    let shape = worst_shape(reports);
    SourceLine {
        id: source.source.to_string(),
        name: source.shown_name().to_owned(),
        shape,
        knows_person: knows_person(reports),
        words: state_text(reports, shape, now),
        missing: if shape == Shape::Silent { source_text(reports) } else { String::new() },
        warnings: source.warnings.clone(),
        datasets_by_state: datasets_by_state(reports, now),
    }
}

/// Whether a source knows the person. A ward may have a stay of a person whom its source does not know yet.
fn knows_person(reports: &[DatasetReport]) -> bool {
    let any = |state| reports.iter().any(|one| one.state == state);
    any(SourceState::HasData) || !any(SourceState::NoRecord)
}

fn worst_shape(reports: &[DatasetReport]) -> Shape {
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

fn state_text(reports: &[DatasetReport], shape: Shape, now: Timestamp) -> String {
    let newest = reports.iter().filter_map(|one| one.answered_at).max();
    match shape {
        Shape::HasData => format_answer_age(newest, now),
        Shape::Nothing if reports.iter().any(|one| one.state == SourceState::NoRecord) => {
            "does not know this person".into()
        }
        Shape::Nothing => "asked, nothing held".into(),
        Shape::Asking => "asking…".into(),
        Shape::Silent => format!("{} {}", source_text(reports), format_moment_near(now, now)),
        Shape::Older => oldest_copy_text(reports, now),
        Shape::NotShared => not_shared_text(reports).into(),
        Shape::NotConnected => "not connected".into(),
    }
}

#[cfg(test)]
#[path = "sources_tests.rs"]
mod tests;
