//! Reported cases of the ward's lists, from the hospital's messages to lists and banner (S-49 to S-63, X-16, Q-05). The
//! messages are read from the test data, shifted to today, and must never be copied here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]
#![allow(clippy::disallowed_methods, reason = "the platform under test reads the system clock too")]

#[path = "ward_cases/scene.rs"]
mod scene;

use std::{fs, path::Path};

use jiff::{Timestamp, ToSpan, Zoned, civil::DateTime, tz::TimeZone};
use lcr_testkit::data;
use scene::Ward;
use serde_json::Value;

/// The day for which the messages were written.
const WRITTEN_FOR: &str = "2026-11-28";

fn london() -> TimeZone {
    TimeZone::get("Europe/London").unwrap()
}

fn today() -> Zoned {
    Timestamp::now().to_zoned(london())
}

/// The days from the day for which the messages were written to today.
fn shift_days() -> i32 {
    let written: jiff::civil::Date = WRITTEN_FOR.parse().unwrap();
    written.until(today().date()).unwrap().get_days()
}

/// Moves all times of 2025 and 2026 in a message by `days`.
fn shift_times(message: &str, days: i32) -> String {
    let is_time = |digits: &str| {
        matches!(digits.len(), 8 | 12 | 14) && (digits.starts_with("2025") || digits.starts_with("2026"))
    };
    let mut out = String::new();
    let mut digits = String::new();
    for letter in message.chars().chain(['\n']) {
        if letter.is_ascii_digit() {
            digits.push(letter);
            continue;
        }
        if is_time(&digits) {
            let date: jiff::civil::Date =
                format!("{}-{}-{}", &digits[..4], &digits[4..6], &digits[6..8]).parse().unwrap();
            let moved = date.checked_add(days.days()).unwrap();
            out += &moved.strftime("%Y%m%d").to_string();
            out += &digits[8..];
        } else {
            out += &digits;
        }
        digits.clear();
        out.push(letter);
    }
    out.pop();
    out
}

