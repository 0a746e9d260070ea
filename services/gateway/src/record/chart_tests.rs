//! Tests of the chart: it joins the final numbers of one series of one source.

use lcr_contracts::record::Detail;

use super::*;
use crate::record::test_records;

fn entry(series: &str, number: Option<&str>, date: &str, status: &str) -> Entry {
    from("St Hilda's", series, number, date, status)
}

fn from(source: &str, series: &str, number: Option<&str>, date: &str, status: &str) -> Entry {
    let detail = Detail::Result {
        series: series.into(),
        value: String::new(),
        number: number.map(Into::into),
        unit: Some("mL/min".into()),
        range: None,
        flag: None,
        reported: None,
        components: Vec::new(),
        report: None,
    };
    Entry { status: Some(status.into()), ..test_records::entry("eGFR", source, date, detail) }
}

fn with_range(mut entry: Entry, words: &str) -> Entry {
    if let Detail::Result { range, .. } = &mut entry.detail {
        *range = Some(words.into());
    }
    entry
}

fn drawn(all: &[Entry]) -> Chart {
    chart(&all.iter().collect::<Vec<_>>(), "a").unwrap()
}

#[test]
fn only_final_numbers_of_one_series_are_joined() {
    let chart = drawn(&[
        entry("a", Some("41"), "2026-11-21T08:10:00Z", "final"),
        entry("a", Some("55.0"), "2025-06-30", "corrected"),
        entry("a", Some("99"), "2026-01-01", "preliminary"),
        entry("a", None, "2026-02-01", "final"),
        entry("b", Some("7"), "2026-03-01", "final"),
        entry("a", Some("1"), "2026", "final"),
    ]);
    assert_eq!(chart.points.len(), 2);
    assert_eq!(chart.points[0].label, "30-Jun-2025: 55.0 mL/min, St Hilda's");
    assert_eq!(
        chart.words,
        "2 results from 30-Jun-2025 to 21-Nov-2026 08:10, between 41 and 55.0 mL/min. The table below says the same."
    );
    assert_eq!(chart.left_out.as_deref(), Some("Not drawn: 4 results without a final number or a full date."));
    assert!(chart.legend.is_empty(), "one source needs no legend");
}

#[test]
fn one_point_is_no_chart() {
    let one = entry("a", Some("41"), "2026-11-21", "final");
    assert_eq!(chart(&[&one], "a"), None);
}

#[test]
fn sources_have_lines_and_shapes_of_their_own() {
    let chart = drawn(&[
        entry("a", Some("41"), "2026-11-21", "final"),
        from("Beckside", "a", Some("44"), "2026-10-01", "final"),
        from("Beckside", "a", Some("47"), "2026-09-01", "final"),
    ]);
    assert_eq!(chart.legend_lines(), [("circle", "Beckside"), ("square", "St Hilda's")]);
    assert_eq!(chart.points.iter().map(|one| one.shape).collect::<Vec<_>>(), ["circle", "circle", "square"]);
    assert_eq!(chart.lines.len(), 1, "one point is no line, and sources are not joined");
}

#[test]
fn a_range_is_a_band_if_all_results_have_the_same_and_the_scale_holds_it() {
    let numbers = [("41", "2026-11-21"), ("55", "2026-10-01")];
    let of = |words: [&str; 2]| {
        let all = numbers.iter().zip(words);
        drawn(&all.map(|((n, date), words)| with_range(entry("a", Some(*n), date, "final"), words)).collect::<Vec<_>>())
    };
    for (words, has_band) in [
        (["60 or above"; 2], true),
        (["45 to 50"; 2], true),
        (["50 or below"; 2], true),
        (["normal"; 2], false),
        (["60 or above", "50 or above"], false),
        (["0.8 to 1.2 not on anticoagulants; 2.5 to 3.5 therapeutic"; 2], false),
    ] {
        assert_eq!(of(words).band.is_some(), has_band, "{words:?}");
    }
    let chart = of(["60 or above"; 2]);
    let band = chart.band.unwrap();
    let (y, height): (f64, f64) = (band.y.parse().unwrap(), band.height.parse().unwrap());
    assert!(y >= 0.0 && height > 0.0 && y + height < HEIGHT);
    assert!(chart.points.iter().all(|one| one.y.parse::<f64>().unwrap() > y + height), "both are below the range");
}
