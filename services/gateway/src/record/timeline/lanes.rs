//! The drawing of the timeline: one lane for each organisation, with a mark for each entry of the list. It draws the entries of
//! one page only, so that the list says all that it shows.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::record::{Record, SourceReport};
use lcr_model::{Dataset, SourceId};

use super::TimelineEntry;
use crate::{
    layout::format::{format_day, format_sent_date},
    record::entry,
};

pub const WIDTH: f64 = 1000.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 20.0;
pub const LANE: u16 = 32;

#[derive(Debug, Clone, PartialEq)]
pub struct Lanes {
    pub lanes: Vec<Lane>,
    pub height: u16,
    pub first: String,
    pub last: String,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    pub name: String,
    pub y: u16,
    pub marks: Vec<Mark>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub x: String,
    pub shape: &'static str,
    pub label: String,
}

/// The key: each shape and its meaning.
pub const SHAPE_KEY: [(&str, &str); 4] =
    [("ring", "Contact or stay"), ("square", "Document"), ("triangle", "Result"), ("diamond", "Anything else")];

fn shape(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Encounters | Dataset::Appointments | Dataset::Referrals => "ring",
        Dataset::Documents => "square",
        Dataset::Results => "triangle",
        _ => "diamond",
    }
}

pub(super) fn lanes(record: &Record, all: &[&TimelineEntry]) -> Lanes {
    let (first, last) = (all.iter().map(|one| one.first).min(), all.iter().map(|one| one.first).max());
    let lanes = marks_by_source(record, all, first, last);
    let lane = |(at, (name, marks)): (usize, (&str, Vec<Mark>))| Lane {
        name: name.to_owned(),
        y: u16::try_from(at).unwrap_or(0).saturating_mul(LANE).saturating_add(LANE / 2),
        marks,
    };
    Lanes {
        height: u16::try_from(lanes.len()).unwrap_or(u16::MAX / LANE).saturating_mul(LANE).saturating_add(40),
        lanes: lanes.into_iter().enumerate().map(lane).collect(),
        first: first.map_or_else(|| "no date".into(), format_day),
        last: last.map_or_else(|| "no date".into(), format_day),
    }
}

fn marks_by_source<'a>(
    record: &'a Record,
    all: &[&TimelineEntry<'a>],
    first: Option<Date>,
    last: Option<Date>,
) -> BTreeMap<&'a str, Vec<Mark>> {
    let days = |from: Date, to: Date| f64::from(i32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(0));
    let whole_span = first.zip(last).map_or(1.0, |(first, last)| days(first, last).max(1.0));
    // A source's answers and its ward messages share one lane.
    let name =
        |source: &SourceId| record.sources.iter().find(|one| one.source == *source).map(SourceReport::shown_name);
    let mut lanes: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for one in all {
        let along = first.map_or(0.0, |first| days(first, one.first)) / whole_span;
        let x = format!("{:.1}", LEFT + (WIDTH - LEFT - RIGHT) * along);
        let date = one.entry.date.as_deref().map_or_else(String::new, format_sent_date);
        let label = format!("{date}: {}", entry::title(one.entry));
        let names = one.entry.provenance.iter().map(|origin| name(&origin.source).unwrap_or(origin.shown_name()));
        for name in names.collect::<BTreeSet<&str>>() {
            let mark = Mark { x: x.clone(), shape: shape(one.dataset), label: label.clone() };
            lanes.entry(name).or_default().push(mark);
        }
    }
    lanes
}
