//! Results: value, unit, range in words, flag, status. A result without a value says why.

use lcr_contracts::record::Detail;
use lcr_fhir::read;
use serde_json::Value;

use super::{Said, named, words};

pub fn observation(value: &Value) -> Said {
    let (shown, number, unit) = value_of(value);
    let components = read::list(value, "component").iter().map(|one| {
        let (shown, _, unit) = value_of(one);
        (named(read::concept_at(one, "code")), unit.map_or(shown.clone(), |unit| format!("{shown} {unit}")))
    });
    let components: Vec<_> = components.collect();
    let shown = match (shown.is_empty(), components.is_empty()) {
        (false, _) => shown,
        (true, false) => {
            components.iter().map(|(name, value)| format!("{name} {value}")).collect::<Vec<_>>().join(", ")
        }
        (true, true) => read::concept_at(value, "dataAbsentReason")
            .map_or_else(|| "No value given".to_owned(), |why| format!("No value: {}", why.to_lowercase())),
    };
    let title = named(read::concept_at(value, "code"));
    let code = read::code_at(value, "code").unwrap_or(title.as_str());
    let flag = read::code_at(value, "interpretation.0").map(flag_words);
    Said {
        date: ["effectiveDateTime", "effectivePeriod.start", "effectiveInstant"]
            .iter()
            .find_map(|path| read::text(value, path))
            .or_else(|| read::text(value, "issued")),
        status: read::str_at(value, "status").map(words),
        says: None,
        detail: Detail::Result {
            series: format!("{code}|{}", unit.as_deref().unwrap_or("")),
            value: shown,
            number,
            unit,
            range: range_words(value),
            flag,
            reported: read::text(value, "issued"),
            components,
            report: None,
        },
        title,
        links: vec![],
    }
}

/// A report whose results are entries of their own; its conclusion is what it adds.
pub fn report(value: &Value) -> Said {
    let conclusion = read::text(value, "conclusion").or_else(|| read::concept_at(value, "conclusionCode.0"));
    let results = read::list(value, "result").len();
    let says = match (conclusion, results) {
        (Some(conclusion), _) => conclusion,
        (None, 0) => "Report without results in it".to_owned(),
        (None, 1) => "Report with 1 result".to_owned(),
        (None, many) => format!("Report with {many} results"),
    };
    let links = read::list(value, "result").iter().filter_map(|one| read::text(one, "reference"));
    Said {
        title: named(read::concept_at(value, "code")),
        date: ["effectiveDateTime", "effectivePeriod.start"]
            .iter()
            .find_map(|path| read::text(value, path))
            .or_else(|| read::text(value, "issued")),
        status: read::str_at(value, "status").map(words),
        says: None,
        detail: Detail::Result {
            series: String::new(),
            value: says,
            number: None,
            unit: None,
            range: None,
            flag: None,
            reported: read::text(value, "issued"),
            components: vec![],
            report: Some("Report".to_owned()),
        },
        links: links.map(|to| ("reports", to)).collect(),
    }
}

/// (words, number where it is one, unit).
fn value_of(value: &Value) -> (String, Option<f64>, Option<String>) {
    if let Some((shown, unit)) = read::at(value, "valueQuantity").and_then(read::quantity) {
        let exact = read::at(value, "valueQuantity.comparator").is_none();
        let number = read::at(value, "valueQuantity.value").and_then(Value::as_f64).filter(|_| exact);
        return (shown, number, unit);
    }
    let range = |path: &str| read::at(value, path).and_then(read::quantity).map(|(shown, _)| shown);
    let words = read::concept_at(value, "valueCodeableConcept")
        .or_else(|| read::text(value, "valueString"))
        .or_else(|| read::text(value, "valueDateTime"))
        .or_else(|| read::at(value, "valueInteger").and_then(read::number))
        .or_else(|| match read::at(value, "valueBoolean") {
            Some(Value::Bool(yes)) => Some(if *yes { "Yes" } else { "No" }.to_owned()),
            _ => None,
        })
        .or_else(|| match (range("valueRange.low"), range("valueRange.high")) {
            (Some(low), Some(high)) => Some(format!("{low} to {high}")),
            (low, high) => low.or(high),
        });
    (words.unwrap_or_default(), None, None)
}

fn range_words(value: &Value) -> Option<String> {
    let range = read::at(value, "referenceRange.0")?;
    let end = |path: &str| read::at(range, path).and_then(read::quantity).map(|(shown, _)| shown);
    match (end("low"), end("high")) {
        (Some(low), Some(high)) => Some(format!("{low} to {high}")),
        (Some(low), None) => Some(format!("{low} or above")),
        (None, Some(high)) => Some(format!("{high} or below")),
        (None, None) => read::text(range, "text"),
    }
}

fn flag_words(code: &str) -> String {
    match code {
        "H" => "high".to_owned(),
        "L" => "low".to_owned(),
        "HH" => "very high".to_owned(),
        "LL" => "very low".to_owned(),
        "N" => "normal".to_owned(),
        "A" => "abnormal".to_owned(),
        "AA" => "very abnormal".to_owned(),
        other => other.to_owned(),
    }
}
