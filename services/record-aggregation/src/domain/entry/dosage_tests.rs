//! Dosages of every kind: how often, when, how long and how much at most.

#![allow(clippy::needless_pass_by_value, reason = "each case is written where it is used")]

use serde_json::{Value, json};

use super::dosage_text;

fn dosage(repeat: Value) -> String {
    let dose = json!([{ "doseQuantity": { "value": 10, "unit": "mg" } }]);
    dosage_text(&[json!({ "timing": { "repeat": repeat }, "doseAndRate": dose })]).unwrap()
}

#[test]
fn the_frequency_is_worded_as_on_a_ward() {
    let every = |frequency: u8, period: &str, unit: &str| {
        dosage(
            json!({ "frequency": frequency, "period": serde_json::from_str::<Value>(period).unwrap(), "periodUnit": unit }),
        )
    };
    for (words, read) in [
        ("10 mg once a day", every(1, "1", "d")),
        ("10 mg once a day", every(1, "1.0", "d")),
        ("10 mg twice a day", every(2, "1", "d")),
        ("10 mg 3 times a day", every(3, "1", "d")),
        ("10 mg once a week", every(1, "1", "wk")),
        ("10 mg once a month", every(1, "1", "mo")),
        ("10 mg once an hour", every(1, "1", "h")),
        ("10 mg every 8 hours", every(1, "8", "h")),
        ("10 mg every 2 weeks", every(1, "2", "wk")),
        ("10 mg twice every 5 days", every(2, "5", "d")),
        ("10 mg 3 times every 12.5 hours", every(3, "12.50", "h")),
    ] {
        assert_eq!(read, words);
    }
}

