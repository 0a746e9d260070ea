//! Why a message is not accepted: a condition of HL7 table 0357 and a location in the message. The text must never repeat
//! content of the message.

/// A condition of HL7 table 0357.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    SegmentSequence,
    RequiredField,
    DataType,
    UnsupportedType,
    UnsupportedProcessing,
    UnsupportedVersion,
    UnknownKey,
    Internal,
}

impl Condition {
    /// The code and its description in the table.
    pub fn code(self) -> (u16, &'static str) {
        match self {
            Self::SegmentSequence => (100, "Segment sequence error"),
            Self::RequiredField => (101, "Required field missing"),
            Self::DataType => (102, "Data type error"),
            Self::UnsupportedType => (200, "Unsupported message type"),
            Self::UnsupportedProcessing => (202, "Unsupported processing id"),
            Self::UnsupportedVersion => (203, "Unsupported version id"),
            Self::UnknownKey => (204, "Unknown key identifier"),
            Self::Internal => (207, "Application internal error"),
        }
    }
}

/// One fault of a message and its location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub condition: Condition,
    /// The name of the segment.
    pub segment: String,
    /// Its occurrence number among segments of that name, from 1.
    pub occurrence: usize,
    pub field: Option<usize>,
    pub component: Option<usize>,
    pub text: String,
}

impl Fault {
    /// A fault in a field of the first segment of that name.
    pub fn at(condition: Condition, segment: &str, field: usize, words: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::in_segment(condition, segment, 1, words) }
    }

    /// A fault of a whole segment.
    pub fn in_segment(condition: Condition, segment: &str, occurrence: usize, words: impl Into<String>) -> Self {
        Self { condition, segment: segment.to_owned(), occurrence, field: None, component: None, text: words.into() }
    }

    /// The location as `PID-3`, `PV1[2]` or `MSH-9.1`.
    pub fn location(&self) -> String {
        let occurrence = if self.occurrence > 1 { format!("[{}]", self.occurrence) } else { String::new() };
        let field = self.field.map_or(String::new(), |field| format!("-{field}"));
        let component = self.component.map_or(String::new(), |component| format!(".{component}"));
        format!("{}{occurrence}{field}{component}", self.segment)
    }
}
