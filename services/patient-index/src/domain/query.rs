//! Parses a search from one box or from fields. A search that would match too many people is refused with advice, and a
//! missing field must never widen a search. Text that is too long is refused before it is parsed, so that no search
//! is expensive.

use jiff::civil::Date;
use lcr_contracts::patient_index::SearchQuery;
use lcr_model::{NhsNumber, nhs_number::NhsNumberError};
use thiserror::Error;

use super::normalise;

/// The most characters and the most words in the box.
const MAX_BOX: (usize, usize) = (200, 20);
/// The most characters in a field.
const MAX_FIELD_LENGTH: usize = 100;
/// The most words in a date: three in `14 July 1945`, and one to spare for `14 July 1945 .`.
const MAX_DATE_WORDS: usize = 4;

/// A search that can be run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Search {
    NhsNumber(NhsNumber),
    /// The family name's key, the start of the given name's key (may be empty), and the birth date.
    Name {
        family: String,
        given: String,
        birth_date: Date,
    },
    /// The postcode's key, with the family name's key if one was given.
    Postcode {
        postcode: String,
        family: String,
        birth_date: Option<Date>,
    },
}

impl Search {
    /// What the search matched on, as text.
    pub fn description(&self) -> &'static str {
        match self {
            Self::NhsNumber(_) => "NHS number",
            Self::Name { given, .. } if given.is_empty() => "family name and date of birth",
            Self::Name { .. } => "name and date of birth",
            Self::Postcode { family, .. } if family.is_empty() => "postcode",
            Self::Postcode { .. } => "postcode and name",
        }
    }
}

/// Why a search cannot be run. It must never repeat the input.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum QueryError {
    #[error("Check the NHS number: {0}.")]
    NhsNumber(NhsNumberError),
    #[error("Check the date of birth: write it as 14-Jul-1945, 14/07/1945 or 1945-07-14.")]
    BirthDate,
    #[error("Check the postcode.")]
    Postcode,
    #[error("Give an NHS number, a family name and a date of birth, or a postcode.")]
    TooLittle,
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
pub fn parse(query: &SearchQuery) -> Result<Search, QueryError> {
    check_lengths(query)?;
    let filled =
        |field: &Option<String>| field.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
    if let Some(number) = filled(&query.nhs_number) {
        return NhsNumber::parse(&number).map(Search::NhsNumber).map_err(QueryError::NhsNumber);
    }
    let family = filled(&query.family).map(|text| normalise::name(&text)).unwrap_or_default();
    let given = filled(&query.given).map(|text| normalise::name(&text)).unwrap_or_default();
    let birth_date =
        filled(&query.birth_date).map(|text| parse_date(&text).ok_or(QueryError::BirthDate)).transpose()?;
    if let Some(text) = filled(&query.postcode) {
        let postcode = normalise::postcode(&text);
        let known = !postcode.is_empty();
        return known.then_some(Search::Postcode { postcode, family, birth_date }).ok_or(QueryError::Postcode);
    }
    match (family.is_empty(), birth_date) {
        (false, Some(birth_date)) => Ok(Search::Name { family, given, birth_date }),
        (true, None) if given.is_empty() => {
            filled(&query.q).map_or(Err(QueryError::TooLittle), |text| parse_box(&text))
        }
        _ => Err(QueryError::TooLittle),
    }
}

/// `943 476 5919`, `Smith 14/07/1945`, `Smith, Fredrica 14-Jul-1945`, `Fredrica Smith 1945-07-14`, `LS1 4AP`.
fn parse_box(text: &str) -> Result<Search, QueryError> {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let letters = text.chars().filter(|c| c.is_alphabetic()).count();
    if letters == 0 && digits >= 9 && !text.contains('/') {
        return NhsNumber::parse(text).map(Search::NhsNumber).map_err(QueryError::NhsNumber);
    }
    let postcode = normalise::postcode(text);
    if !postcode.is_empty() {
        return Ok(Search::Postcode { postcode, family: String::new(), birth_date: None });
    }
    // Digits next to a name are meant as a date, so the error names the date.
    let error = if letters > 0 && digits >= 4 { QueryError::BirthDate } else { QueryError::TooLittle };
    let (names, birth_date) = split_date(text).ok_or(error)?;
    let (family, given) = split_name(&names);
    let family = normalise::name(&family);
    if family.is_empty() {
        return Err(QueryError::TooLittle);
    }
    Ok(Search::Name { family, given: normalise::name(&given), birth_date })
}

