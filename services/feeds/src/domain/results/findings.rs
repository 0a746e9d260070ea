//! Groups the OBX of an order into findings: the lines of one text become one finding, and a correction replaces its
//! original. Must never drop a line that the sender did not withdraw.

use std::collections::{HashMap, VecDeque};

use lcr_hl7::Segment;

use super::{
    orders::{ObxWithNotes, Order},
    text_lines,
};
use crate::domain::{files, hl7_values, notes::Notes};

/// One observation or file with its comments. A text in lines or a file in chunks has several OBX.
pub struct Finding<'o, 'm> {
    pub first: Segment<'m>,
    pub more_lines: Vec<Segment<'m>>,
    pub notes: Vec<&'o Notes<'m>>,
    /// OBX-11. A later OBX without a value may change it.
    pub status: Option<String>,
    /// The test (OBX-3) and its sub-id (OBX-4).
    pub test: String,
}

impl<'o, 'm> Finding<'o, 'm> {
    fn new(observation: &'o ObxWithNotes<'m>) -> Self {
        let (obx, notes) = (observation.obx, vec![&observation.notes]);
        Self { first: obx, more_lines: vec![], notes, status: files::status(obx), test: test_key(obx) }
    }

    pub fn lines(&self) -> impl Iterator<Item = Segment<'m>> {
        std::iter::once(self.first).chain(self.more_lines.iter().copied())
    }

    pub fn is_file(&self) -> bool {
        files::is_file(self.first)
    }

    /// Whether it has a value, not only a status.
    pub fn has_value(&self) -> bool {
        hl7_values::has_value(self.first.field(5))
    }

    /// Whether `next` is a further line of this text (same test, compatible status) or a further chunk of this file.
    fn continues_with(&self, next: &Self) -> bool {
        if self.test != next.test {
            return false;
        }
        if self.is_file() {
            let (status, other) = (self.status.as_deref(), next.status.as_deref());
            return files::is_further_chunk(next.first)
                && files::is_withdrawn(status) == files::is_withdrawn(other)
                && is_correction(status) == is_correction(other);
        }
        let is_one_text = text_lines::is_line(self.first) && text_lines::is_line(next.first);
        let (status, other) = (self.status.as_deref(), next.status.as_deref());
        // A comment ends a text, but a correction after a comment is still one of its lines.
        let is_next = is_correction(other) || self.notes.iter().all(|notes| notes.is_empty());
        is_one_text && is_next && text_lines::can_share_text(status, other)
    }

    /// Adds a further line of this text or a further chunk of this file.
    fn add(&mut self, observation: &'o ObxWithNotes<'m>, status: Option<&str>) {
        if !self.is_file() {
            self.status = text_lines::combined_status(self.status.as_deref(), status);
        }
        self.more_lines.push(observation.obx);
        self.notes.push(&observation.notes);
    }

    /// The text of each line. In a valid text, a notice replaces each withdrawn line.
    pub fn texts(&self) -> Vec<String> {
        let is_withdrawn = |line| text_lines::is_withdrawn(files::status(line).as_deref());
        let stands = !text_lines::is_withdrawn(self.status.as_deref());
        let text = |line: Segment<'m>| {
            if stands && is_withdrawn(line) { Some(text_lines::WITHDRAWN.to_owned()) } else { line.field(5).text() }
        };
        self.lines().filter_map(text).collect()
    }

    /// Whether `matches` holds for the status of any line.
    pub fn has_correction(&self, matches: fn(Option<&str>) -> bool) -> bool {
        matches(self.status.as_deref())
            || (!self.is_file() && self.more_lines_status().any(|status| matches(status.as_deref())))
    }

    /// The status of each line of a text in several lines.
    fn more_lines_status(&self) -> impl Iterator<Item = Option<String>> {
        self.lines().filter(|_| !self.more_lines.is_empty()).map(files::status)
    }

    /// Replaces the finding by a correction, or only its status if the correction has no value.
    fn apply_correction(&mut self, by: Self) {
        if by.status.as_deref() == Some("C") || by.has_value() {
            *self = by;
        } else {
            self.status = by.status;
            self.notes.extend(by.notes);
        }
    }
}

/// The findings of an order, in the order of their first OBX.
pub fn read<'o, 'm>(order: &'o Order<'m>) -> Vec<Finding<'o, 'm>> {
    let mut findings: Vec<Finding<'o, 'm>> = vec![];
    // Positions of findings that no correction has replaced yet, by test.
    let mut correctable: HashMap<String, VecDeque<usize>> = HashMap::new();
    let mut latest = 0;
    for observation in &order.observations {
        let made = Finding::new(observation);
        if let Some(last) = findings.get_mut(latest).filter(|last| last.continues_with(&made)) {
            last.add(observation, made.status.as_deref());
            continue;
        }
        let places = correctable.entry(made.test.clone()).or_default();
        let is_new = !is_correction(made.status.as_deref());
        let before = places.front().and_then(|at| findings.get(*at));
        let corrects = !is_new || (before.is_some_and(Finding::is_file) && withdraws_file(&made));
        let at = if corrects { places.pop_front() } else { None };
        if let Some(before) = at.and_then(|at| findings.get_mut(at)) {
            before.apply_correction(made);
        } else {
            if is_new {
                places.push_back(findings.len());
            }
            findings.push(made);
        }
        latest = at.unwrap_or(findings.len() - 1);
    }
    findings
}

/// Whether the finding withdraws an earlier file: status X, without a value or with the file again.
fn withdraws_file(finding: &Finding<'_, '_>) -> bool {
    finding.status.as_deref() == Some("X") && (finding.is_file() || !finding.has_value())
}

/// Whether the status changes something sent before: corrected, deleted, wrong, or final without a new value.
pub fn is_correction(status: Option<&str>) -> bool {
    matches!(status, Some("C" | "D" | "U" | "W"))
}

fn test_key(obx: Segment<'_>) -> String {
    let code = obx.field(3).first().and_then(|one| one.component(1).or_else(|| one.text()));
    [code.unwrap_or_default(), obx.field(4).first_text().unwrap_or_default()].join("\u{1f}")
}
