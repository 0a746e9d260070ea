//! A table whose cells may hold a tag, a link or forms with a button. No cell may be empty: without text it says why.

use crate::partners::form::Form;

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

#[derive(Clone, Default)]
pub(crate) struct GridCell {
    pub lines: Vec<String>,
    pub href: Option<String>,
    pub tag: Option<Tag>,
    pub forms: Vec<Form>,
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

    /// The forms, or the text that says why there is none.
    pub fn forms(forms: Vec<Form>, none: &str) -> Self {
        if forms.is_empty() { Self::text(none) } else { Self { forms, ..Self::default() } }
    }

    #[must_use]
    pub fn with_link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_ever_empty() {
        let cells =
            [GridCell::text(" "), GridCell::lines(vec![]), GridCell::or(None, "none"), GridCell::forms(vec![], "no")];
        for cell in cells {
            assert!(cell.lines.iter().any(|line| !line.trim().is_empty()));
        }
    }
}