/// The longest run of at most four words at the end that is a date, and the text before it.
fn split_date(text: &str) -> Option<(String, Date)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    (words.len().saturating_sub(MAX_DATE_WORDS)..words.len()).find_map(|at| {
        let birth_date = parse_date(&words[at..].join(" "))?;
        Some((words[..at].join(" "), birth_date))
    })
}

/// `Smith, Fredrica` or `Fredrica Smith`.
fn split_name(names: &str) -> (String, String) {
    match names.split_once(',') {
        Some((family, given)) => (family.to_owned(), given.to_owned()),
        None => match names.trim().rsplit_once(' ') {
            Some((given, family)) => (family.to_owned(), given.split(' ').next().unwrap_or_default().to_owned()),
            None => (names.to_owned(), String::new()),
        },
    }
}

/// A full date in one of the usual British forms.
fn parse_date(text: &str) -> Option<Date> {
    const FORMS: [&str; 7] = ["%Y-%m-%d", "%d/%m/%Y", "%d-%b-%Y", "%d %b %Y", "%d %B %Y", "%d-%m-%Y", "%d.%m.%Y"];
    let text = text.trim();
    FORMS.iter().find_map(|form| Date::strptime(form, text).ok()).filter(|date| (1850..=2200).contains(&date.year()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn boxed(text: &str) -> Result<Search, QueryError> {
        parse(&SearchQuery { q: Some(text.to_owned()), ..SearchQuery::default() })
    }

    #[test]
    fn the_box_parses_what_people_type() {
        let named = Search::Name {
            family: "SMITH".into(),
            given: "FREDRICA".into(),
            birth_date: jiff::civil::date(1945, 7, 14),
        };
        for text in ["Smith, Fredrica 14-Jul-1945", "fredrica smith 14/07/1945", "Fredrica Smith 14 July 1945"] {
            assert_eq!(boxed(text).as_ref(), Ok(&named), "{text}");
        }
        assert!(matches!(boxed("943 476 5919"), Ok(Search::NhsNumber(_))));
        assert!(matches!(boxed("ls1 4ap"), Ok(Search::Postcode { .. })));
    }

    #[test]
    fn too_little_input_is_refused_with_advice() {
        assert_eq!(boxed("Smith"), Err(QueryError::TooLittle));
        assert!(matches!(boxed("9434765918"), Err(QueryError::NhsNumber(_))));
        let family_only = SearchQuery { family: Some("Smith".into()), ..SearchQuery::default() };
        assert_eq!(parse(&family_only), Err(QueryError::TooLittle));
    }

    type Field = fn(String) -> SearchQuery;

    #[test]
    fn text_that_is_too_long_is_refused_before_parsing() {
        assert_eq!(boxed(&"1945-07-14 ".repeat(10_000)), Err(QueryError::BoxTooLong));
        assert_eq!(boxed(&"x".repeat(201)), Err(QueryError::BoxTooLong));
        assert_eq!(boxed(&"a ".repeat(21)), Err(QueryError::BoxTooLong));
        assert_eq!(boxed(&"x".repeat(200)), Err(QueryError::TooLittle));
        let fields: [(&str, Field); 5] = [
            ("The NHS number", |text| SearchQuery { nhs_number: Some(text), ..SearchQuery::default() }),
            ("The family name", |text| SearchQuery { family: Some(text), ..SearchQuery::default() }),
            ("The first name", |text| SearchQuery { given: Some(text), ..SearchQuery::default() }),
            ("The date of birth", |text| SearchQuery { birth_date: Some(text), ..SearchQuery::default() }),
            ("The postcode", |text| SearchQuery { postcode: Some(text), ..SearchQuery::default() }),
        ];
        for (name, with) in fields {
            assert_eq!(parse(&with("9".repeat(101))), Err(QueryError::FieldTooLong(name)));
            assert_ne!(parse(&with("9".repeat(100))), Err(QueryError::FieldTooLong(name)));
        }
    }

    #[test]
    fn a_date_is_found_only_in_the_last_four_words() {
        let early = "14 July 1945 one two three four five Smith";
        assert_eq!(boxed(early), Err(QueryError::BirthDate));
    }

    proptest! {
        #[test]
        fn no_text_makes_the_parser_panic(text in ".*") {
            let _ = boxed(&text);
        }

        #[test]
        fn a_missing_field_never_widens_a_search(given in "[A-Z]{0,8}") {
            let query = SearchQuery { given: Some(given), ..SearchQuery::default() };
            prop_assert_eq!(parse(&query), Err(QueryError::TooLittle));
        }
    }
}
