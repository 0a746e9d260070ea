//! A problem of one field of a form, for the error summary of a page. Its text must never repeat what was typed.

/// What is wrong with a field, by the field's id on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FieldProblem {
    pub field: String,
    pub text: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, text: impl Into<String>) -> Self {
        Self { field: field.into(), text: text.into() }
    }
}
