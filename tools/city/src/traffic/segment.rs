//! Writes ER7 segments by field number and escapes values. A field that is not set is absent, which means "unchanged".

use er7::Separators;
use er7::escape::escape;
use jiff::Timestamp;
use jiff::civil::Date;

use crate::world::World;

/// A segment builder.
#[derive(Debug)]
pub(super) struct Segment {
    name: &'static str,
    fields: Vec<String>,
}

impl Segment {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name, fields: Vec::new() }
    }

    /// Sets a field without escaping.
    pub(super) fn put(mut self, number: usize, raw: impl Into<String>) -> Self {
        if self.fields.len() < number {
            self.fields.resize(number, String::new());
        }
        self.fields[number - 1] = raw.into();
        self
    }

    /// Sets a field of components and escapes each.
    pub(super) fn parts(self, number: usize, parts: &[&str]) -> Self {
        let raw = components(parts);
        self.put(number, raw)
    }

    pub(super) fn text(self, number: usize, text: &str) -> Self {
        self.parts(number, &[text])
    }

    /// The finished segment. In MSH the separator itself is field 1.
    pub(super) fn end(self) -> String {
        let fields: Vec<String> = if self.name == "MSH" { self.fields[1..].to_vec() } else { self.fields };
        let body = fields.join("|");
        format!("{}|{}\r", self.name, body.trim_end_matches('|'))
    }
}

/// Joins escaped components without trailing empty ones.
pub(super) fn components(parts: &[&str]) -> String {
    let separators = Separators::default();
    let whole: Vec<_> = parts.iter().map(|part| escape(part, &separators).into_owned()).collect();
    whole.join("^").trim_end_matches('^').to_owned()
}

impl World {
    /// A local time without a zone, as hospitals write it.
    pub(super) fn hl7(&self, at: Timestamp) -> String {
        self.in_london(at).strftime("%Y%m%d%H%M%S").to_string()
    }
}

pub(super) fn hl7_day(day: Date) -> String {
    day.strftime("%Y%m%d").to_string()
}
