//! The answer to a message: MSH with sender and receiver swapped, MSA with the message's own control id, ERR that
//! says what is wrong where (in the form of the message's version). Written in the message's delimiters and
//! character set. Answers are in original mode whatever MSH-15 and MSH-16 ask for, as the ITK profile has it.

use er7::Separators;
use jiff::Timestamp;

use crate::{Charset, Fault, Header, Message, escaped, time};

/// How a message is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// Accepted: it is on disk.
    Aa,
    /// Error: the sender must correct it.
    Ae,
    /// Rejected: it cannot be taken, whoever corrects it.
    Ar,
}

impl Code {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Aa => "AA",
            Self::Ae => "AE",
            Self::Ar => "AR",
        }
    }
}

/// What the answer says.
#[derive(Debug, Clone)]
pub struct Answer<'a> {
    pub code: Code,
    /// MSH-10 of the answer itself.
    pub control_id: &'a str,
    pub at: Timestamp,
    /// MSA-3: in words, for a person who reads the sender's log.
    pub words: &'a str,
    pub fault: Option<&'a Fault>,
}

impl Answer<'_> {
    /// The answer to a message.
    pub fn to(&self, message: &Message) -> Vec<u8> {
        let header = Header::of(message);
        let separators = message.separators();
        let line = Line { separators };
        let raw = |number| message.field("MSH", number).raw();
        let from = Some(raw(5)).filter(|name| !name.is_empty()).unwrap_or_else(|| "LCR".to_owned());
        let kind = if matches!(header.version.as_str(), "2.1" | "2.2") || header.event.is_empty() {
            "ACK".to_owned()
        } else {
            let event = line.safe(&header.event);
            format!("ACK{c}{event}{c}ACK", c = separators.component)
        };
        let at = time::written(self.at);
        let (to, control) = ([raw(3), raw(4)], line.safe(self.control_id));
        let fields = [&from, &raw(6), &to[0], &to[1], &at, "", &kind, &control, &raw(11), &raw(12)];
        let mut out = line.header(&fields);
        line.segment(&mut out, "MSA", &self.acknowledgement(&line, &raw(10), &header));
        if let Some(fault) = self.fault {
            line.segment(&mut out, "ERR", &line.error(fault, header.new_errors()));
        }
        message.charset().encode(&out)
    }

    /// The answer to what could not be read: from defaults, naming no message.
    pub fn to_nobody(&self) -> Vec<u8> {
        let separators = Separators::default();
        let line = Line { separators: &separators };
        let (at, control) = (time::written(self.at), line.safe(self.control_id));
        let mut out = line.header(&["LCR", "", "", "", &at, "", "ACK", &control, "P", "2.4"]);
        line.segment(&mut out, "MSA", &self.acknowledgement(&line, "", &Header::default()));
        if let Some(fault) = self.fault {
            line.segment(&mut out, "ERR", &line.error(fault, false));
        }
        Charset::UTF_8.encode(&out)
    }

    fn acknowledgement(&self, line: &Line<'_>, control_id: &str, header: &Header) -> Vec<String> {
        let mut fields = vec![self.code.as_str().to_owned(), control_id.to_owned(), line.safe(self.words)];
        if let Some(fault) = self.fault.filter(|_| !header.new_errors()) {
            fields.extend([String::new(), String::new(), line.condition(fault, line.separators.component)]);
        }
        fields
    }
}

/// Writes segments in one message's delimiters.
struct Line<'a> {
    separators: &'a Separators,
}

impl Line<'_> {
    /// `text` as one value: escaped, and on one line.
    fn safe(&self, text: &str) -> String {
        let flat: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        escaped(&flat, self.separators)
    }

    fn header(&self, fields: &[&str]) -> String {
        let (field, encoding) = (self.separators.field, self.separators.encoding_characters());
        format!("MSH{field}{encoding}{field}{}\r", fields.join(&field.to_string()))
    }

    fn segment(&self, out: &mut String, name: &str, fields: &[String]) {
        let field = self.separators.field.to_string();
        out.push_str(name);
        out.push_str(&field);
        out.push_str(fields.join(&field).trim_end_matches(self.separators.field));
        out.push('\r');
    }

    /// `101^Required field missing^HL70357`.
    fn condition(&self, fault: &Fault, between: char) -> String {
        let (code, words) = fault.condition.code();
        format!("{code}{between}{}{between}HL70357", self.safe(words))
    }

    /// Before 2.5 ERR-1 (place and code in one), from then on ERR-2, ERR-3, ERR-4 and ERR-8.
    fn error(&self, fault: &Fault, new: bool) -> Vec<String> {
        let component = self.separators.component;
        let mut place = vec![self.safe(&fault.segment), fault.occurrence.to_string()];
        place.extend(fault.field.map(|field| field.to_string()));
        if !new {
            place.resize(3, String::new());
            place.push(self.condition(fault, self.separators.subcomponent));
            return vec![place.join(&component.to_string())];
        }
        if let Some(part) = fault.component {
            place.extend([String::new(), part.to_string()]);
        }
        let empty = String::new;
        vec![
            empty(),
            place.join(&component.to_string()),
            self.condition(fault, component),
            "E".to_owned(),
            empty(),
            empty(),
            empty(),
            self.safe(&fault.words),
        ]
    }
}

#[cfg(test)]
#[path = "ack_tests.rs"]
mod tests;
