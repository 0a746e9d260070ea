//! The columns of a ward list: all that exist, those a reader chose, and the order of rows. The patient is always the
//! first column, and a name that no column has is ignored.

use std::cmp::Ordering;

use lcr_contracts::ward::ListSettings;

use crate::layout::table::Heading;

/// The column that every list has.
pub const PATIENT_COLUMN: &str = "patient";
/// The prefix of a column for a hospital's own field.
pub const FURTHER_PREFIX: &str = "further-";

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The name in settings and queries.
    pub name: String,
    pub heading: Heading,
}

impl Column {
    pub fn standard(name: &'static str, heading: &'static str) -> Self {
        Self { name: name.to_owned(), heading: heading.into() }
    }

    pub fn further(key: &str, label: &str) -> Self {
        Self { name: format!("{FURTHER_PREFIX}{key}"), heading: label.to_owned().into() }
    }

    pub fn is_standard(&self) -> bool {
        self.further_key().is_none()
    }

    /// The key of a hospital's own field.
    pub fn further_key(&self) -> Option<&str> {
        self.name.strip_prefix(FURTHER_PREFIX)
    }
}

/// The columns that the reader chose, in their order, or all if the reader chose none.
pub fn chosen_columns(available: &[Column], settings: &ListSettings) -> Vec<Column> {
    let mut chosen: Vec<Column> = available.iter().filter(|one| one.name == PATIENT_COLUMN).cloned().collect();
    let others = if settings.columns.is_empty() {
        available.to_vec()
    } else {
        let by_name = settings.columns.iter().flat_map(|name| available.iter().filter(move |one| one.name == *name));
        by_name.cloned().collect()
    };
    for column in others {
        if !chosen.contains(&column) {
            chosen.push(column);
        }
    }
    // If no chosen column exists any more, patients alone would read as "nothing else is known".
    if chosen.len() < 2 { available.to_vec() } else { chosen }
}

/// The order of rows. An empty column name means the list's own order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    pub column: String,
    pub descending: bool,
}

impl Order {
    pub fn ascending(name: &str) -> Self {
        Self { column: name.to_owned(), descending: false }
    }

    /// Compares two rows. A row without a value comes last in both directions.
    pub fn compare(&self, a: &Option<SortKey>, b: &Option<SortKey>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.descending => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        }
    }
}

/// A row's value in the column that sorts the list.
#[derive(Debug, Clone, PartialEq)]
pub enum SortKey {
    Number(f64),
    /// Letters and numbers in turn, so that numbers sort by value.
    Text(Vec<(String, u64)>),
}

impl SortKey {
    pub fn text(text: &str) -> Self {
        Self::Text(split_numbers(text))
    }

    fn compare(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(a), Self::Number(b)) => a.total_cmp(b),
            (Self::Text(a), Self::Text(b)) => a.cmp(b),
            (Self::Number(_), Self::Text(_)) => Ordering::Less,
            (Self::Text(_), Self::Number(_)) => Ordering::Greater,
        }
    }
}

/// Splits a text into letters and the number after them: `J27` → (`J`, 27).
pub fn split_numbers(text: &str) -> Vec<(String, u64)> {
    let mut out: Vec<(String, u64)> = vec![];
    let (mut letters, mut number): (String, Option<u64>) = (String::new(), None);
    for letter in text.trim().to_uppercase().chars() {
        match (letter.to_digit(10), number) {
            (Some(digit), so_far) => {
                number = Some(so_far.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            }
            (None, None) => letters.push(letter),
            (None, Some(value)) => {
                out.push((std::mem::take(&mut letters), value));
                (letters, number) = (letter.to_string(), None);
            }
        }
    }
    out.push((letters, number.unwrap_or(0)));
    out
}

#[cfg(test)]
#[path = "columns_tests.rs"]
mod tests;
