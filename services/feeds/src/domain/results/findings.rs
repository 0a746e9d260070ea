//! The findings of an order: lines of one text that come as several OBX are one, and a correction stands in the
//! place of what it corrects. Never drops a line.

use std::collections::{HashMap, VecDeque};

use lcr_hl7::Segment;

use super::orders::{Order, Part};
use crate::domain::{notes::Notes, value};

/// One observation: its OBX (more than one where a text came in lines) and the comments on it.
pub struct Finding<'o, 'm> {
    pub first: Segment<'m>,
    pub more_lines: Vec<Segment<'m>>,
    pub notes: Vec<&'o Notes<'m>>,
    /// The OBX whose status counts: a deletion or a new status may come without the value.
    pub status_of: Segment<'m>,
    /// What is observed: the test (OBX-3) and its sub-id (OBX-4).
    pub test: String,
}

impl<'o, 'm> Finding<'o, 'm> {
    fn new(part: &'o Part<'m>) -> Self {
        let (obx, notes) = (part.obx, vec![&part.notes]);
        Self { first: obx, more_lines: vec![], notes, status_of: obx, test: test(obx) }
    }

    pub fn lines(&self) -> impl Iterator<Item = Segment<'m>> {
        std::iter::once(self.first).chain(self.more_lines.iter().copied())
    }

    pub fn status(&self) -> Option<String> {
        self.status_of.field(11).code()
    }

    /// Whether `next` is a further line of its text: same test, same status, no comment between.
    fn goes_on_with(&self, next: Segment<'m>) -> bool {
        let is_text = |obx: Segment<'_>| matches!(value::kind(obx).as_str(), "TX" | "FT");
        self.notes.iter().all(|notes| notes.is_empty())
            && is_text(self.first)
            && is_text(next)
            && self.status() == next.field(11).code()
            && self.test == test(next)
    }

    /// Takes a correction: its value, else its status alone.
    fn correct(&mut self, by: Self) {
        let only_status = by.status().as_deref() != Some("C") && !value::is_sent(by.first.field(5));
        if only_status {
            self.status_of = by.first;
            self.notes.extend(by.notes);
        } else {
            *self = by;
        }
    }
}

/// The findings of an order, in the order of their first telling.
pub fn of<'o, 'm>(order: &'o Order<'m>) -> Vec<Finding<'o, 'm>> {
    let mut findings: Vec<Finding<'o, 'm>> = vec![];
    // Places of what was not corrected yet, by test.
    let mut correctable: HashMap<String, VecDeque<usize>> = HashMap::new();
    for part in &order.parts {
        if let Some(last) = findings.last_mut()
            && last.goes_on_with(part.obx)
        {
            last.more_lines.push(part.obx);
            last.notes.push(&part.notes);
            continue;
        }
        let made = Finding::new(part);
        let places = correctable.entry(made.test.clone()).or_default();
        if !is_correction(made.status().as_deref()) {
            places.push_back(findings.len());
            findings.push(made);
        } else if let Some(before) = places.pop_front().and_then(|at| findings.get_mut(at)) {
            before.correct(made);
        } else {
            findings.push(made);
        }
    }
    findings
}

/// A status that is about something told before: corrected, deleted, posted as wrong, final without a new value.
pub fn is_correction(status: Option<&str>) -> bool {
    matches!(status, Some("C" | "D" | "U" | "W"))
}

fn test(obx: Segment<'_>) -> String {
    let code = obx.field(3).first().and_then(|one| one.part(1).or_else(|| one.words()));
    [code.unwrap_or_default(), obx.field(4).words().unwrap_or_default()].join("\u{1f}")
}
