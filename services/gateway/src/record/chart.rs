//! A chart of one test in one unit: a line and a shape for each source, and the reference range as a band. It must not join
//! preliminary, cancelled or non-numeric results, and must not show anything that the table below it lacks.

mod reading;
mod scale;

use lcr_contracts::record::Entry;

use crate::{
    layout::format::{format_count, format_sent_date, format_sent_day},
    record::flags::{Flag, flag},
};
use scale::Scale;
pub use scale::{HEIGHT, WIDTH};

use reading::{Reading, band, common_range, range_text, reading, unit};

/// The chart as SVG attributes.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    pub title: String,
    pub unit: Option<String>,
    /// The description for screen readers.
    pub words: String,
    /// One line for each source with several points.
    pub lines: Vec<String>,
    pub points: Vec<Point>,
    pub band: Option<Band>,
    pub scale: Vec<Tick>,
    pub first: String,
    pub last: String,
    /// The shape of each source, if there are several.
    pub legend: Vec<LegendItem>,
    /// The sentence about results that are in the table only.
    pub left_out: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    pub x: String,
    pub y: String,
    pub shape: &'static str,
    pub label: String,
    pub is_flagged: bool,
}

/// The reference range, from its upper edge down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Band {
    pub y: String,
    pub height: String,
    pub words: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LegendItem {
    pub shape: &'static str,
    pub source: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tick {
    pub y: String,
    pub label: String,
}

impl Chart {
    /// Shape and source of each line of the legend.
    pub fn legend_lines(&self) -> Vec<(&'static str, &str)> {
        self.legend.iter().map(|one| (one.shape, one.source.as_str())).collect()
    }
}

/// The shapes of sources, in the order of their names. A later source begins again.
const SHAPES: [&str; 4] = ["circle", "square", "triangle", "diamond"];

/// `None` unless two or more dated numbers can be joined.
pub fn chart(entries: &[&Entry], series: &str) -> Option<Chart> {
    let mut readings: Vec<Reading> = entries.iter().filter_map(|entry| reading(entry, series)).collect();
    readings.sort_by(|a, b| (a.at, &a.source, &a.entry.id).cmp(&(b.at, &b.source, &b.entry.id)));
    let (first, last) = (readings.first()?, readings.last()?);
    if first.at == last.at {
        return None;
    }
    let range = common_range(&readings);
    let scale = Scale::new(readings.iter().map(|one| (one.at, one.number)), range)?;
    let sources = source_list(&readings);
    Some(Chart {
        title: first.entry.title.clone(),
        unit: unit(first.entry).map(str::to_owned),
        words: words(&readings, range),
        lines: sources.iter().filter_map(|source| line(&readings, source, &scale)).collect(),
        points: readings.iter().map(|one| point(one, &sources, &scale)).collect(),
        band: range.and_then(|range| band(range, first.entry, &scale)),
        scale: scale.ticks(),
        first: format_sent_day(first.date),
        last: format_sent_day(last.date),
        legend: legend(&sources),
        left_out: left_out(entries.len().saturating_sub(readings.len())),
    })
}

/// The names of the sources, each once.
fn source_list(readings: &[Reading]) -> Vec<String> {
    let mut sources: Vec<String> = readings.iter().map(|one| one.source.clone()).collect();
    sources.sort();
    sources.dedup();
    sources
}

fn shape(sources: &[String], source: &str) -> &'static str {
    let at = sources.iter().position(|one| one == source).unwrap_or(0);
    SHAPES.iter().cycle().nth(at).copied().unwrap_or("circle")
}

fn legend(sources: &[String]) -> Vec<LegendItem> {
    let item = |source: &String| LegendItem { shape: shape(sources, source), source: source.clone() };
    if sources.len() > 1 { sources.iter().map(item).collect() } else { Vec::new() }
}

/// The line of one source. Results of different sources may come from different methods and are not joined.
fn line(readings: &[Reading], source: &str, scale: &Scale) -> Option<String> {
    let own: Vec<String> = readings
        .iter()
        .filter(|one| one.source == source)
        .map(|one| format!("{},{}", scale.x(one.at), scale.y(one.number)))
        .collect();
    (own.len() > 1).then(|| own.join(" "))
}

fn point(one: &Reading, sources: &[String], scale: &Scale) -> Point {
    let flag = flag(one.entry);
    Point {
        x: scale.x(one.at),
        y: scale.y(one.number),
        shape: shape(sources, &one.source),
        label: label(one, flag.as_ref()),
        is_flagged: flag.is_some(),
    }
}

fn label(one: &Reading, flag: Option<&Flag>) -> String {
    let flag = flag.map(|flag| format!(" {}", flag.letter)).unwrap_or_default();
    format!("{}: {}{}{flag}, {}", format_sent_date(one.date), one.digits, spaced_unit(one.entry), one.source)
}

fn spaced_unit(entry: &Entry) -> String {
    unit(entry).map(|unit| format!(" {unit}")).unwrap_or_default()
}

fn words(readings: &[Reading], range: Option<(Option<f64>, Option<f64>)>) -> String {
    let by = |a: &&Reading, b: &&Reading| a.number.total_cmp(&b.number);
    let digits = |reading: Option<&Reading>| reading.map(|one| one.digits.to_owned()).unwrap_or_default();
    let date = |reading: Option<&Reading>| reading.map(|one| format_sent_date(one.date)).unwrap_or_default();
    let unit = readings.first().map(|one| spaced_unit(one.entry)).unwrap_or_default();
    let has_ranges = readings.iter().any(|one| range_text(one.entry).is_some());
    let ranges = if range.is_none() && has_ranges { " The ranges are in the table." } else { "" };
    format!(
        "{} results from {} to {}, between {} and {}{unit}.{ranges} The table below says the same.",
        readings.len(),
        date(readings.first()),
        date(readings.last()),
        digits(readings.iter().min_by(by)),
        digits(readings.iter().max_by(by)),
    )
}

fn left_out(count: usize) -> Option<String> {
    (count > 0).then(|| {
        format!("Not drawn: {} without a final number or a full date.", format_count(count, "result", "results"))
    })
}

#[cfg(test)]
#[path = "chart_tests.rs"]
mod tests;
