//! A table as the templates draw it. No cell can be empty: a cell without words says why, by construction.

/// A table with its caption; `empty` is shown instead when there are no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub caption: String,
    pub columns: Vec<&'static str>,
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
