//! A table as the templates draw it. No cell can be empty: a cell without words says why, by construction.

use std::borrow::Cow;

/// The heading of a column: ours, or a label that a hospital's profile gives.
pub type Heading = Cow<'static, str>;

/// Headings of ours.
pub fn headings(of: &[&'static str]) -> Vec<Heading> {
    of.iter().copied().map(Cow::Borrowed).collect()
}

/// A table with its caption; `empty` is shown instead when there are no rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    /// What a reader should know of all its rows.
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

/// One cell: lines of text, the first perhaps a link, and a quiet line beneath.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    lines: Vec<String>,
    pub href: Option<String>,
    pub quiet: bool,
    pub nowrap: bool,
    pub remark: Option<String>,
    /// Whose word it is and from when, told where the pointer rests.
    pub title: Option<String>,
    /// What a source forbids or asks to heed.
    pub marks: Vec<&'static str>,
    /// Comments of a source, always in sight.
    pub notes: Vec<String>,
    /// What can be unfolded beneath.
    pub rest: Option<Rest>,
    /// What a reader can do about the row.
    pub action: Option<Action>,
}

/// A form of one button.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    pub path: &'static str,
    pub words: &'static str,
    /// Whom it is about, for a reader who only hears the button.
    pub about: String,
    /// Fields by name, the form token among them.
    pub fields: Vec<(&'static str, String)>,
}

/// Whatever else a source says of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rest {
    /// What it is about, for who only hears the words.
    pub of: String,
    pub lines: Vec<(String, String)>,
    /// Names of what is not shown.
    pub left_out: Vec<String>,
    /// The page of the item as sent.
    pub as_sent: String,
}

impl Rest {
    /// "More from the source", and how much is not shown.
    pub fn summary(&self) -> String {
        let count =
            |things: usize| if things == 1 { "1 thing".to_owned() } else { format!("{things} things") };
        match (self.lines.is_empty(), self.left_out.len()) {
            (false, 0) => "More from the source".into(),
            (false, many) => format!("More from the source, and {} not shown", count(many)),
            (true, many) => format!("{} not shown", count(many)),
        }
    }
}

impl Cell {
    /// The text, or the words for its absence.
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
            rest: None,
            action: None,
        }
    }

    /// A text that is always there.
    pub fn said(text: impl Into<String>) -> Self {
        Self::or(Some(text.into()), "not recorded")
    }

    /// Several lines; none at all is "not recorded".
    pub fn lines(lines: Vec<String>) -> Self {
        let lines: Vec<String> = lines.into_iter().filter(|line| !line.trim().is_empty()).collect();
        if lines.is_empty() {
            Self::or(None, "not recorded")
        } else {
            Self { lines, ..Self::or(None, "not recorded") }.loud()
        }
    }

    fn loud(mut self) -> Self {
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
    pub fn to(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    #[must_use]
    pub fn remarked(mut self, remark: Option<String>) -> Self {
        self.remark = remark;
        self
    }

    #[must_use]
    pub fn titled(mut self, title: Option<String>) -> Self {
        self.title = title;
        self
    }

    #[must_use]
    pub fn heeded(mut self, marks: Vec<&'static str>, notes: Vec<String>) -> Self {
        self.marks = marks;
        self.notes = notes;
        self
    }

    #[must_use]
    pub fn with_rest(mut self, rest: Option<Rest>) -> Self {
        self.rest = rest;
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
        for cell in
            [Cell::or(None, "not sent"), Cell::said(" "), Cell::lines(vec![]), Cell::lines(vec![" ".into()])]
        {
            assert!(!cell.text().is_empty() && cell.text().iter().all(|line| !line.trim().is_empty()));
            assert!(cell.quiet);
        }
    }
}
