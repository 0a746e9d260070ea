//! The findings of an order: lines of one text that come as several OBX are one, and a correction stands in the
//! place of what it corrects. Never drops a line that its sender did not withdraw.

use std::collections::{HashMap, VecDeque};

use lcr_hl7::Segment;

use super::{
    orders::{Order, Part},
    text_lines,
};
use crate::domain::{files, notes::Notes, value};

/// One observation or file: its OBX (more than one where a text came in lines or a file in chunks) and the comments
/// on it.
pub struct Finding<'o, 'm> {
    pub first: Segment<'m>,
    pub more_lines: Vec<Segment<'m>>,
    pub notes: Vec<&'o Notes<'m>>,
    /// OBX-11: a deletion or a new status may come later and without the value.
    pub status: Option<String>,
    /// What is observed: the test (OBX-3) and its sub-id (OBX-4).
    pub test: String,
}

impl<'o, 'm> Finding<'o, 'm> {
    fn new(part: &'o Part<'m>) -> Self {
        let (obx, notes) = (part.obx, vec![&part.notes]);
        Self { first: obx, more_lines: vec![], notes, status: files::status(obx), test: test(obx) }
    }

    pub fn lines(&self) -> impl Iterator<Item = Segment<'m>> {
        std::iter::once(self.first).chain(self.more_lines.iter().copied())
    }

    pub fn is_file(&self) -> bool {
        files::is_file(self.first)
    }

    /// Whether it says anything but its status.
    pub fn has_value(&self) -> bool {
        value::is_sent(self.first.field(5))
    }

    /// Whether `next` is a further line of its text (same test, statuses that go together) or a further chunk of its
    /// file.
    fn goes_on_with(&self, next: &Self) -> bool {
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
        // A comment ends a text, but a correction after it is still a line of this message.
        let is_next = is_correction(other) || self.notes.iter().all(|notes| notes.is_empty());
        is_one_text && is_next && text_lines::go_together(status, other)
    }

    /// Takes a further line of its text or a further chunk of its file.
    fn add(&mut self, part: &'o Part<'m>, status: Option<&str>) {
        if !self.is_file() {
            self.status = text_lines::status_of_both(self.status.as_deref(), status);
        }
        self.more_lines.push(part.obx);
        self.notes.push(&part.notes);
    }

    /// The text of each line; a line that was withdrawn from a text that stands is named in its place.
    pub fn texts(&self) -> Vec<String> {
        let is_withdrawn = |line| text_lines::is_withdrawn(files::status(line).as_deref());
        let stands = !text_lines::is_withdrawn(self.status.as_deref());
        let text = |line: Segment<'m>| {
            if stands && is_withdrawn(line) {
                Some(text_lines::WITHDRAWN.to_owned())
            } else {
                line.field(5).text()
            }
        };
        self.lines().filter_map(text).collect()
    }

    /// Whether a line says something about what was sent before.
    pub fn has_correction(&self, of: fn(Option<&str>) -> bool) -> bool {
        of(self.status.as_deref())
            || (!self.is_file() && self.more_lines_status().any(|status| of(status.as_deref())))
    }

    /// The statuses of a text that came in lines.
    fn more_lines_status(&self) -> impl Iterator<Item = Option<String>> {
        self.lines().filter(|_| !self.more_lines.is_empty()).map(files::status)
    }

    /// Takes a correction: its value, else its status alone.
    fn correct(&mut self, by: Self) {
        if by.status.as_deref() == Some("C") || by.has_value() {
            *self = by;
        } else {
            self.status = by.status;
            self.notes.extend(by.notes);
        }
    }
}

/// The findings of an order, in the order of their first telling.
pub fn of<'o, 'm>(order: &'o Order<'m>) -> Vec<Finding<'o, 'm>> {
    let mut findings: Vec<Finding<'o, 'm>> = vec![];
    // Places of what was not corrected yet, by test.
    let mut correctable: HashMap<String, VecDeque<usize>> = HashMap::new();
    let mut latest = 0;
    for part in &order.parts {
        let made = Finding::new(part);
        if let Some(last) = findings.get_mut(latest).filter(|last| last.goes_on_with(&made)) {
            last.add(part, made.status.as_deref());
            continue;
        }
        let places = correctable.entry(made.test.clone()).or_default();
        let is_new = !is_correction(made.status.as_deref());
        let before = places.front().and_then(|at| findings.get(*at));
        let corrects = !is_new || (before.is_some_and(Finding::is_file) && takes_back_a_file(&made));
        let at = if corrects { places.pop_front() } else { None };
        if let Some(before) = at.and_then(|at| findings.get_mut(at)) {
            before.correct(made);
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

/// "Cannot be obtained", of a file that was sent before: without a value, or with the file once more.
fn takes_back_a_file(finding: &Finding<'_, '_>) -> bool {
    finding.status.as_deref() == Some("X") && (finding.is_file() || !finding.has_value())
}

/// A status that is about something told before: corrected, deleted, posted as wrong, final without a new value.
pub fn is_correction(status: Option<&str>) -> bool {
    matches!(status, Some("C" | "D" | "U" | "W"))
}

fn test(obx: Segment<'_>) -> String {
    let code = obx.field(3).first().and_then(|one| one.part(1).or_else(|| one.words()));
    [code.unwrap_or_default(), obx.field(4).words().unwrap_or_default()].join("\u{1f}")
}