fn visible_text(html: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for letter in html.chars() {
        match letter {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            letter if !inside => text.push(letter),
            _ => {}
        }
    }
    text.replace("&#39;", "'").split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A time in November 2026 in London, moved like the messages.
fn at(text: &str) -> String {
    let written: DateTime = format!("2026-11-{text}").parse().unwrap();
    let moved = written.date().checked_add(shift_days().days()).unwrap().to_datetime(written.time());
    moved.to_zoned(london()).unwrap().timestamp().to_string()
}

fn is(value: &Value, time: &str) -> bool {
    let moment = value.as_str().and_then(|text| text.parse::<lcr_contracts::Moment>().ok());
    moment.is_some_and(|moment| moment.at.to_string() == at(time))
}

fn ward(row: &Value) -> &str {
    row["place"]["value"]["ward"].as_str().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
#[allow(clippy::too_many_lines, reason = "one platform for all cases of the page")]
async fn the_reported_cases_of_the_ward_are_listed_correctly() {
    let Some(root) = data::folder("life/ward/inputs") else { return };
    let hospital = Ward::open(&root).await;
    for case in ["W02", "W03", "W04", "W06", "W07", "W08", "W09", "W10", "W13", "W14", "W15", "W16", "W17", "W18"] {
        hospital.send(&root, case).await;
    }
    // W02: an edited admission, sent as a cancellation and a new admission in one second.
    let (here, _) = hospital.wait_for_rows("9994800116", |here, _| here.len() == 1).await;
    assert!(is(&here[0]["admitted"]["value"], "25T23:00:00"), "{}", here[0]);
    // W03: a discharge sent again with an earlier time and another destination.
    let (here, left) = hospital.wait_for_rows("9994800124", |_, left| left.len() == 1).await;
    assert!(here.is_empty() && is(&left[0]["left"], "25T16:00:00"), "{}", left[0]);
    assert_eq!((&left[0]["to"]["value"], &left[0]["stayed_days"]), (&"Care home".into(), &1.into()));
    // W04: two transfers in one minute.
    let (here, _) = hospital.wait_for_rows("9994800132", |here, _| here.len() == 1 && ward(&here[0]) == "J28").await;
    assert_eq!(here[0]["warnings"], serde_json::json!([]));
    // W06: an in-patient becomes an out-patient under a new number.
    hospital.wait_for_rows("9994800159", |here, left| here.is_empty() && left.is_empty()).await;
    // W07: the visit number is corrected.
    let (_, left) = hospital.wait_for_rows("9994800167", |here, left| here.is_empty() && left.len() == 1).await;
    assert!(is(&left[0]["left"], "27T15:00:00"));
    // W08: the authority of the visit number is left out.
    hospital.wait_for_rows("9994800175", |here, left| here.is_empty() && left.len() == 1).await;
    // W09: a death that was withdrawn.
    let (here, _) = hospital.wait_for_rows("9994800183", |here, _| here.len() == 1).await;
    assert_eq!(here[0]["who"]["died"], false);
    // W10: a death in hospital, on the list and on the record.
    let (_, left) = hospital.wait_for_rows("9994800191", |_, left| left.len() == 1).await;
    assert_eq!(left[0]["died"], true);
    let page = hospital.page("9994800191").await;
    assert!(page.contains("eported as died"), "{page}");
    // W13: back the same day.
    let (here, left) = hospital.wait_for_rows("9994800248", |here, left| here.len() == 1 && left.len() == 1).await;
    assert!(is(&left[0]["left"], "27T10:00:00") && is(&left[0]["back_at"], "27T19:00:00"), "{}", left[0]);
    assert_eq!((&left[0]["back"], ward(&here[0])), (&true.into(), "AMU"));
    // W14: a visit number given to another person a year later.
    let (here, left) = hospital.wait_for_rows("9994800264", |here, _| here.len() == 1).await;
    let row = here[0].to_string();
    assert!(left.is_empty() && ward(&here[0]) == "J27");
    for word in ["Elm House", "Hospice", "Continuing care", "Rawdon"] {
        assert!(!row.contains(word), "{word}: {row}");
    }
    assert!(here[0]["expected_discharge"].is_null() && here[0]["reside"].is_null(), "{row}");
    hospital.wait_for_rows("9994800256", |here, left| here.is_empty() && left.is_empty()).await;
    // W15: the ward as a description alone.
    hospital.wait_for_rows("9994800272", |here, _| here.len() == 1 && ward(&here[0]) == "Cardiology Ward L14").await;
    // W16: unknown, then merged while on the ward.
    let (here, _) = hospital.wait_for_rows("9994800280", |here, _| here.len() == 1).await;
    assert_eq!((&here[0]["who"]["family"], ward(&here[0])), (&"SCOSTHROP".into(), "L14"));
    // W17 and W18.
    hospital.wait_for_rows("9994800299", |here, _| here.len() == 1 && ward(&here[0]) == "J27").await;
    let last = first_nhs_number(&root, "W18");
    let (_, left) = hospital.wait_for_rows(&last, |here, left| here.is_empty() && left.len() == 1).await;
    assert!(is(&left[0]["left"], "25T15:00:00"));
    // The banner shows where the person is.
    let page = hospital.page("9994800132").await;
    assert!(page.contains("J28") && !page.contains("In hospital: not known"), "{page}");
}

/// The NHS number in the first message of a case.
fn first_nhs_number(inputs: &Path, case: &str) -> String {
    let file = fs::read_dir(inputs).unwrap().filter_map(Result::ok).map(|entry| entry.path());
    let file = file.into_iter().find(|path| path.file_name().unwrap().to_string_lossy().starts_with(case));
    let text = fs::read_to_string(file.unwrap()).unwrap();
    let at = text.find("^^^NHS^NH").unwrap();
    text[at - 10..at].to_owned()
}
