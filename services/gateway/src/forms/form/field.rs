//! One field of a form: its kind, its choices and its value.

/// How a field is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FieldKind {
    Line,
    Long,
    Password,
    /// A key or a certificate: several lines that are never filled in again.
    LongSecret,
    Select,
    Radios,
    /// Checkboxes, each with a name of its own.
    Checks,
}

/// One of several choices, or one checkbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Choice {
    pub id: String,
    pub name: String,
    pub value: String,
    pub words: String,
    pub chosen: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub kind: FieldKind,
    pub id: String,
    pub name: String,
    pub label: &'static str,
    pub hint: &'static str,
    pub value: String,
    pub choices: Vec<Choice>,
}

impl Field {
    pub fn is_line(&self) -> bool {
        matches!(self.kind, FieldKind::Line | FieldKind::Password)
    }

    pub fn is_long(&self) -> bool {
        matches!(self.kind, FieldKind::Long | FieldKind::LongSecret)
    }

    pub fn is_select(&self) -> bool {
        self.kind == FieldKind::Select
    }

    pub fn is_radios(&self) -> bool {
        self.kind == FieldKind::Radios
    }

    pub fn input_type(&self) -> &'static str {
        if self.kind == FieldKind::Password { "password" } else { "text" }
    }

    pub fn autocomplete(&self) -> &'static str {
        if self.kind == FieldKind::Password { "new-password" } else { "off" }
    }
}
