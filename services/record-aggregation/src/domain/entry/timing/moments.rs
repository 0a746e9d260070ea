//! The words for when something is taken: days, times and moments of the day. It never drops a moment silently.

use lcr_fhir::{format_time, read};
use serde_json::Value;

use super::{digits, join_with_and};

pub(super) fn day_name(code: &str) -> Option<&'static str> {
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

/// The times of day, and the events such as meals.
pub(super) fn when_texts(repeat: &Value) -> Vec<String> {
    let times: Vec<String> =
        read::list(repeat, "timeOfDay").iter().filter_map(Value::as_str).map(format_time).collect();
    let events: Vec<String> = read::list(repeat, "when").iter().filter_map(Value::as_str).map(event_words).collect();
    let offset = digits(repeat, "offset").map(|minutes| {
        let unit = if minutes == "1" { "minute" } else { "minutes" };
        format!("{minutes} {unit} ")
    });
    let at = (!times.is_empty()).then(|| format!("at {}", join_with_and(&times)));
    let at_events = (!events.is_empty()).then(|| format!("{}{}", offset.unwrap_or_default(), join_with_and(&events)));
    at.into_iter().chain(at_events).collect()
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
