//! Why a message is not accepted, and where in it: HL7 table 0357 and a place by segment and field. Words are
//! ours; nothing of what was sent is repeated.

/// Table 0357.
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
    /// The code and its words in the table.
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

/// What is wrong, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    pub condition: Condition,
    /// The segment, by name.
    pub segment: String,
    /// The how-manieth of its name, from 1.
    pub occurrence: usize,
    pub field: Option<usize>,
    pub component: Option<usize>,
    pub words: String,
}

impl Fault {
    /// At a field of the first segment of that name.
    pub fn at(condition: Condition, segment: &str, field: usize, words: impl Into<String>) -> Self {
        Self { field: Some(field), ..Self::in_segment(condition, segment, 1, words) }
    }

    /// At a segment as a whole.
    pub fn in_segment(
        condition: Condition,
        segment: &str,
        occurrence: usize,
        words: impl Into<String>,
    ) -> Self {
        Self {
            condition,
            segment: segment.to_owned(),
            occurrence,
            field: None,
            component: None,
            words: words.into(),
        }
    }

    /// `PID-3`, `PV1[2]`, `MSH-9.1`.
    pub fn place(&self) -> String {
        let occurrence = if self.occurrence > 1 { format!("[{}]", self.occurrence) } else { String::new() };
        let field = self.field.map_or(String::new(), |field| format!("-{field}"));
        let component = self.component.map_or(String::new(), |component| format!(".{component}"));
        format!("{}{occurrence}{field}{component}", self.segment)
    }
}
