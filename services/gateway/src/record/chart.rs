//! A chart of one series of results with one code and unit. It must not join preliminary, cancelled or non-numeric
//! results, and must not show anything that the table below it lacks.

use jiff::civil::DateTime;
use lcr_contracts::record::{Detail, Entry};

use crate::layout::format::{date_sort_key, format_sent_date};

pub const WIDTH: f64 = 720.0;
pub const HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 36.0;

/// The chart as SVG attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub title: String,
    /// The description for screen readers.
    pub words: String,
    pub line: String,
    pub points: Vec<Point>,
    pub scale: Vec<Tick>,
    pub first: String,
    pub last: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    pub x: String,
    pub y: String,
    pub label: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Tick {
    pub y: String,
    pub label: String,
}

struct Reading<'a> {
    at: DateTime,
    number: f64,
    /// The number exactly as sent.
    digits: &'a str,
    date: &'a str,
    entry: &'a Entry,
}

/// `None` unless two or more dated numbers can be joined.
pub fn chart(entries: &[&Entry], series: &str) -> Option<Chart> {
    let mut readings: Vec<Reading> = entries.iter().filter_map(|entry| reading(entry, series)).collect();
    readings.sort_by_key(|one| one.at);
    let (first, last) = (readings.first()?, readings.last()?);
    if first.at == last.at {
        return None;
    }
    let (low, high) = range(&readings);
    let minutes =
        |from: DateTime, to: DateTime| f64::from(i32::try_from(to.duration_since(from).as_mins()).unwrap_or(i32::MAX));
    let whole_span = minutes(first.at, last.at).max(1.0);
    let x = |at| LEFT + (WIDTH - LEFT - RIGHT) * minutes(first.at, at) / whole_span;
    let y = |number: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number - low) / (high - low);
    let points: Vec<Point> = readings
        .iter()
        .map(|one| Point { x: coordinate(x(one.at)), y: coordinate(y(one.number)), label: label(one) })
        .collect();
    let unit = unit(first.entry);
    let (lowest, highest) = lowest_and_highest(&readings);
    Some(Chart {
        title: first.entry.title.clone(),
        words: format!(
            "{} results from {} to {}, between {lowest} and {highest}{unit}. The table below says the same.",
            points.len(),
            format_sent_date(first.date),
            format_sent_date(last.date),
        ),
        line: points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" "),
        scale: ticks(low, high).map(|value| Tick { y: coordinate(y(value)), label: tick_label(value) }).collect(),
        first: format_sent_date(first.date),
        last: format_sent_date(last.date),
        points,
    })
}

fn reading<'a>(entry: &'a Entry, wanted: &str) -> Option<Reading<'a>> {
    let Detail::Result { series, number: Some(digits), .. } = &entry.detail else { return None };
    let number: f64 = digits.parse().ok()?;
    let is_final = entry.status.as_deref().is_none_or(|status| {
        let status = status.to_lowercase();
        !["cancelled", "preliminary", "error", "unknown", "registered"].iter().any(|word| status.contains(word))
    });
    let date = entry.date.as_deref()?;
    let key = date_sort_key(date);
    let at = key.parse::<DateTime>().or_else(|_| key.parse::<jiff::civil::Date>().map(DateTime::from)).ok()?;
    (is_final && series == wanted && number.is_finite()).then_some(Reading { at, number, digits, date, entry })
}

fn unit(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Result { unit: Some(unit), .. } => format!(" {unit}"),
        _ => String::new(),
    }
}

fn label(one: &Reading) -> String {
    format!("{}: {}{}", format_sent_date(one.date), one.digits, unit(one.entry))
}

fn lowest_and_highest(readings: &[Reading]) -> (String, String) {
    let by = |a: &&Reading, b: &&Reading| a.number.total_cmp(&b.number);
    let digits = |reading: Option<&Reading>| reading.map(|one| one.digits.to_owned()).unwrap_or_default();
    (digits(readings.iter().min_by(by)), digits(readings.iter().max_by(by)))
}

/// The range of the scale, with a margin. It is never empty.
fn range(readings: &[Reading]) -> (f64, f64) {
    let all = || readings.iter().map(|one| one.number);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let margin = ((high - low) * 0.1).max(high.abs() * 0.02).max(1e-9);
    (low - margin, high + margin)
}

fn ticks(low: f64, high: f64) -> impl Iterator<Item = f64> {
    (0..=4u8).map(move |step| low + (high - low) * f64::from(step) / 4.0)
}

/// The label of a tick, to four figures.
fn tick_label(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let before = value.abs().log10().floor();
    let decimals = (3.0 - before).clamp(0.0, 12.0);
    let factor = 10f64.powf(decimals);
    format!("{}", (value * factor).round() / factor)
}

fn coordinate(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
