//! One message: its segments in order, read by its own delimiters. Never prints what it says.
//!
//! Values are slices of the text that was sent, so a message costs no more memory than its text, and each segment is
//! found by its name without walking over the others.

use std::{collections::HashMap, fmt, ops::Range};

use er7::Separators;
use thiserror::Error;

use crate::{Charset, Field, segments};

/// Why bytes are no message. Says nothing of what they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum NotReadable {
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
    /// Places in `segments`, by segment name.
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
    pub fn read(bytes: &[u8]) -> Result<Self, NotReadable> {
        let (text, charset) = Charset::decode(bytes);
        let text = text.strip_prefix('\u{feff}').unwrap_or(&text).trim_start();
        let header = text.split(['\r', '\n']).next().filter(|line| !line.is_empty());
        let header = header.ok_or(NotReadable::Empty)?;
        // `MSHX` is another segment; the header of a batch (`BHS`) is none of a message.
        if !header.starts_with("MSH") || header[3..].starts_with(|c: char| c.is_ascii_alphanumeric()) {
            return Err(NotReadable::NoHeader);
        }
        let separators = Separators::from_header(header).map_err(|_| NotReadable::Delimiters)?;
        Ok(Self::of(text.to_owned(), separators, charset))
    }

    fn of(text: String, separators: Separators, charset: Charset) -> Self {
        let mut by_name: HashMap<[u8; 3], Vec<usize>> = HashMap::new();
        let mut found = vec![];
        for line in segments::spans(&text, separators.field) {
            let name = name_of(&text[line.clone()], separators.field).as_bytes();
            let occurrence = match <[u8; 3]>::try_from(name) {
                Ok(name) => {
                    let places = by_name.entry(name).or_default();
                    places.push(found.len());
                    places.len()
                }
                Err(_) => 1,
            };
            found.push(Span { line, occurrence });
        }
        Self { text, separators, charset, segments: found, by_name }
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

    pub fn first(&self, name: &str) -> Option<Segment<'_>> {
        self.all(name).next()
    }

    /// The segments of that name, without walking over the others.
    pub fn all(&self, name: &str) -> impl Iterator<Item = Segment<'_>> {
        let places = <[u8; 3]>::try_from(name.as_bytes()).ok().and_then(|name| self.by_name.get(&name));
        let spans = places.into_iter().flatten().filter_map(|at| self.segments.get(*at));
        spans.map(|span| self.segment(span))
    }

    /// A field of the first segment of that name; absent where there is no such segment.
    pub fn field(&self, name: &str, number: usize) -> Field<'_> {
        self.first(name).map_or(self.nothing(), |segment| segment.field(number))
    }

    /// A field that was not sent.
    pub fn nothing(&self) -> Field<'_> {
        Field::new("", self)
    }

    /// The first line that is no segment: three letters or digits, the first a letter, and then the field
    /// separator or nothing.
    pub fn malformed(&self) -> Option<usize> {
        let good = |name: &str| {
            name.len() == 3
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        self.segments().position(|segment| !good(segment.name())).map(|at| at + 1)
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

    /// 1 for the first of its name.
    pub fn occurrence(self) -> usize {
        self.occurrence
    }

    /// The number of its last field.
    pub fn last_field(self) -> usize {
        let separators = self.line.matches(self.of.separators.field).count();
        if self.name() == "MSH" { separators + 1 } else { separators }
    }

    /// The line as it was sent, with only those fields that `shown` takes; the others are empty.
    pub fn with_fields(self, shown: impl Fn(usize) -> bool) -> String {
        self.with(|field, sent| if shown(field) { sent } else { "" })
    }

    /// The line as it was sent, with only what `shown` takes of each field, by its number and text.
    pub fn with(self, shown: impl Fn(usize, &'m str) -> &'m str) -> String {
        let separator = self.of.separators.field;
        // MSH-1 is the separator itself.
        let first = usize::from(self.name() == "MSH");
        let parts = self.line.split(separator).enumerate();
        let parts = parts.map(|(at, part)| if at == 0 { part } else { shown(at + first, part) });
        let line = parts.collect::<Vec<_>>().join(&separator.to_string());
        let line = line.trim_end_matches(separator);
        line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }).collect()
    }

    /// A field by its number in the standard. MSH-1 is the field separator itself, so MSH counts one further.
    pub fn field(self, number: usize) -> Field<'m> {
        let at = match (self.name(), number) {
            (_, 0) | ("MSH", 1) => return self.of.nothing(),
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
