//! Reads a date of birth as people in Britain write it. A year of two digits is always one of the past, and where two
//! centuries fit, both are returned: a search must not miss a person because of the century.

use jiff::civil::{Date, date};

/// Nobody older is alive, and two digits then mean one or two years.
const OLDEST_YEARS: i16 = 120;
const FIRST_YEAR: i16 = 1850;
const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The dates that the text can mean, newest first; none if it is no date or lies after `today`.
pub fn parse(text: &str, today: Date) -> Vec<Date> {
    let parts = split_parts(text);
    let (year, month, day) = match parts.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [year, month, day] if year.len() == 4 && is_number(year) => (*year, *month, *day),
        [day, month, year] => (*year, *month, *day),
        [all] if all.len() == 8 && is_number(all) => return parse_digits(all, today),
        _ => return vec![],
    };
    let (Some(month), Some(day)) = (parse_month(month), parse_small(day)) else { return vec![] };
    possible_years(year, today).into_iter().filter_map(|year| past_date(year, month, day, today)).collect()
}

/// `14071945` or `19450714`.
fn parse_digits(all: &str, today: Date) -> Vec<Date> {
    let number = |from: usize, until: usize| all.get(from..until).and_then(|part| part.parse::<i16>().ok());
    let small = |from: usize| number(from, from + 2).and_then(|number| i8::try_from(number).ok());
    let of = |year: Option<i16>, month: Option<i8>, day: Option<i8>| past_date(year?, month?, day?, today);
    let british = of(number(4, 8), small(2), small(0));
    british.or_else(|| of(number(0, 4), small(4), small(6))).into_iter().collect()
}

fn past_date(year: i16, month: i8, day: i8, today: Date) -> Option<Date> {
    Date::new(year, month, day).ok().filter(|born| *born >= date(FIRST_YEAR, 1, 1) && *born <= today)
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn parse_small(text: &str) -> Option<i8> {
    text.parse().ok().filter(|_| is_number(text) && text.len() <= 2)
}

/// A number, or at least three letters of an English month.
fn parse_month(text: &str) -> Option<i8> {
    let by_name = || {
        let at = MONTHS.iter().position(|month| text.len() >= 3 && month.starts_with(text))?;
        i8::try_from(at + 1).ok()
    };
    parse_small(text).or_else(by_name)
}

/// A year of four digits, or the years of the last 120 that two digits can mean.
fn possible_years(text: &str, today: Date) -> Vec<i16> {
    let Some(number) = text.parse::<i16>().ok().filter(|_| is_number(text)) else { return vec![] };
    match text.len() {
        4 => vec![number],
        2 => {
            let this_century = today.year() - today.year().rem_euclid(100) + number;
            let fits = |year: &i16| *year <= today.year() && *year >= today.year() - OLDEST_YEARS;
            [this_century, this_century - 100].into_iter().filter(fits).collect()
        }
        _ => vec![],
    }
}

/// The words and numbers of a date in lower case: `14th Jul-1945` is `14`, `jul`, `1945`.
fn split_parts(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![];
    let mut last = None;
    for letter in text.chars() {
        let kind = if letter.is_ascii_digit() {
            Some('0')
        } else if letter.is_alphabetic() {
            Some('a')
        } else {
            None
        };
        match (kind, last == kind, parts.last_mut()) {
            (None, _, _) => {}
            (Some(_), true, Some(part)) => part.extend(letter.to_lowercase()),
            (Some(_), _, _) => parts.push(letter.to_lowercase().collect()),
        }
        last = kind;
    }
    // `14th`, `of`
    parts.retain(|part| !matches!(part.as_str(), "st" | "nd" | "rd" | "th" | "of"));
    parts
}

#[cfg(test)]
#[path = "birth_date_tests.rs"]
mod tests;
