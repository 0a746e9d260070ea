//! Parses a search from one box or from fields. A search that would match too many people is refused with advice, and a
//! missing field must never widen a search. Text that is too long is refused before it is parsed, so that no search
//! is expensive.

use jiff::civil::Date;
use lcr_contracts::patient_index::SearchQuery;
use lcr_model::{NhsNumber, nhs_number::NhsNumberError};
use thiserror::Error;

use super::normalise;

mod birth_date;
mod free_text;

/// The most characters and the most words in the box.
const MAX_BOX: (usize, usize) = (200, 20);
/// The most characters in a field.
const MAX_FIELD_LENGTH: usize = 100;

/// A search that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    NhsNumber(NhsNumber),
    /// Any of these names with any of these birth dates.
    Name {
        names: Vec<PersonName>,
        birth_dates: Vec<Date>,
    },
    /// The postcode's key. Names and birth dates narrow the search if there are any.
    Postcode {
        postcode: String,
        names: Vec<PersonName>,
        birth_dates: Vec<Date>,
    },
}

/// One way to read a name: the family name's key, and the start of the given name's key, which may be empty.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PersonName {
    pub family: String,
    pub given: String,
}

impl Search {
    /// What the search matched on, as text.
    pub fn description(&self) -> &'static str {
        match self {
            Self::NhsNumber(_) => "NHS number",
            Self::Name { names, .. } if names.iter().all(|name| name.given.is_empty()) => {
                "family name and date of birth"
            }
            Self::Name { .. } => "name and date of birth",
            Self::Postcode { names, .. } if names.is_empty() => "postcode",
            Self::Postcode { .. } => "postcode and name",
        }
    }
}

/// Why a search cannot be run. It must never repeat the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QueryError {
    #[error("Check the NHS number: {0}.")]
    NhsNumber(NhsNumberError),
    #[error("Check the date of birth: write it as 14-Jul-1945, 14/07/1945 or 14/7/45.")]
    BirthDate,
    #[error("Check the postcode.")]
    Postcode,
    #[error("Give an NHS number, a family name and a date of birth, or a postcode.")]
    TooLittle,
    #[error("Add a date of birth, for example 14-Jul-1945, or search by NHS number.")]
    NeedsBirthDate,
    #[error("Add a family name to the date of birth, or search by NHS number.")]
    NeedsName,
    #[error("Add a family name and a date of birth, or search by NHS number.")]
    NeedsNameAndBirthDate,
    #[error("Write at most six names: a family name and one given name are enough.")]
    TooManyNames,
    #[error("Search for less: the search box takes at most 200 characters and 20 words.")]
    BoxTooLong,
    #[error("{0} is too long: write at most 100 characters.")]
    FieldTooLong(&'static str),
}

/// Refuses text that is too long. It checks only lengths.
fn check_lengths(query: &SearchQuery) -> Result<(), QueryError> {
    let longer = |text: &str, most: usize| text.chars().nth(most).is_some();
    let fields = [
        ("The NHS number", &query.nhs_number),
        ("The family name", &query.family),
        ("The first name", &query.given),
        ("The date of birth", &query.birth_date),
        ("The postcode", &query.postcode),
    ];
    for (name, field) in fields {
        if field.as_deref().is_some_and(|text| longer(text, MAX_FIELD_LENGTH)) {
            return Err(QueryError::FieldTooLong(name));
        }
    }
    let (characters, words) = MAX_BOX;
    let too_long = |text: &str| longer(text, characters) || text.split_whitespace().nth(words).is_some();
    if query.q.as_deref().is_some_and(too_long) { Err(QueryError::BoxTooLong) } else { Ok(()) }
}

/// Parses a query. The box (`q`) counts only if all fields are empty.
pub fn parse(query: &SearchQuery, today: Date) -> Result<Search, QueryError> {
    check_lengths(query)?;
    let filled =
        |field: &Option<String>| field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(number) = filled(&query.nhs_number) {
        return NhsNumber::parse(&number).map(Search::NhsNumber).map_err(QueryError::NhsNumber);
    }
    let family = filled(&query.family).map(|text| normalise::name(&text)).unwrap_or_default();
    let given = filled(&query.given).map(|text| normalise::name(&text)).unwrap_or_default();
    let birth_dates = filled(&query.birth_date).map(|text| birth_date::parse(&text, today)).unwrap_or_default();
    if birth_dates.is_empty() && filled(&query.birth_date).is_some() {
        return Err(QueryError::BirthDate);
    }
    if let Some(text) = filled(&query.postcode) {
        let postcode = normalise::postcode(&text);
        let names = if family.is_empty() { vec![] } else { vec![PersonName { family, given: String::new() }] };
        let known = !postcode.is_empty();
        return known.then_some(Search::Postcode { postcode, names, birth_dates }).ok_or(QueryError::Postcode);
    }
    match (family.is_empty(), birth_dates.is_empty()) {
        (false, false) => Ok(Search::Name { names: vec![PersonName { family, given }], birth_dates }),
        (false, true) => Err(QueryError::NeedsBirthDate),
        (true, false) => Err(QueryError::NeedsName),
        (true, true) if !given.is_empty() => Err(QueryError::NeedsNameAndBirthDate),
        (true, true) => filled(&query.q).map_or(Err(QueryError::TooLittle), |text| free_text::parse(&text, today)),
    }
}

#[cfg(test)]
#[path = "query_tests.rs"]
mod tests;
