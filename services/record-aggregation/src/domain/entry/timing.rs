//! A FHIR `Timing` in words: how often, on which days, at what times, for how long. What of a timing has no words here
//! is never dropped: "timing: see the source" stands for it.

mod beside_text;

use lcr_fhir::{date_words, read, time_words, words as fhir_words};
use serde_json::Value;

pub use beside_text::{beside, names_number_of};

/// A unit of time as it is read.
#[derive(Clone, Copy)]
pub struct Unit {
    one: &'static str,
    pub many: &'static str,
}

impl Unit {
    /// `a day`, `an hour`.
    pub fn each(self) -> String {
        format!("{} {}", if self.one == "hour" { "an" } else { "a" }, self.one)
    }

    fn of(self, number: &str) -> &'static str {
        if number == "1" { self.one } else { self.many }
    }
}

/// The unit of a UCUM code, or of its name.
pub fn unit(code: &str) -> Option<Unit> {
    let (one, many) = match code.trim_end_matches('s') {
        "" | "second" => ("second", "seconds"),
        "min" | "minute" => ("minute", "minutes"),
        "h" | "hr" | "hour" => ("hour", "hours"),
        "d" | "day" => ("day", "days"),
        "wk" | "week" => ("week", "weeks"),
        "mo" | "month" => ("month", "months"),
        "a" | "year" => ("year", "years"),
        _ => return None,
    };
    (!code.is_empty()).then_some(Unit { one, many })
}

/// The timing of a dosage; `None` where it has none.
pub fn timing(dosage: &Value) -> Option<String> {
    read::at(dosage, "timing").map(words)
}

/// A `Timing` in words.
pub fn words(timing: &Value) -> String {
    let repeat = read::at(timing, "repeat");
    let mut parts: Vec<String> = vec![];
    if let Some(repeat) = repeat {
        parts.extend(how_often(repeat));
        parts.extend(when(repeat));
        parts.extend(how_long(repeat));
    }
    let often = repeat.is_some_and(|repeat| {
        ["frequency", "frequencyMax", "period"].iter().any(|name| read::at(repeat, name).is_some())
    });
    if !often && let Some(code) = code(timing) {
        parts.insert(0, code);
    }
    let events: Vec<String> =
        read::list(timing, "event").iter().filter_map(Value::as_str).map(date_words).collect();
    if !events.is_empty() {
        parts.push(format!("on {}", list(&events)));
    }
    if parts.is_empty() { "timing: see the source".to_owned() } else { parts.join(" ") }
}

/// The abbreviations of HL7's timing codes; other codes by their own words.
fn code(timing: &Value) -> Option<String> {
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
    let number = read::at(value, path).and_then(fhir_words::number)?;
    // 1.0 day is one day.
    Some(if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        number
    })
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

