//! Finds the current name, address, telecoms and NHS number of a FHIR `Patient` or `RelatedPerson`. It never takes a former
//! value for the current one.

mod nhs_number;
mod period;

use jiff::Timestamp;
use lcr_fhir::read;
use serde_json::Value;

pub use nhs_number::{is_nhs_number_system, is_nhs_number_verified, nhs_number};
pub use period::period_boundaries;

/// The current name: official, else usual, else one without use, else a nickname, a temporary or an anonymous one.
pub fn current_name(patient: &Value, now: Timestamp) -> Option<&Value> {
    let rank = |name: &Value| match read::str_at(name, "use") {
        Some("official") => Some(0),
        Some("usual") => Some(1),
        None => Some(2),
        Some("nickname") => Some(3),
        Some("temp") => Some(4),
        Some("anonymous") => Some(5),
        Some(_) => None,
    };
    let has_name = |name: &Value| {
        let (family, given) = family_and_given(name);
        !family.is_empty() || !given.is_empty()
    };
    best_current(read::list(patient, "name"), now, rank, has_name)
}

/// The current address: home first, physical before postal. Never an old or a temporary one.
pub fn current_address(patient: &Value, now: Timestamp) -> Option<&Value> {
    let rank = |address: &Value| {
        let used = match read::str_at(address, "use") {
            Some("home") => 0,
            None => 2,
            Some("billing" | "work") => 4,
            Some(_) => return None,
        };
        Some(used + u8::from(read::str_at(address, "type") == Some("postal")))
    };
    let has_place = |address: &Value| {
        ["text", "line.0", "city", "postalCode"].iter().any(|path| read::str_at(address, path).is_some())
    };
    best_current(read::list(patient, "address"), now, rank, has_place)
}

/// The current telecoms in the source's order of preference. Never an old one.
pub fn current_telecoms(patient: &Value, now: Timestamp) -> Vec<&Value> {
    let is_current = |one: &&Value| {
        read::str_at(one, "use") != Some("old") && read::str_at(one, "value").is_some() && period::is_current(one, now)
    };
    let mut telecoms: Vec<&Value> = read::list(patient, "telecom").iter().filter(is_current).collect();
    let preferred = |one: &&Value| read::at(one, "rank").and_then(Value::as_u64).unwrap_or(u64::MAX);
    telecoms.sort_by_key(preferred);
    telecoms
}

/// The family name and the given names of a `HumanName`. A name that is only text is split.
pub fn family_and_given(name: &Value) -> (String, String) {
    let family = read::text(name, "family").unwrap_or_default();
    let given: Vec<&str> = read::list(name, "given").iter().filter_map(Value::as_str).collect();
    let given = given.join(" ");
    if !family.is_empty() || !given.trim().is_empty() {
        return (family.trim().to_owned(), given.trim().to_owned());
    }
    read::str_at(name, "text").map(split_name_text).unwrap_or_default()
}

/// Splits `SMITH, Fredrica (Mrs)` or `Mrs Fredrica Smith`. Without a comma the last word is the family name, with any
/// particles before it (`van der Berg`).
fn split_name_text(text: &str) -> (String, String) {
    let plain = text.split('(').next().unwrap_or_default();
    let words_of = |part: &str| part.split_whitespace().map(str::to_owned).collect::<Vec<String>>();
    if let Some((family, given)) = plain.split_once(',') {
        let given: Vec<String> =
            words_of(&given.replace(',', " ")).into_iter().filter(|word| !is_title(word)).collect();
        return (words_of(family).join(" "), given.join(" "));
    }
    let words: Vec<String> = words_of(plain).into_iter().skip_while(|word| is_title(word)).collect();
    let Some(last) = words.len().checked_sub(1) else { return (String::new(), String::new()) };
    let particle = |word: &String| word.chars().all(char::is_lowercase);
    let particles = words[..last].iter().rev().take_while(|word| particle(word)).count();
    // Particles cannot be recognised if the whole text is in lower case.
    let family_at = if particles == last { last } else { last - particles };
    (words[family_at..].join(" "), words[..family_at].join(" "))
}

fn is_title(word: &str) -> bool {
    const TITLES: [&str; 15] = [
        "mr",
        "mrs",
        "miss",
        "ms",
        "mx",
        "master",
        "dr",
        "prof",
        "professor",
        "sir",
        "dame",
        "lord",
        "lady",
        "rev",
        "revd",
    ];
    TITLES.contains(&word.trim_end_matches('.').to_lowercase().as_str())
}

/// The best-ranked current value. Of equals the one with the latest start wins, then the first.
fn best_current(
    all: &[Value],
    now: Timestamp,
    rank: impl Fn(&Value) -> Option<u8>,
    has_content: impl Fn(&Value) -> bool,
) -> Option<&Value> {
    let current = all.iter().filter(|one| has_content(one) && period::is_current(one, now));
    let ranked = current.filter_map(|one| Some((rank(one)?, std::cmp::Reverse(period::start(one)), one)));
    ranked.min_by_key(|(rank, start, _)| (*rank, *start)).map(|(.., one)| one)
}

#[cfg(test)]
#[path = "person_tests.rs"]
mod tests;
