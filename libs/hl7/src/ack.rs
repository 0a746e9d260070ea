//! Writes acknowledgements (ACK): MSH with sender and receiver swapped, MSA with the message's control id, and ERR with the
//! fault, in the delimiters and character set of the message. Always original mode, as the ITK profile requires; MSH-15
//! and MSH-16 must never change that.

use er7::Separators;
use jiff::Timestamp;

use crate::{Charset, Fault, Header, Message, escape_text, time};

/// The acknowledgement code (MSA-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AckCode {
    /// Accepted: the message is on disk.
    Aa,
    /// Error: the sender must correct it.
    Ae,
    /// Rejected: no correction would make the message acceptable.
    Ar,
}

impl AckCode {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aa => "AA",
            Self::Ae => "AE",
            Self::Ar => "AR",
        }
    }
}

/// An acknowledgement before it is written.
#[derive(Debug, Clone)]
pub struct Acknowledgement<'a> {
    pub code: AckCode,
    /// MSH-10 of the acknowledgement itself.
    pub control_id: &'a str,
    pub at: Timestamp,
    /// MSA-3, for a person who reads the sender's log.
    pub text: &'a str,
    pub fault: Option<&'a Fault>,
}

impl Acknowledgement<'_> {
    /// Writes the acknowledgement of `message`.
    pub fn encode_for(&self, message: &Message) -> Vec<u8> {
        let header = Header::of(message);
        let separators = message.separators();
        let writer = SegmentWriter { separators };
        let raw = |number| message.field("MSH", number).raw();
        let from = Some(raw(5)).filter(|name| !name.is_empty()).unwrap_or_else(|| "LCR".to_owned());
        let kind = if matches!(header.version.as_str(), "2.1" | "2.2") || header.event.is_empty() {
            "ACK".to_owned()
        } else {
            let event = writer.escape(&header.event);
            format!("ACK{c}{event}{c}ACK", c = separators.component)
        };
        let at = time::format_timestamp(self.at);
        let (to, control) = ([raw(3), raw(4)], writer.escape(self.control_id));
        let fields = [&from, &raw(6), &to[0], &to[1], &at, "", &kind, &control, &raw(11), &raw(12)];
        let mut out = writer.msh(&fields);
        writer.write_segment(&mut out, "MSA", &self.msa_fields(&writer, &raw(10), &header));
        if let Some(fault) = self.fault {
            writer.write_segment(&mut out, "ERR", &writer.err_fields(fault, header.has_detailed_errors()));
        }
        message.charset().encode(&out)
    }

    /// Writes the acknowledgement of bytes that are not a message, with default delimiters and no control id.
    pub fn encode_without_message(&self) -> Vec<u8> {
        let separators = Separators::default();
        let writer = SegmentWriter { separators: &separators };
        let (at, control) = (time::format_timestamp(self.at), writer.escape(self.control_id));
        let mut out = writer.msh(&["LCR", "", "", "", &at, "", "ACK", &control, "P", "2.4"]);
        writer.write_segment(&mut out, "MSA", &self.msa_fields(&writer, "", &Header::default()));
        if let Some(fault) = self.fault {
            writer.write_segment(&mut out, "ERR", &writer.err_fields(fault, false));
        }
        Charset::UTF_8.encode(&out)
    }

    fn msa_fields(&self, writer: &SegmentWriter<'_>, control_id: &str, header: &Header) -> Vec<String> {
        let mut fields = vec![self.code.as_str().to_owned(), control_id.to_owned(), writer.escape(self.text)];
        if let Some(fault) = self.fault.filter(|_| !header.has_detailed_errors()) {
            fields.extend([String::new(), String::new(), writer.condition_code(fault, writer.separators.component)]);
        }
        fields
    }
}

/// Writes segments with the delimiters of a message.
struct SegmentWriter<'a> {
    separators: &'a Separators,
}

impl SegmentWriter<'_> {
    /// Escapes a value and puts it on one line.
    fn escape(&self, text: &str) -> String {
        let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        escape_text(&flat, self.separators)
    }

    fn msh(&self, fields: &[&str]) -> String {
        let (field, encoding) = (self.separators.field, self.separators.encoding_characters());
        format!("MSH{field}{encoding}{field}{}\r", fields.join(&field.to_string()))
    }

    fn write_segment(&self, out: &mut String, name: &str, fields: &[String]) {
        let field = self.separators.field.to_string();
        out.push_str(name);
        out.push_str(&field);
        out.push_str(fields.join(&field).trim_end_matches(self.separators.field));
        out.push('\r');
    }

    /// The condition as `101^Required field missing^HL70357`.
    fn condition_code(&self, fault: &Fault, separator: char) -> String {
        let (code, description) = fault.condition.code();
        format!("{code}{separator}{}{separator}HL70357", self.escape(description))
    }

    /// The fields of ERR: ERR-1 (location and code) before version 2.5, else ERR-2, ERR-3, ERR-4 and ERR-8.
    fn err_fields(&self, fault: &Fault, detailed: bool) -> Vec<String> {
        let component = self.separators.component;
        let mut location = vec![self.escape(&fault.segment), fault.occurrence.to_string()];
        location.extend(fault.field.map(|field| field.to_string()));
        if !detailed {
            location.resize(3, String::new());
            location.push(self.condition_code(fault, self.separators.subcomponent));
            return vec![location.join(&component.to_string())];
        }
        if let Some(part) = fault.component {
            location.extend([String::new(), part.to_string()]);
        }
        let empty = String::new;
        vec![
            empty(),
            location.join(&component.to_string()),
            self.condition_code(fault, component),
            "E".to_owned(),
            empty(),
            empty(),
            empty(),
            self.escape(&fault.text),
        ]
    }
}

#[cfg(test)]
#[path = "ack_tests.rs"]
mod tests;