#[test]
fn ranges_days_times_and_meals_are_shown() {
    for (repeat, words) in [
        (json!({ "frequency": 1, "frequencyMax": 4, "period": 1, "periodUnit": "d" }), "10 mg 1 to 4 times a day"),
        (json!({ "frequencyMax": 4, "period": 1, "periodUnit": "d" }), "10 mg up to 4 times a day"),
        (json!({ "frequency": 1, "period": 4, "periodMax": 6, "periodUnit": "h" }), "10 mg every 4 to 6 hours"),
        (json!({ "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] }), "10 mg on Mondays"),
        (json!({ "dayOfWeek": ["mon", "wed", "fri"] }), "10 mg on Mondays, Wednesdays and Fridays"),
        (
            json!({ "frequency": 2, "period": 1, "periodUnit": "d", "dayOfWeek": ["sat"] }),
            "10 mg twice a day on Saturdays",
        ),
        (
            json!({ "frequency": 2, "period": 1, "periodUnit": "d", "timeOfDay": ["08:00:00", "20:30:00"] }),
            "10 mg twice a day at 08:00 and 20:30",
        ),
        (json!({ "frequency": 1, "period": 1, "periodUnit": "d", "when": ["HS"] }), "10 mg once a day at bedtime"),
        (json!({ "when": ["ACM"], "offset": 30 }), "10 mg 30 minutes before breakfast"),
        (
            json!({ "frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": { "value": 5, "unit": "days", "code": "d" } }),
            "10 mg once a day for 5 days",
        ),
        (
            json!({ "frequency": 1, "period": 1, "periodUnit": "d", "boundsRange": { "low": { "value": 5, "unit": "d" }, "high": { "value": 7, "unit": "d" } } }),
            "10 mg once a day for 5 to 7 days",
        ),
        (
            json!({ "frequency": 1, "period": 1, "periodUnit": "d", "boundsPeriod": { "end": "2026-02-01" } }),
            "10 mg once a day until 01-Feb-2026",
        ),
        (json!({ "count": 1 }), "10 mg for 1 dose only"),
        (json!({ "count": 3, "countMax": 5 }), "10 mg for 3 to 5 doses"),
        (
            json!({ "duration": 30, "durationUnit": "min", "frequency": 1, "period": 1, "periodUnit": "d" }),
            "10 mg once a day over 30 minutes",
        ),
        (json!({ "period": 3, "periodUnit": "fortnight" }), "10 mg timing: see the source"),
    ] {
        assert_eq!(dosage(repeat.clone()), words, "{repeat}");
    }
}

#[test]
fn limits_reasons_and_instructions_are_always_shown() {
    let codeine = json!({
        "timing": { "repeat": { "frequency": 1, "frequencyMax": 4, "period": 1, "periodUnit": "d" } },
        "asNeededCodeableConcept": { "text": "Pain" },
        "doseAndRate": [{ "doseRange": { "low": { "value": 30, "unit": "mg" }, "high": { "value": 60, "unit": "mg" } } }],
        "maxDosePerPeriod": { "numerator": { "value": 240, "unit": "mg" }, "denominator": { "value": 1, "unit": "d" } },
        "maxDosePerAdministration": { "value": 60, "unit": "mg" },
        "maxDosePerLifetime": { "value": 5, "unit": "g" },
        "site": { "text": "Left eye" },
        "additionalInstruction": [{ "text": "With or after food" }],
        "patientInstruction": "Stop if you are drowsy" });
    assert_eq!(
        dosage_text(&[codeine]).unwrap(),
        "30 to 60 mg 1 to 4 times a day, site: left eye, as needed for pain, at most 240 mg a day, at most 60 mg at a \
         time, at most 5 g in a lifetime, With or after food, Stop if you are drowsy"
    );
    let infusion = json!({ "doseAndRate": [{ "rateRatio": {
        "numerator": { "value": 100, "unit": "mL" }, "denominator": { "value": 1, "unit": "h" } } }] });
    assert_eq!(dosage_text(&[infusion]).unwrap(), "at 100 mL an hour");
    let in_24_hours = json!({ "text": "1 g every 6 hours", "maxDosePerPeriod": {
        "numerator": { "value": 4, "unit": "g" }, "denominator": { "value": 24, "unit": "h" } } });
    assert_eq!(dosage_text(&[in_24_hours]).unwrap(), "1 g every 6 hours, at most 4 g in 24 hours");
}

#[test]
fn the_sources_own_text_comes_first_and_coded_parts_are_added() {
    let five_days = json!({ "text": "40 mg", "patientInstruction": "for five days only, then stop" });
    assert_eq!(dosage_text(&[five_days]).unwrap(), "40 mg, for five days only, then stop");
    let weekly = json!({ "text": "10 mg", "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] } } });
    assert_eq!(dosage_text(&[weekly]).unwrap(), "10 mg, on Mondays");
    for (text, repeat, words) in [
        (
            "Take as directed",
            json!({ "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] }),
            "Take as directed, 10 mg on Mondays",
        ),
        (
            "10 mg at night",
            json!({ "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] }),
            "10 mg at night, on Mondays",
        ),
        (
            "10 mg on Mondays",
            json!({ "frequency": 1, "period": 1, "periodUnit": "wk", "dayOfWeek": ["mon"] }),
            "10 mg on Mondays",
        ),
        ("10 mg once weekly", json!({ "frequency": 1, "period": 1, "periodUnit": "wk" }), "10 mg once weekly"),
        ("10 mg once", json!({ "frequency": 1, "period": 4, "periodUnit": "wk" }), "10 mg once, every 4 weeks"),
        (
            "10 mg daily",
            json!({ "frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": { "value": 5, "unit": "d" } }),
            "10 mg daily, for 5 days",
        ),
        (
            "10 mg daily for five days",
            json!({ "frequency": 1, "period": 1, "periodUnit": "d", "boundsDuration": { "value": 5, "unit": "d" } }),
            "10 mg daily for five days",
        ),
    ] {
        let both = json!({ "text": text, "timing": { "repeat": repeat }, "doseAndRate": [{ "doseQuantity": { "value": 10, "unit": "mg" } }] });
        assert_eq!(dosage_text(&[both]).unwrap(), words, "{text}");
    }
    let other = json!({ "text": "ONE 2.5mg tablet weekly", "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "d" } },
        "doseAndRate": [{ "doseQuantity": { "value": 10, "unit": "mg" } }] });
    assert_eq!(dosage_text(&[other]).unwrap(), "ONE 2.5mg tablet weekly, but coded by the source as 10 mg once a day");
    let forbids =
        json!({ "text": "Do not take with food, one daily", "additionalInstruction": [{ "text": "Take with food" }] });
    assert_eq!(dosage_text(&[forbids]).unwrap(), "Do not take with food, one daily, Take with food");
    let repeated = json!({ "text": "One at night", "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "d" } },
        "doseAndRate": [{ "doseQuantity": { "value": 1, "unit": "tablet" } }], "patientInstruction": "one at night" });
    assert_eq!(dosage_text(&[repeated]).unwrap(), "One at night", "neither the timing nor the words are repeated");
}

#[test]
fn steps_are_joined_by_then_and_simultaneous_doses_are_not() {
    let step = |sequence: u8, text: &str| json!({ "sequence": sequence, "text": text });
    assert_eq!(dosage_text(&[step(2, "5 mg daily"), step(1, "10 mg daily")]).unwrap(), "10 mg daily; then 5 mg daily");
    let beside = |text: &str| json!({ "text": text });
    assert_eq!(
        dosage_text(&[beside("10 mg in the morning"), beside("5 mg at night")]).unwrap(),
        "10 mg in the morning; 5 mg at night"
    );
}

#[test]
fn a_timing_code_has_words_and_a_missing_dose_is_reported() {
    let coded = json!({ "timing": { "code": { "coding": [{ "code": "BID" }] } }, "doseAndRate": [{ "doseQuantity": { "value": 1, "unit": "tablet" } }] });
    assert_eq!(dosage_text(&[coded]).unwrap(), "1 tablet twice a day");
    let no_dose = json!({ "timing": { "repeat": { "frequency": 1, "period": 1, "periodUnit": "d" } } });
    assert_eq!(dosage_text(&[no_dose]).unwrap(), "dose not given, once a day");
    let kind = json!({ "doseAndRate": [
        { "type": { "text": "Ordered" }, "doseQuantity": { "value": 10, "unit": "mg/kg" } },
        { "type": { "text": "Calculated" }, "doseQuantity": { "value": 700, "unit": "mg" } }] });
    assert_eq!(dosage_text(&[kind]).unwrap(), "10 mg/kg (ordered) or 700 mg (calculated)");
    assert_eq!(dosage_text(&[]), None);
}
