//! A table as the templates draw it. A cell cannot be empty: without text it must say why.

use std::borrow::Cow;

/// The heading of a column: a fixed text, or a label from a hospital's profile.
pub type Heading = Cow<'static, str>;

pub fn headings(texts: &[&'static str]) -> Vec<Heading> {
    texts.iter().copied().map(Cow::Borrowed).collect()
}

/// `empty` is shown instead of a table without rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    /// A note on all rows.
    pub note: Option<&'static str>,
    pub columns: Vec<Heading>,
    pub rows: Vec<Row>,
    pub empty: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    pub id: String,
    pub cells: Vec<Cell>,
}

/// A cell: lines of text, of which the first may be a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    lines: Vec<String>,
    pub href: Option<String>,
    pub quiet: bool,
    pub nowrap: bool,
    pub remark: Option<String>,
    /// The tooltip: the source and the time.
    pub title: Option<String>,
    /// Warnings from the source on how the item may be used.
    pub marks: Vec<&'static str>,
    /// The source's comments, always visible.
    pub notes: Vec<String>,
    /// Details that unfold below.
    pub more: Option<MoreDetails>,
    /// A button for the row.
    pub action: Option<Action>,
}

/// A form with one button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub path: &'static str,
    pub words: &'static str,
    /// The person concerned, for screen readers.
    pub about: String,
    /// Hidden fields, with the form token.
    pub fields: Vec<(&'static str, String)>,
}

/// The details of an entry that have no column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MoreDetails {
    /// The entry's title, for screen readers.
    pub about: String,
    pub lines: Vec<(String, String)>,
    /// The names of elements that are not shown.
    pub left_out: Vec<String>,
    /// The page that shows the item as sent.
    pub item_href: String,
}

impl MoreDetails {
    /// "More from the source", and the number of elements not shown.
    pub fn summary(&self) -> String {
        let count_things = |things: usize| if things == 1 { "1 thing".to_owned() } else { format!("{things} things") };
        match (self.lines.is_empty(), self.left_out.len()) {
            (false, 0) => "More from the source".into(),
            (false, many) => format!("More from the source, and {} not shown", count_things(many)),
            (true, many) => format!("{} not shown", count_things(many)),
        }
    }
}

impl Cell {
    /// The text, or the reason for its absence.
    pub fn or(text: Option<String>, absent: &'static str) -> Self {
        let text = text.filter(|text| !text.trim().is_empty());
        let quiet = text.is_none();
        Self {
            lines: vec![text.unwrap_or_else(|| absent.to_owned())],
            href: None,
            quiet,
            nowrap: false,
            remark: None,
            title: None,
            marks: Vec::new(),
            notes: Vec::new(),
            more: None,
            action: None,
        }
    }

    /// A text that is always present.
    pub fn new(text: impl Into<String>) -> Self {
        Self::or(Some(text.into()), "not recorded")
    }

    /// Several lines. No line at all reads "not recorded".
    pub fn lines(lines: Vec<String>) -> Self {
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            Self::or(None, "not recorded")
        } else {
            Self { lines, ..Self::or(None, "not recorded") }.not_quiet()
        }
    }

    fn not_quiet(mut self) -> Self {
        self.quiet = false;
        self
    }

    #[must_use]
    pub fn quiet(mut self) -> Self {
        self.quiet = true;
        self
    }

    #[must_use]
    pub fn nowrap(mut self) -> Self {
        self.nowrap = true;
        self
    }

    #[must_use]
    pub fn with_link(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    #[must_use]
    pub fn with_remark(mut self, remark: Option<String>) -> Self {
        self.remark = remark;
        self
    }

    #[must_use]
    pub fn with_title(mut self, title: Option<String>) -> Self {
        self.title = title;
        self
    }

    #[must_use]
    pub fn with_marks(mut self, marks: Vec<&'static str>, notes: Vec<String>) -> Self {
        self.marks = marks;
        self.notes = notes;
        self
    }

    #[must_use]
    pub fn with_more(mut self, more: Option<MoreDetails>) -> Self {
        self.more = more;
        self
    }

    #[must_use]
    pub fn with_action(mut self, action: Option<Action>) -> Self {
        self.action = action;
        self
    }

    pub fn text(&self) -> &[String] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_ever_empty() {
        for cell in [Cell::or(None, "not sent"), Cell::new(" "), Cell::lines(vec![]), Cell::lines(vec![" ".into()])] {
            assert!(!cell.text().is_empty() && cell.text().iter().all(|line| !line.trim().is_empty()));
            assert!(cell.quiet);
        }
    }
}
