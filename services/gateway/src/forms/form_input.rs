//! What a form sent, by the names of its fields. It may hold passwords and keys, so it has no `Debug`, and no text about a
//! problem may repeat any of it.

use std::{collections::BTreeMap, str::FromStr};

use lcr_contracts::partners::organisation::Site;
use lcr_model::{Dataset, OdsCode};
use serde::Deserialize;

/// The name of the hidden field that says which form of a page was sent.
pub(crate) const ACT: &str = "act";
/// The name of the hidden field with the row that a form belongs to.
pub(crate) const ROW: &str = "row";

/// The fields of a form. A checkbox that is not ticked is missing.
#[derive(Clone, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Values(BTreeMap<String, String>);

impl Values {
    /// The text of a field without spaces at its ends. Empty if it was not sent.
    pub fn text(&self, name: &str) -> String {
        trimmed(self.unchanged(name))
    }

    /// A password or a key as it was typed.
    pub fn unchanged(&self, name: &str) -> &str {
        self.0.get(name).map(String::as_str).unwrap_or_default()
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The text, or `None` if there is none.
    pub fn optional(&self, name: &str) -> Option<String> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    /// Which form of the page was sent.
    pub fn act(&self) -> String {
        self.text(ACT)
    }

    pub fn row(&self) -> String {
        self.text(ROW)
    }

    /// The id of the form that was sent.
    pub fn form_id(&self) -> String {
        form_id(&self.act(), &self.row())
    }

    /// The lines of a text that are not empty.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect()
    }

    /// The datasets whose checkbox is ticked: `gives-medications` for the prefix `gives`.
    pub fn datasets<B: FromIterator<Dataset>>(&self, prefix: &str) -> B {
        Dataset::ALL.iter().copied().filter(|dataset| self.has(&format!("{prefix}-{dataset}"))).collect()
    }

    /// The named values whose checkbox is ticked.
    pub fn ticked<T: Copy + std::fmt::Display>(&self, prefix: &str, all: &[T]) -> Vec<T> {
        all.iter().copied().filter(|one| self.has(&format!("{prefix}-{one}"))).collect()
    }

    /// What the names of the ticked checkboxes of this prefix end with: `user-1` of `tester-user-1`.
    pub fn ticked_names(&self, prefix: &str) -> Vec<String> {
        let ends = self.0.keys().filter_map(|name| name.strip_prefix(prefix)?.strip_prefix('-'));
        ends.map(str::to_owned).collect()
    }

    /// A value of a closed list, or what to do about it.
    pub fn one_of<T: FromStr>(&self, name: &str, problem: &str) -> Result<T, String> {
        self.text(name).parse().map_err(|_| problem.to_owned())
    }

    /// The ODS codes of a text, one a line or with commas between.
    pub fn ods_codes<B: FromIterator<OdsCode>>(&self, name: &str, label: &str) -> Result<B, String> {
        let text = self.text(name);
        let codes = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|code| !code.is_empty());
        codes.map(|code| OdsCode::parse(code).ok_or_else(|| bad_ods(label))).collect()
    }

    /// An ODS code that may be left out.
    pub fn optional_ods(&self, name: &str, label: &str) -> Result<Option<OdsCode>, String> {
        self.optional(name).map(|code| OdsCode::parse(&code).ok_or_else(|| bad_ods(label))).transpose()
    }

    /// Sites, one a line: the code and then the name.
    pub fn sites(&self, name: &str) -> Result<Vec<Site>, String> {
        let problem = |at: usize| format!("Line {} of the sites is not an ODS code and a name.", at + 1);
        self.lines(name).iter().enumerate().map(|(at, line)| site(line).ok_or_else(|| problem(at))).collect()
    }

    /// Pairs of a text, one a line with a sign between.
    pub fn pairs(&self, name: &str, sign: char, label: &str) -> Result<Vec<(String, String)>, String> {
        let pair = |line: &str| {
            let (left, right) = line.split_once(sign)?;
            let (left, right) = (left.trim().to_owned(), right.trim().to_owned());
            (!left.is_empty() && !right.is_empty()).then_some((left, right))
        };
        let problem = |at: usize| format!("Line {} of {label} is not two texts with {sign} between them.", at + 1);
        self.lines(name).iter().enumerate().map(|(at, line)| pair(line).ok_or_else(|| problem(at))).collect()
    }
}

/// Browsers send a line break as two characters, and count it as one.
pub(crate) fn trimmed(text: &str) -> String {
    text.replace("\r\n", "\n").trim().to_owned()
}

/// The id of a form on its page.
pub(crate) fn form_id(act: &str, row: &str) -> String {
    if row.is_empty() { act.to_owned() } else { format!("{act}-{row}") }
}

fn site(line: &str) -> Option<Site> {
    let (code, title) = line.split_once(char::is_whitespace)?;
    let (ods, title) = (OdsCode::parse(code)?, title.trim());
    (!title.is_empty()).then(|| Site { ods, name: title.to_owned() })
}

fn bad_ods(label: &str) -> String {
    format!("{label}: an ODS code has 3 to 12 letters and digits.")
}

#[cfg(test)]
#[path = "form_input_tests.rs"]
mod tests;
