//! One message: its segments in order, read by its own delimiters. Never prints what it says.

use std::fmt;

use er7::Separators;
use thiserror::Error;

use crate::{Charset, Field};

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
    inner: er7::Message,
    charset: Charset,
}

/// One segment of a message, and the how-manieth of its name it is.
#[derive(Clone, Copy)]
pub struct Segment<'m> {
    inner: &'m er7::Segment,
    of: &'m Message,
    occurrence: usize,
}

impl Message {
    pub fn read(bytes: &[u8]) -> Result<Self, NotReadable> {
        let (text, charset) = Charset::decode(bytes);
        let inner = er7::parse(text.trim_start()).map_err(|error| match error {
            er7::Error::Empty => NotReadable::Empty,
            er7::Error::BadHeader(_) => NotReadable::Delimiters,
            _ => NotReadable::NoHeader,
        })?;
        // The library also takes the header of a batch for one of a message.
        match inner.segments.first() {
            Some(header) if header.name == "MSH" => Ok(Self { inner, charset }),
            _ => Err(NotReadable::NoHeader),
        }
    }

    pub fn separators(&self) -> &Separators {
        &self.inner.separators
    }

    pub fn charset(&self) -> Charset {
        self.charset
    }

    pub fn segments(&self) -> impl Iterator<Item = Segment<'_>> {
        let mut seen: std::collections::HashMap<&str, usize> = std::collections::HashMap::new();
        self.inner.segments.iter().map(move |segment| {
            let occurrence = seen.entry(segment.name.as_str()).or_default();
            *occurrence += 1;
            Segment { inner: segment, of: self, occurrence: *occurrence }
        })
    }

    pub fn first<'m>(&'m self, name: &'m str) -> Option<Segment<'m>> {
        self.all(name).next()
    }

    pub fn all<'m>(&'m self, name: &'m str) -> impl Iterator<Item = Segment<'m>> {
        self.segments().filter(move |segment| segment.name() == name)
    }

    /// A field of the first segment of that name; absent where there is no such segment.
    pub fn field<'m>(&'m self, name: &'m str, number: usize) -> Field<'m> {
        self.first(name).map_or(self.nothing(), |segment| segment.field(number))
    }

    /// A field that was not sent.
    pub fn nothing(&self) -> Field<'_> {
        Field { field: None, of: self }
    }

    /// The first line that is no segment: three letters or digits, the first a letter, and then the field
    /// separator or nothing.
    pub fn malformed(&self) -> Option<usize> {
        let good = |name: &str| {
            name.len() == 3
                && name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        };
        self.inner.segments.iter().position(|segment| !good(segment.name.trim())).map(|at| at + 1)
    }
}

impl<'m> Segment<'m> {
    pub fn name(self) -> &'m str {
        self.inner.name.trim()
    }

    /// 1 for the first of its name.
    pub fn occurrence(self) -> usize {
        self.occurrence
    }

    pub fn field(self, number: usize) -> Field<'m> {
        Field { field: self.inner.field(number), of: self.of }
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Message({} segments)", self.inner.segments.len())
    }
}

impl fmt::Debug for Segment<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Segment({})", self.occurrence)
    }
}

#[cfg(test)]
mod tests {
    use lcr_contracts::spell::Told;
    use proptest::prelude::*;

    use super::*;

    fn read(text: &str) -> Message {
        Message::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_message_is_read_by_its_own_delimiters() {
        let message = read("MSH#*!?@#PAS#Z9H01\rPID#1##A1*B@C!A2##O?T?Neil*Aoife");
        assert_eq!(message.field("MSH", 3).code().as_deref(), Some("PAS"));
        let ids: Vec<_> = message.field("PID", 3).repetitions().filter_map(|one| one.part(1)).collect();
        assert_eq!(ids, ["A1", "A2"]);
        assert_eq!(message.field("PID", 3).first().unwrap().sub(2, 2).as_deref(), Some("C"));
        assert_eq!(message.field("PID", 5).code().as_deref(), Some("O@Neil"));
    }

    #[test]
    fn the_fifth_delimiter_moves_no_field() {
        let message = read("MSH|^~\\&#|PAS|Z9H01|||20260101||ADT^A01|7|P|2.7");
        assert_eq!(message.field("MSH", 10).code().as_deref(), Some("7"));
    }

    #[test]
    fn absent_deleted_and_told_are_three_things() {
        let message = read("MSH|^~\\&|X\rPV2|||\"\"|\"\"^|Walks & talks|  ");
        let told = |number| message.field("PV2", number).told(crate::Repetition::words);
        assert_eq!(told(1), Told::Unchanged);
        assert_eq!((told(3), told(4)), (Told::Deleted, Told::Deleted));
        assert_eq!(told(5), Told::Set("Walks & talks".to_owned()));
        assert_eq!((told(6), told(99)), (Told::Unchanged, Told::Unchanged));
    }

    #[test]
    fn any_line_end_will_do() {
        for end in ["\r", "\n", "\r\n", "\r\n\r\n", "\n\r"] {
            let message = read(&format!("MSH|^~\\&|X{end}PID|1{end}PV1|1{end}"));
            assert_eq!(message.segments().map(Segment::name).collect::<Vec<_>>(), ["MSH", "PID", "PV1"]);
        }
    }

    #[test]
    fn what_has_no_usable_header_is_refused() {
        let refused = |bytes: &[u8]| Message::read(bytes).unwrap_err();
        assert_eq!(refused(b" \r\n"), NotReadable::Empty);
        assert_eq!(refused(b"PID|1"), NotReadable::NoHeader);
        assert_eq!(refused(b"BHS|^~\\&|X"), NotReadable::NoHeader);
        assert_eq!(refused(b"MSH"), NotReadable::Delimiters);
        assert_eq!(refused(b"MSH|^^^^|X"), NotReadable::Delimiters);
    }

    #[test]
    fn a_line_that_is_no_segment_is_found() {
        assert_eq!(read("MSH|^~\\&|X\rPID|1\rand more words").malformed(), Some(3));
        assert_eq!(read("MSH|^~\\&|X\rZDP\rPV1|1").malformed(), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300)) {
            for bytes in [body.clone(), [&b"MSH|^~\\&|"[..], &body].concat()] {
                let Ok(message) = Message::read(&bytes) else { continue };
                for segment in message.segments() {
                    for number in 0..30 {
                        let field = segment.field(number);
                        let _ = (field.lines(), field.is_deleted(), field.first().map(|one| one.part_words(0)));
                    }
                }
            }
        }
    }
}
