//! Tests of the chart: it joins the final numbers of one series.

use super::*;

fn entry(series: &str, number: Option<&str>, date: &str, status: &str) -> Entry {
    Entry {
        id: date.into(),
        title: "eGFR".into(),
        date: Some(date.into()),
        status: Some(status.into()),
        detail: Detail::Result {
            series: series.into(),
            value: String::new(),
            number: number.map(Into::into),
            unit: Some("mL/min".into()),
            range: None,
            flag: None,
            reported: None,
            components: Vec::new(),
            report: None,
        },
        provenance: Vec::new(),
        ..Entry::default()
    }
}

#[test]
fn only_final_numbers_of_one_series_are_joined() {
    let all = [
        entry("a", Some("41"), "2026-11-21T08:10:00Z", "final"),
        entry("a", Some("55.0"), "2025-06-30", "corrected"),
        entry("a", Some("99"), "2026-01-01", "preliminary"),
        entry("a", None, "2026-02-01", "final"),
        entry("b", Some("7"), "2026-03-01", "final"),
        entry("a", Some("1"), "2026", "final"),
    ];
    let chart = chart(&all.iter().collect::<Vec<_>>(), "a").unwrap();
    assert_eq!(chart.points.len(), 2);
    assert_eq!(chart.points[0].label, "30-Jun-2025: 55.0 mL/min");
    assert_eq!(
        chart.words,
        "2 results from 30-Jun-2025 to 21-Nov-2026 08:10, between 41 and 55.0 mL/min. The table below says the same."
    );
}

#[test]
fn one_point_is_no_chart() {
    let one = entry("a", Some("41"), "2026-11-21", "final");
    assert_eq!(chart(&[&one], "a"), None);
}