fn how_often(repeat: &Value) -> Option<String> {
    let times = span(repeat, "frequency", "frequencyMax");
    let period = span(repeat, "period", "periodMax");
    let unit = read::str_at(repeat, "periodUnit").and_then(unit);
    let days = days(repeat);
    let on_days = (!days.is_empty()).then(|| format!("on {}", list(&days)));
    let often = match (times, period, unit) {
        // One dose a week on one named day: the day alone says both.
        (Some(times), Some(period), Some(unit))
            if period == "1" && unit.one == "week" && times == days.len().to_string() =>
        {
            None
        }
        (Some(times), Some(period), Some(unit)) if period == "1" => {
            Some(format!("{} {}", times_words(&times), unit.each()))
        }
        (Some(times), Some(period), Some(unit)) if times == "1" => {
            Some(format!("every {period} {}", unit.of(&period)))
        }
        (Some(times), Some(period), Some(unit)) => {
            Some(format!("{} every {period} {}", times_words(&times), unit.of(&period)))
        }
        (None, Some(period), Some(unit)) if period == "1" => Some(format!("every {}", unit.one)),
        (None, Some(period), Some(unit)) => Some(format!("every {period} {}", unit.of(&period))),
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

fn day_name(code: &str) -> Option<&'static str> {
    Some(match code {
        "mon" => "Monday",
        "tue" => "Tuesday",
        "wed" => "Wednesday",
        "thu" => "Thursday",
        "fri" => "Friday",
        "sat" => "Saturday",
        "sun" => "Sunday",
        _ => return None,
    })
}

/// At what times, and beside which events of a day.
fn when(repeat: &Value) -> Vec<String> {
    let times: Vec<String> =
        read::list(repeat, "timeOfDay").iter().filter_map(Value::as_str).map(time_words).collect();
    let events: Vec<String> =
        read::list(repeat, "when").iter().filter_map(Value::as_str).map(event_words).collect();
    let before = digits(repeat, "offset").map(|minutes| {
        let unit = if minutes == "1" { "minute" } else { "minutes" };
        format!("{minutes} {unit} ")
    });
    let at = (!times.is_empty()).then(|| format!("at {}", list(&times)));
    let beside = (!events.is_empty()).then(|| format!("{}{}", before.unwrap_or_default(), list(&events)));
    at.into_iter().chain(beside).collect()
}

/// HL7's event timing codes.
fn event_words(code: &str) -> String {
    match code {
        "MORN" => "in the morning",
        "MORN.early" => "early in the morning",
        "MORN.late" => "late in the morning",
        "NOON" => "at noon",
        "AFT" => "in the afternoon",
        "AFT.early" => "early in the afternoon",
        "AFT.late" => "late in the afternoon",
        "EVE" => "in the evening",
        "EVE.early" => "early in the evening",
        "EVE.late" => "late in the evening",
        "NIGHT" => "at night",
        "PHS" => "after sleep",
        "IMD" => "immediately",
        "HS" => "at bedtime",
        "WAKE" => "on waking",
        "C" => "with meals",
        "CM" => "with breakfast",
        "CD" => "with lunch",
        "CV" => "with the evening meal",
        "AC" => "before meals",
        "ACM" => "before breakfast",
        "ACD" => "before lunch",
        "ACV" => "before the evening meal",
        "PC" => "after meals",
        "PCM" => "after breakfast",
        "PCD" => "after lunch",
        "PCV" => "after the evening meal",
        other => return format!("at {other}"),
    }
    .to_owned()
}

/// Over how long one dose goes, how many doses there are, and for how long.
fn how_long(repeat: &Value) -> Vec<String> {
    let of = |number: String, code: Option<&str>| match code.and_then(unit) {
        Some(unit) => format!("{number} {}", unit.of(&number)),
        None => number,
    };
    let over = span(repeat, "duration", "durationMax")
        .map(|number| format!("over {}", of(number, read::str_at(repeat, "durationUnit"))));
    let doses = span(repeat, "count", "countMax").map(|count| match count.as_str() {
        "1" => "for 1 dose only".to_owned(),
        many => format!("for {many} doses"),
    });
    let length = read::at(repeat, "boundsDuration").and_then(fhir_words::quantity).map(|length| {
        let code = read::str_at(repeat, "boundsDuration.code").or(length.unit.as_deref());
        format!("for {}", of(length.words.clone(), code))
    });
    let range = read::at(repeat, "boundsRange").and_then(range_of_time).map(|range| format!("for {range}"));
    let bounds = read::at(repeat, "boundsPeriod").and_then(fhir_words::period).map(|period| {
        if period.starts_with("from") || period.starts_with("until") {
            period
        } else {
            format!("from {period}")
        }
    });
    [over, doses, length, range, bounds].into_iter().flatten().collect()
}

/// `5 to 7 days` of a range whose ends are durations.
fn range_of_time(range: &Value) -> Option<String> {
    let end = |name: &str| read::at(range, name).and_then(fhir_words::quantity);
    let (low, high) = (end("low"), end("high"));
    let code = low.as_ref().or(high.as_ref())?.unit.clone()?;
    let unit = unit(&code)?;
    match (low, high) {
        (Some(low), Some(high)) => Some(format!("{} to {} {}", low.words, high.words, unit.many)),
        (Some(low), None) => Some(format!("at least {} {}", low.words, unit.of(&low.words))),
        (None, Some(high)) => Some(format!("up to {} {}", high.words, unit.of(&high.words))),
        (None, None) => None,
    }
}

fn list(items: &[String]) -> String {
    match items {
        [] => String::new(),
        [one] => one.clone(),
        [all @ .., last] => format!("{} and {last}", all.join(", ")),
    }
}
