//! Puts a FHIR `Timing` into words: how often, on which days, at what times, for how long. It never drops a timing
//! silently: one without words becomes "timing: see the source".

mod beyond_text;
mod moments;
mod unit;

use lcr_fhir::{display, format_date, read};
use serde_json::Value;

pub use beyond_text::{contains_number_of, timing_beyond_text};

use moments::{day_name, when_texts};
pub use unit::parse_unit;

/// The timing of a dosage, if it has one.
pub fn dosage_timing(dosage: &Value) -> Option<String> {
    read::at(dosage, "timing").map(timing_text)
}

/// A `Timing` in words.
pub fn timing_text(timing: &Value) -> String {
    let repeat = read::at(timing, "repeat");
    let mut parts: Vec<String> = vec![];
    if let Some(repeat) = repeat {
        parts.extend(frequency_text(repeat));
        parts.extend(when_texts(repeat));
        parts.extend(duration_texts(repeat));
    }
    let has_frequency = repeat.is_some_and(|repeat| {
        ["frequency", "frequencyMax", "period"].iter().any(|name| read::at(repeat, name).is_some())
    });
    if !has_frequency && let Some(code) = code_text(timing) {
        parts.insert(0, code);
    }
    let events: Vec<String> = read::list(timing, "event").iter().filter_map(Value::as_str).map(format_date).collect();
    if !events.is_empty() {
        parts.push(format!("on {}", join_with_and(&events)));
    }
    if parts.is_empty() { "timing: see the source".to_owned() } else { parts.join(" ") }
}

/// The words for HL7's timing codes. Other codes keep their own text.
fn code_text(timing: &Value) -> Option<String> {
    const CODES: [(&str, &str); 16] = [
        ("QD", "once a day"),
        ("BID", "twice a day"),
        ("TID", "3 times a day"),
        ("QID", "4 times a day"),
        ("AM", "every morning"),
        ("PM", "every afternoon"),
        ("BED", "at bedtime"),
        ("QOD", "every 2 days"),
        ("WK", "once a week"),
        ("MO", "once a month"),
        ("Q1H", "every hour"),
        ("Q2H", "every 2 hours"),
        ("Q3H", "every 3 hours"),
        ("Q4H", "every 4 hours"),
        ("Q6H", "every 6 hours"),
        ("Q8H", "every 8 hours"),
    ];
    let known = || {
        let codes: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
        let found = read::known_code(timing, "code", &codes)?;
        CODES.iter().find(|(code, _)| *code == found).map(|(_, words)| (*words).to_owned())
    };
    read::text(timing, "code.text")
        .filter(|text| text.contains(' '))
        .or_else(known)
        .or_else(|| read::concept_at(timing, "code"))
}

fn digits(value: &Value, path: &str) -> Option<String> {
    let number = read::at(value, path).and_then(display::number)?;
    // `1.0` becomes `1`.
    Some(if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.').to_owned() } else { number })
}

/// `low`, or `low to high`.
fn span(value: &Value, low: &str, high: &str) -> Option<String> {
    match (digits(value, low), digits(value, high)) {
        (Some(low), Some(high)) if low == high => Some(low),
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (low, None) => low,
        (None, Some(high)) => Some(format!("up to {high}")),
    }
}

fn frequency_text(repeat: &Value) -> Option<String> {
    let times = span(repeat, "frequency", "frequencyMax");
    let period = span(repeat, "period", "periodMax");
    let unit = read::str_at(repeat, "periodUnit").and_then(parse_unit);
    let days = days(repeat);
    let on_days = (!days.is_empty()).then(|| format!("on {}", join_with_and(&days)));
    let often = match (times, period, unit) {
        // For one dose a week on one named day, the day says both.
        (Some(times), Some(period), Some(unit))
            if period == "1" && unit.one == "week" && times == days.len().to_string() =>
        {
            None
        }
        (Some(times), Some(period), Some(unit)) if period == "1" => {
            Some(format!("{} {}", times_words(&times), unit.per_unit()))
        }
        (Some(times), Some(period), Some(unit)) if times == "1" => {
            Some(format!("every {period} {}", unit.name_for(&period)))
        }
        (Some(times), Some(period), Some(unit)) => {
            Some(format!("{} every {period} {}", times_words(&times), unit.name_for(&period)))
        }
        (None, Some(period), Some(unit)) if period == "1" => Some(format!("every {}", unit.one)),
        (None, Some(period), Some(unit)) => Some(format!("every {period} {}", unit.name_for(&period))),
        (Some(times), None, _) => Some(times_words(&times)),
        (_, Some(_), None) => Some("timing: see the source".to_owned()),
        (None, None, _) => None,
    };
    let both: Vec<String> = often.into_iter().chain(on_days).collect();
    (!both.is_empty()).then(|| both.join(" "))
}

fn times_words(times: &str) -> String {
    match times {
        "1" => "once".to_owned(),
        "2" => "twice".to_owned(),
        "up to 1" => "at most once".to_owned(),
        "up to 2" => "up to twice".to_owned(),
        many => format!("{many} times"),
    }
}

fn days(repeat: &Value) -> Vec<String> {
    let days = read::list(repeat, "dayOfWeek").iter().filter_map(Value::as_str).filter_map(day_name);
    days.map(|day| format!("{day}s")).collect()
}

/// The duration of one dose, the number of doses, and the length of the course.
fn duration_texts(repeat: &Value) -> Vec<String> {
    let with_unit = |number: String, code: Option<&str>| match code.and_then(parse_unit) {
        Some(unit) => format!("{number} {}", unit.name_for(&number)),
        None => number,
    };
    let over = span(repeat, "duration", "durationMax")
        .map(|number| format!("over {}", with_unit(number, read::str_at(repeat, "durationUnit"))));
    let doses = span(repeat, "count", "countMax").map(|count| match count.as_str() {
        "1" => "for 1 dose only".to_owned(),
        many => format!("for {many} doses"),
    });
    let length = read::at(repeat, "boundsDuration").and_then(display::quantity).map(|length| {
        let code = read::str_at(repeat, "boundsDuration.code").or(length.unit.as_deref());
        format!("for {}", with_unit(length.text.clone(), code))
    });
    let range = read::at(repeat, "boundsRange").and_then(range_of_time).map(|range| format!("for {range}"));
    let bounds = read::at(repeat, "boundsPeriod").and_then(display::period).map(|period| {
        if period.starts_with("from") || period.starts_with("until") { period } else { format!("from {period}") }
    });
    [over, doses, length, range, bounds].into_iter().flatten().collect()
}

/// A range of durations: `5 to 7 days`.
fn range_of_time(range: &Value) -> Option<String> {
    let end = |name: &str| read::at(range, name).and_then(display::quantity);
    let (low, high) = (end("low"), end("high"));
    let code = low.as_ref().or(high.as_ref())?.unit.clone()?;
    let unit = parse_unit(&code)?;
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("{} to {} {}", low.text, high.text, unit.many)),
        (Some(low), None) => Some(format!("at least {} {}", low.text, unit.name_for(&low.text))),
        (None, Some(high)) => Some(format!("up to {} {}", high.text, unit.name_for(&high.text))),
        (None, None) => None,
    }
}

fn join_with_and(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
