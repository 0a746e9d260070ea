//! Parses the search box: an NHS number, a postcode, or a name and a date of birth, in any order of words. It must
//! never repeat the text in an error.

use std::collections::BTreeSet;

use jiff::civil::Date;
use lcr_model::NhsNumber;

use super::{PersonName, QueryError, Search, birth_date};
use crate::domain::normalise;

/// The most words in a date: `14 July 1945`, and one for a stray full stop.
const MAX_DATE_WORDS: usize = 4;
/// The most words of a name; every pair of them is tried as family and given name.
const MAX_NAME_WORDS: usize = 6;
const DIGITS_OF_NHS_NUMBER: usize = 10;
/// Words beside a name or number that are none.
const LABELS: [&str; 12] = ["mr", "mrs", "miss", "ms", "mx", "dr", "prof", "rev", "dob", "born", "nhs", "no"];

pub fn parse(text: &str, today: Date) -> Result<Search, QueryError> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    if let Some(number) = find_nhs_number(&words) {
        return number;
    }
    let postcode = take_run(&mut words, 2, |run| Some(normalise::postcode(run)).filter(|code| !code.is_empty()));
    let birth_dates = take_run(&mut words, MAX_DATE_WORDS, |run| {
        Some(birth_date::parse(run, today)).filter(|dates| !dates.is_empty())
    });
    // Digits that are left over were meant as a date.
    if words.iter().any(|word| word.chars().any(|c| c.is_ascii_digit())) {
        return Err(QueryError::BirthDate);
    }
    let names = possible_names(&words)?;
    match (postcode, birth_dates) {
        (Some(postcode), birth_dates) => {
            Ok(Search::Postcode { postcode, names, birth_dates: birth_dates.unwrap_or_default() })
        }
        (None, Some(_)) if names.is_empty() => Err(QueryError::NeedsName),
        (None, Some(birth_dates)) => Ok(Search::Name { names, birth_dates }),
        (None, None) if names.is_empty() => Err(QueryError::TooLittle),
        (None, None) => Err(QueryError::NeedsBirthDate),
    }
}

/// Ten digits in a row of words, whatever stands beside them; or digits alone, too many for a date.
fn find_nhs_number(words: &[&str]) -> Option<Result<Search, QueryError>> {
    let is_digits = |word: &&str| {
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '-' | ',' | '.' | ':');
        word.chars().all(plain) && word.chars().any(|c| c.is_ascii_digit())
    };
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).count();
    let parse = |text: &str| {
        let number: String = text.chars().filter(char::is_ascii_digit).collect();
        NhsNumber::parse(&number).map(Search::NhsNumber).map_err(QueryError::NhsNumber)
    };
    for run in words.split(|word| !is_digits(word)) {
        for start in 0..run.len() {
            for end in start + 1..=run.len() {
                let text = run.get(start..end).unwrap_or_default().join(" ");
                if digits(&text) == DIGITS_OF_NHS_NUMBER {
                    return Some(parse(&text));
                }
            }
        }
    }
    let text = words.join(" ");
    let is_number = !text.chars().any(char::is_alphabetic) && !text.contains('/') && digits(&text) > 8;
    is_number.then(|| parse(&text))
}

/// Removes the longest run of words that `read` understands, and returns its meaning.
fn take_run<T>(words: &mut Vec<&str>, most: usize, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    for length in (1..=most.min(words.len())).rev() {
        for start in 0..=words.len() - length {
            if let Some(found) = words.get(start..start + length).and_then(|run| read(&run.join(" "))) {
                words.drain(start..start + length);
                return Some(found);
            }
        }
    }
    None
}

/// Every way to read the words as family and given name. A comma separates them for certain.
fn possible_names(words: &[&str]) -> Result<Vec<PersonName>, QueryError> {
    let text = words.join(" ");
    if let Some((family, given)) = text.split_once(',')
        && !normalise::name(given).is_empty()
        && !normalise::name(family).is_empty()
    {
        let given = name_words(given.split_whitespace());
        let family = name_words(family.split_whitespace()).concat();
        return Ok(vec![PersonName { family, given: given.into_iter().next().unwrap_or_default() }]);
    }
    let words = name_words(words.iter().copied());
    if words.len() > MAX_NAME_WORDS {
        return Err(QueryError::TooManyNames);
    }
    let mut names = BTreeSet::new();
    // One word, or a family name of several: "van der Berg". Two words may stand in either order.
    let reversed: String = words.iter().rev().map(String::as_str).collect();
    let whole = [Some(words.concat()), (words.len() == 2).then_some(reversed)].into_iter().flatten();
    let whole = whole.filter(|family| !family.is_empty());
    names.extend(whole.map(|family| PersonName { family, given: String::new() }));
    for (at, family) in words.iter().enumerate() {
        let others = words.iter().enumerate().filter(|(other, _)| *other != at);
        names.extend(others.map(|(_, given)| PersonName { family: family.clone(), given: given.clone() }));
    }
    for at in 1..words.len() {
        let (front, back) = words.split_at(at);
        let named = |family: &[String], given: &[String]| PersonName {
            family: family.concat(),
            given: given.first().cloned().unwrap_or_default(),
        };
        names.extend([named(front, back), named(back, front)]);
    }
    Ok(names.into_iter().collect())
}

/// The words as keys of names, without titles unless nothing else is left.
fn name_words<'a>(words: impl Iterator<Item = &'a str>) -> Vec<String> {
    let all: Vec<&str> = words.filter(|word| !normalise::name(word).is_empty()).collect();
    let is_label = |word: &str| LABELS.contains(&normalise::name(word).to_lowercase().as_str());
    let kept: Vec<&str> = all.iter().copied().filter(|word| !is_label(word)).collect();
    let kept = if kept.is_empty() { all } else { kept };
    kept.into_iter().map(normalise::name).collect()
}
