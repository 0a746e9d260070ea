//! One message: its segments in order, read with its own delimiters. `Debug` must never print content.
//!
//! Values are slices of the text, so a message needs little more memory than its text. An index finds segments by name.

use std::{collections::HashMap, fmt, ops::Range};

use er7::Separators;
use thiserror::Error;

use crate::{Charset, Field, segments};

/// Why bytes are not a message. The text must never repeat the bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReadError {
    #[error("nothing was sent")]
    Empty,
    #[error("this is not HL7 v2: it does not begin with MSH")]
    NoHeader,
    #[error("MSH-1 and MSH-2 do not name usable delimiters")]
    Delimiters,
}

/// A message whose header could be read.
#[derive(Clone)]
pub struct Message {
    text: String,
    separators: Separators,
    charset: Charset,
    segments: Vec<Span>,
    /// Indexes into `segments` by segment name.
    by_name: HashMap<[u8; 3], Vec<usize>>,
}

#[derive(Clone)]
struct Span {
    line: Range<usize>,
    occurrence: usize,
}

/// One segment of a message, and its occurrence number among segments of that name.
#[derive(Clone, Copy)]
pub struct Segment<'m> {
    line: &'m str,
    of: &'m Message,
    occurrence: usize,
}

impl Message {
    pub fn read(bytes: &[u8]) -> Result<Self, ReadError> {
        let (text, charset) = Charset::decode(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_start();
        let header = text.split(['\r', '\n']).next().filter(|line| !line.is_empty());
        let header = header.ok_or(ReadError::Empty)?;
        // `MSHX` is another segment, and `BHS` is the header of a batch.
        if !header.starts_with("MSH") || header[3..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(ReadError::NoHeader);
        }
        let separators = Separators::from_header(header).map_err(|_| ReadError::Delimiters)?;
        Ok(Self::index_segments(text.to_owned(), separators, charset))
    }

    fn index_segments(text: String, separators: Separators, charset: Charset) -> Self {
        let mut by_name: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
        let mut spans = vec![];
        for line in segments::segment_spans(&text, separators.field) {
            let name = name_of(&text[line.clone()], separators.field).as_bytes();
            let occurrence = match <[u8; 3]>::try_from(name) {
                Ok(name) => {
                    let indexes = by_name.entry(name).or_default();
                    indexes.push(spans.len());
                    indexes.len()
                }
                Err(_) => 1,
            };
            spans.push(Span { line, occurrence });
        }
        Self { text, separators, charset, segments: spans, by_name }
    }

    pub fn separators(&self) -> &Separators {
        &self.separators
    }

    pub fn charset(&self) -> Charset {
        self.charset
    }

    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        self.segments.iter().map(|span| self.segment(span))
    }

    pub fn first_segment(&self, name: &str) -> Option<Segment<'_>> {
        self.segments_named(name).next()
    }

    /// The segments of that name, found by the index.
    pub fn segments_named(&self, name: &str) -> impl Iterator<Item = Segment<'_>> {
        let indexes = <[u8; 3]>::try_from(name.as_bytes()).ok().and_then(|name| self.by_name.get(&name));
        let spans = indexes.into_iter().flatten().filter_map(|at| self.segments.get(*at));
        spans.map(|span| self.segment(span))
    }

    /// A field of the first segment of that name. It is absent if there is no such segment.
    pub fn field(&self, name: &str, number: usize) -> Field<'_> {
        self.first_segment(name).map_or(self.absent_field(), |segment| segment.field(number))
    }

    /// A field that the sender did not send.
    pub fn absent_field(&self) -> Field<'_> {
        Field::new("", self)
    }

    /// The number of the first line that is not a segment. A segment name is a letter and two letters or digits.
    pub fn first_malformed_line(&self) -> Option<usize> {
        let is_segment_name = |name: &str| {
            name.len() == 3
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        self.segments().position(|segment| !is_segment_name(segment.name())).map(|at| at + 1)
    }

    fn segment(&self, span: &Span) -> Segment<'_> {
        Segment { line: &self.text[span.line.clone()], of: self, occurrence: span.occurrence }
    }
}

fn name_of(line: &str, separator: char) -> &str {
    line.split(separator).next().unwrap_or_default().trim()
}

impl<'m> Segment<'m> {
    pub fn name(self) -> &'m str {
        name_of(self.line, self.of.separators.field)
    }

    /// Its occurrence number among segments of that name, from 1.
    pub fn occurrence(self) -> usize {
        self.occurrence
    }

    /// The number of its last field.
    pub fn last_field(self) -> usize {
        let separators = self.line.matches(self.of.separators.field).count();
        if self.name() == "MSH" { separators + 1 } else { separators }
    }

    /// The line as sent, with the fields emptied that `keep` refuses.
    pub fn keep_fields(self, keep: impl Fn(usize) -> bool) -> String {
        self.map_fields(|field, sent| if keep(field) { sent } else { "" })
    }

    /// The line as sent, with each field replaced by what `map` returns for its number and text.
    pub fn map_fields(self, map: impl Fn(usize, &'m str) -> &'m str) -> String {
        let separator = self.of.separators.field;
        // MSH-1 is the separator itself.
        let first = usize::from(self.name() == "MSH");
        let parts = self.line.split(separator).enumerate();
        let parts = parts.map(|(at, part)| if at == 0 { part } else { map(at + first, part) });
        let line = parts.collect::<Vec<_>>().join(&separator.to_string());
        let line = line.trim_end_matches(separator);
        line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
    }

    /// A field by its number in the standard. MSH-1 is the field separator itself, so MSH is numbered one higher.
    pub fn field(self, number: usize) -> Field<'m> {
        let at = match (self.name(), number) {
            (_, 0) | ("MSH", 1) => return self.of.absent_field(),
            ("MSH", number) => number - 1,
            (_, number) => number,
        };
        Field::new(self.line.split(self.of.separators.field).nth(at).unwrap_or_default(), self.of)
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} segments)", self.segments.len())
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({})", self.occurrence)
    }
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
