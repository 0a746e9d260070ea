//! A table whose cells may hold a tag, a link or forms with a button. No cell may be empty: without text it says why.

use crate::forms::form::Form;

/// The state of something, in words. The colour never says more than they do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Tag {
    /// The end of the class `nhsuk-tag--…`.
    pub colour: &'static str,
    pub words: &'static str,
}

/// `empty` is shown instead of a table without rows.
#[derive(Clone)]
pub(crate) struct Grid {
    pub caption: &'static str,
    pub columns: Vec<&'static str>,
    pub rows: Vec<Vec<GridCell>>,
    pub empty: &'static str,
}

/// What a cell says whose forms the reader may not send.
const FOR_ADMINISTRATORS: &str = "an administrator of the organisation changes this";

#[derive(Clone, Default)]
pub(crate) struct GridCell {
    pub lines: Vec<String>,
    pub href: Option<String>,
    pub tag: Option<Tag>,
    pub forms: Vec<Form>,
    /// Whether the reader may send none of its forms.
    pub lacks_forms: bool,
}

impl GridCell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::lines(vec![text.into()])
    }

    /// Several lines. No line at all reads "not recorded".
    pub fn lines(lines: Vec<String>) -> Self {
        let mut lines: Vec<String> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            lines.push("not recorded".to_owned());
        }
        Self { lines, ..Self::default() }
    }

    pub fn or(text: Option<String>, absent: &str) -> Self {
        Self::text(text.filter(|text| !text.trim().is_empty()).unwrap_or_else(|| absent.to_owned()))
    }

    pub fn tag(tag: Tag) -> Self {
        Self { tag: Some(tag), ..Self::default() }
    }

    /// The forms that the reader may send, or the text that says why there is none.
    pub fn forms(mut forms: Vec<Form>, none: &str) -> Self {
        if forms.is_empty() {
            return Self::text(none);
        }
        forms.retain(|form| form.may_send);
        if forms.is_empty() {
            return Self { lacks_forms: true, ..Self::text(FOR_ADMINISTRATORS) };
        }
        Self { forms, ..Self::default() }
    }

    #[must_use]
    pub fn with_link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

#[cfg(test)]
#[path = "grid_tests.rs"]
mod tests;
