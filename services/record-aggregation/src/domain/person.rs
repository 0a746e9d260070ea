//! What a FHIR Patient says of a person now: the name, address, telecoms and NHS number in force at a given time.
//! A former value is never taken for the present one.

mod nhs_number;
mod period;

use jiff::Timestamp;
use lcr_fhir::read;
use serde_json::Value;

pub use nhs_number::{is_nhs_number_system, nhs_number, nhs_number_verified};

/// The name in force: official, else usual, else one without use; a temporary name only where there is no other.
pub fn name_in_force(patient: &Value, now: Timestamp) -> Option<&Value> {
    let rank = |name: &Value| match read::str_at(name, "use") {
        Some("official") => Some(0),
        Some("usual") => Some(1),
        None => Some(2),
        Some("nickname") => Some(3),
        Some("temp") => Some(4),
        Some("anonymous") => Some(5),
        Some(_) => None,
    };
    let says_a_name = |name: &Value| {
        let (family, given) = name_words(name);
        !family.is_empty() || !given.is_empty()
    };
    best_in_force(read::list(patient, "name"), now, rank, says_a_name)
}

/// The address in force: home first, a postal one after a physical one. Never an old or a temporary one.
pub fn address_in_force(patient: &Value, now: Timestamp) -> Option<&Value> {
    let rank = |address: &Value| {
        let used = match read::str_at(address, "use") {
            Some("home") => 0,
            None => 2,
            Some("billing" | "work") => 4,
            Some(_) => return None,
        };
        Some(used + u8::from(read::str_at(address, "type") == Some("postal")))
    };
    let says_a_place = |address: &Value| {
        ["text", "line.0", "city", "postalCode"].iter().any(|path| read::str_at(address, path).is_some())
    };
    best_in_force(read::list(patient, "address"), now, rank, says_a_place)
}

/// The telecoms in force in the order the source prefers. Never an old one.
pub fn telecoms_in_force(patient: &Value, now: Timestamp) -> Vec<&Value> {
    let in_force = |one: &&Value| {
        read::str_at(one, "use") != Some("old")
            && read::str_at(one, "value").is_some()
            && period::in_force(one, now)
    };
    let mut telecoms: Vec<&Value> = read::list(patient, "telecom").iter().filter(in_force).collect();
    let preferred = |one: &&Value| read::at(one, "rank").and_then(Value::as_u64).unwrap_or(u64::MAX);
    telecoms.sort_by_key(preferred);
    telecoms
}

/// The family name and the given names of one `HumanName`; a name that is text alone is split.
pub fn name_words(name: &Value) -> (String, String) {
    let family = read::text(name, "family").unwrap_or_default();
    let given: Vec<&str> = read::list(name, "given").iter().filter_map(Value::as_str).collect();
    let given = given.join(" ");
    if !family.is_empty() || !given.trim().is_empty() {
        return (family.trim().to_owned(), given.trim().to_owned());
    }
    read::str_at(name, "text").map(split_name_text).unwrap_or_default()
}

/// `SMITH, Fredrica (Mrs)` or `Mrs Fredrica Smith`. Of several words the last is the family name, with the
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
    // A text all in small letters has no particles to tell.
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

/// Of those in force the best ranked; of equals the one that came into force last, else the first named.
fn best_in_force(
    all: &[Value],
    now: Timestamp,
    rank: impl Fn(&Value) -> Option<u8>,
    says_something: impl Fn(&Value) -> bool,
) -> Option<&Value> {
    let in_force = all.iter().filter(|one| says_something(one) && period::in_force(one, now));
    let ranked = in_force.filter_map(|one| Some((rank(one)?, std::cmp::Reverse(period::start(one)), one)));
    ranked.min_by_key(|(rank, start, _)| (*rank, *start)).map(|(.., one)| one)
}

#[cfg(test)]
#[path = "person_tests.rs"]
mod tests;
