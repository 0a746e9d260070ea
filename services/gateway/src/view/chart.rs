//! A chart of one series of results: the same code and unit only. Points that are preliminary, cancelled or
//! not a number are not joined; the table beneath says everything the chart does.

use jiff::civil::DateTime;
use lcr_contracts::record::{Detail, Entry};

use super::words::{sent, sort_key};

pub const WIDTH: f64 = 720.0;
pub const HEIGHT: f64 = 240.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 16.0;
const BOTTOM: f64 = 36.0;

/// The chart, ready to be drawn with attributes alone.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub title: String,
    /// What a reader who cannot see it is told.
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
    /// The number with the digits that were sent.
    digits: &'a str,
    date: &'a str,
    entry: &'a Entry,
}

/// The chart of a series, if two or more numbers with dates can be joined.
pub fn chart(entries: &[&Entry], series: &str) -> Option<Chart> {
    let mut readings: Vec<Reading> = entries.iter().filter_map(|entry| reading(entry, series)).collect();
    readings.sort_by_key(|one| one.at);
    let (first, last) = (readings.first()?, readings.last()?);
    if first.at == last.at {
        return None;
    }
    let (low, high) = range(&readings);
    let seconds = |from: DateTime, to: DateTime| {
        f64::from(i32::try_from(to.duration_since(from).as_mins()).unwrap_or(i32::MAX))
    };
    let whole = seconds(first.at, last.at).max(1.0);
    let x = |at| LEFT + (WIDTH - LEFT - RIGHT) * seconds(first.at, at) / whole;
    let y = |number: f64| HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (number - low) / (high - low);
    let points: Vec<Point> = readings
        .iter()
        .map(|one| Point { x: place(x(one.at)), y: place(y(one.number)), label: label(one) })
        .collect();
    let unit = unit(first.entry);
    let (lowest, highest) = bounds(&readings);
    Some(Chart {
        title: first.entry.title.clone(),
        words: format!(
            "{} results from {} to {}, between {lowest} and {highest}{unit}. The table below says the same.",
            points.len(),
            sent(first.date),
            sent(last.date),
        ),
        line: points.iter().map(|point| format!("{},{}", point.x, point.y)).collect::<Vec<_>>().join(" "),
        scale: ticks(low, high).map(|value| Tick { y: place(y(value)), label: mark(value) }).collect(),
        first: sent(first.date),
        last: sent(last.date),
        points,
    })
}

fn reading<'a>(entry: &'a Entry, wanted: &str) -> Option<Reading<'a>> {
    let Detail::Result { series, number: Some(digits), .. } = &entry.detail else { return None };
    let number: f64 = digits.parse().ok()?;
    let settled = entry.status.as_deref().is_none_or(|status| {
        let status = status.to_lowercase();
        !["cancelled", "preliminary", "error", "unknown", "registered"]
            .iter()
            .any(|word| status.contains(word))
    });
    let date = entry.date.as_deref()?;
    let key = sort_key(date);
    let at =
        key.parse::<DateTime>().or_else(|_| key.parse::<jiff::civil::Date>().map(DateTime::from)).ok()?;
    (settled && series == wanted && number.is_finite()).then_some(Reading { at, number, digits, date, entry })
}

fn unit(entry: &Entry) -> String {
    match &entry.detail {
        Detail::Result { unit: Some(unit), .. } => format!(" {unit}"),
        _ => String::new(),
    }
}

fn label(one: &Reading) -> String {
    format!("{}: {}{}", sent(one.date), one.digits, unit(one.entry))
}

fn bounds(readings: &[Reading]) -> (String, String) {
    let by = |a: &&Reading, b: &&Reading| a.number.total_cmp(&b.number);
    let digits = |reading: Option<&Reading>| reading.map(|one| one.digits.to_owned()).unwrap_or_default();
    (digits(readings.iter().min_by(by)), digits(readings.iter().max_by(by)))
}

/// The scale, with room above and below, never of no height.
fn range(readings: &[Reading]) -> (f64, f64) {
    let all = || readings.iter().map(|one| one.number);
    let (low, high) = (all().fold(f64::INFINITY, f64::min), all().fold(f64::NEG_INFINITY, f64::max));
    let room = ((high - low) * 0.1).max(high.abs() * 0.02).max(1e-9);
    (low - room, high + room)
}

fn ticks(low: f64, high: f64) -> impl Iterator<Item = f64> {
    (0..=4u8).map(move |step| low + (high - low) * f64::from(step) / 4.0)
}

/// A mark of the scale, to four figures.
fn mark(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let before = value.abs().log10().floor();
    let decimals = (3.0 - before).clamp(0.0, 12.0);
    let factor = 10f64.powf(decimals);
    format!("{}", (value * factor).round() / factor)
}

fn place(value: f64) -> String {
    format!("{value:.1}")
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
