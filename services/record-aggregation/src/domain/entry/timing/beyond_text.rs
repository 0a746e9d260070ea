//! Finds the parts of a timing that the text of the dosage does not say. It never omits a part that the text lacks.

use lcr_fhir::read;
use serde_json::Value;

use super::{days, dosage_timing, duration_texts, frequency_text, parse_unit, when_texts};

/// Whether a text mentions how often or when.
fn mentions_timing(text: &str) -> bool {
    const WORDS: [&str; 27] = [
        "day", "days", "daily", "morning", "evening", "night", "nocte", "mane", "bedtime", "week", "weekly", "month",
        "monthly", "hour", "hours", "hourly", "once", "twice", "times", "od", "bd", "bid", "tds", "tid", "qds", "qid",
        "om",
    ];
    words_of(text).any(|word| WORDS.contains(&word.as_str()))
}

fn words_of(text: &str) -> impl Iterator<Item = String> {
    let lower = text.to_lowercase();
    let words: Vec<String> = lower.split(|c: char| !c.is_alphanumeric() && c != '.').map(str::to_owned).collect();
    words.into_iter().filter(|word| !word.is_empty())
}

/// Whether a text names the first number of `phrase`, in digits or as a word.
pub fn contains_number_of(text: &str, phrase: &str) -> bool {
    const NUMBERS: [&str; 11] = ["half", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let Some(number) = words_of(phrase).find(|word| word.starts_with(|c: char| c.is_ascii_digit())) else {
        return false;
    };
    let as_word = match number.as_str() {
        "0.5" => Some(NUMBERS[0]),
        whole => whole.parse::<usize>().ok().filter(|whole| *whole > 0).and_then(|whole| NUMBERS.get(whole)).copied(),
    };
    let plain = |word: &str| word.trim_end_matches(|c: char| !c.is_ascii_digit()) == number;
    words_of(text).any(|word| plain(&word) || Some(word.as_str()) == as_word)
}

/// The timing of a dosage without the parts that the text already says.
pub fn timing_beyond_text(text: &str, dosage: &Value) -> Option<String> {
    let Some(repeat) = read::at(dosage, "timing.repeat") else {
        return dosage_timing(dosage).filter(|_| !mentions_timing(text));
    };
    let lower = text.to_lowercase();
    let mentions = |unit: &str| lower.contains(unit.trim_end_matches('s'));
    let days = days(repeat);
    let days_named = days.iter().all(|day| lower.contains(day.trim_end_matches('s').to_lowercase().as_str()));
    let unit = read::str_at(repeat, "periodUnit").and_then(parse_unit);
    let often_named = match unit {
        // Named days already say how often a week.
        Some(unit) if unit.one == "week" && !days.is_empty() => true,
        Some(unit) if unit.one != "day" => mentions(unit.one),
        _ => mentions_timing(text),
    };
    let mut parts: Vec<String> = vec![];
    if !(days_named && often_named) {
        parts.extend(frequency_text(repeat));
    }
    parts.extend(when_texts(repeat).into_iter().filter(|_| !mentions_timing(text)));
    let lengths = duration_texts(repeat).into_iter();
    parts.extend(lengths.filter(|length| {
        let last = length.rsplit(' ').next().unwrap_or_default();
        !(contains_number_of(text, length) && mentions(last))
    }));
    (!parts.is_empty()).then(|| parts.join(" "))
}
