//! The columns of a list: which there are, which a reader chose and in what order, and what rows are sorted by. A name
//! that no column has any more is ignored. The patient is always the first column.

use std::cmp::Ordering;

use lcr_contracts::ward::ListSettings;

use crate::view::table::Heading;

/// The name of the column that is always there.
pub const PATIENT: &str = "patient";
/// What the names of a hospital's own fields begin with.
pub const FURTHER: &str = "further-";

/// One column that a list can have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// As settings and queries name it.
    pub name: String,
    pub words: Heading,
}

impl Column {
    pub fn standard(name: &'static str, words: &'static str) -> Self {
        Self { name: name.to_owned(), words: words.into() }
    }

    pub fn further(key: &str, label: &str) -> Self {
        Self { name: format!("{FURTHER}{key}"), words: label.to_owned().into() }
    }

    /// The key of a hospital's own field.
    pub fn key(&self) -> Option<&str> {
        self.name.strip_prefix(FURTHER)
    }
}

/// The columns that the reader chose, in their order; all of them when none was chosen.
pub fn chosen(there_are: &[Column], settings: &ListSettings) -> Vec<Column> {
    let mut chosen: Vec<Column> = there_are.iter().filter(|one| one.name == PATIENT).cloned().collect();
    let others = if settings.columns.is_empty() {
        there_are.to_vec()
    } else {
        let named =
            settings.columns.iter().flat_map(|name| there_are.iter().filter(move |one| one.name == *name));
        named.cloned().collect()
    };
    for column in others {
        if !chosen.contains(&column) {
            chosen.push(column);
        }
    }
    // What was chosen may all be gone: a list of names alone would say that nothing else is known.
    if chosen.len() < 2 { there_are.to_vec() } else { chosen }
}

/// In which order. An empty name is the list's own order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The name of a column.
    pub by: String,
    pub descending: bool,
}

impl Order {
    pub fn by(name: &str) -> Self {
        Self { by: name.to_owned(), descending: false }
    }

    /// Two rows by what they say in the column; a row that says nothing comes last in either direction.
    pub fn compare(&self, a: &Option<Key>, b: &Option<Key>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) if self.descending => b.compare(a),
            (Some(a), Some(b)) => a.compare(b),
            (None, None) => Ordering::Equal,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        }
    }
}

/// What a row is sorted by.
#[derive(Debug, Clone, PartialEq)]
pub enum Key {
    Number(f64),
    /// Figures within a text count by their value.
    Text(Vec<(String, u64)>),
}

impl Key {
    pub fn text(text: &str) -> Self {
        Self::Text(natural(text))
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

/// A text in parts of letters and figures: `J27` → (`J`, 27).
pub fn natural(text: &str) -> Vec<(String, u64)> {
    let mut out: Vec<(String, u64)> = vec![];
    let (mut letters, mut figures): (String, Option<u64>) = (String::new(), None);
    for letter in text.trim().to_uppercase().chars() {
        match (letter.to_digit(10), figures) {
            (Some(digit), so_far) => {
                figures = Some(so_far.unwrap_or(0).saturating_mul(10).saturating_add(u64::from(digit)));
            }
            (None, None) => letters.push(letter),
            (None, Some(number)) => {
                out.push((std::mem::take(&mut letters), number));
                (letters, figures) = (letter.to_string(), None);
            }
        }
    }
    out.push((letters, figures.unwrap_or(0)));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn there_are() -> Vec<Column> {
        let standard =
            [(PATIENT, "Patient"), ("ward", "Where"), ("plan", "Plan")].map(|(a, b)| Column::standard(a, b));
        standard.into_iter().chain([Column::further("news", "NEWS2")]).collect()
    }

    fn names(columns: &[&str]) -> Vec<String> {
        let columns = columns.iter().map(|one| (*one).to_owned()).collect();
        let settings = ListSettings { columns, ..ListSettings::default() };
        chosen(&there_are(), &settings).into_iter().map(|one| one.name).collect()
    }

    #[test]
    fn columns_stand_in_the_readers_order_and_stale_names_are_ignored() {
        assert_eq!(names(&["further-news", "gone", "ward"]), [PATIENT, "further-news", "ward"]);
        assert_eq!(names(&[]), [PATIENT, "ward", "plan", "further-news"], "nothing chosen: all");
        assert_eq!(names(&["gone", "patient"]), [PATIENT, "ward", "plan", "further-news"], "all are stale");
        assert_eq!(names(&["plan", "plan"]), [PATIENT, "plan"], "named twice, shown once");
    }

    #[test]
    fn a_row_that_says_nothing_comes_last_in_either_direction() {
        let (two, ten) = (Some(Key::text("J2")), Some(Key::text("J10")));
        let up = Order::by("ward");
        let down = Order { descending: true, ..up.clone() };
        assert_eq!(up.compare(&two, &ten), Ordering::Less, "figures count by their value");
        assert_eq!(down.compare(&two, &ten), Ordering::Greater);
        assert_eq!([up.compare(&None, &two), down.compare(&None, &two)], [Ordering::Greater; 2]);
        let numbers = [9.0, 10.5].map(|one| Some(Key::Number(one)));
        assert_eq!(up.compare(&numbers[0], &numbers[1]), Ordering::Less);
    }
}
