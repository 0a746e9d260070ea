//! The record by date: one lane per organisation, and a table that says the same. The lanes must not show anything
//! that the table lacks.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::record::{Entry, Record};
use lcr_model::{Dataset, SourceId};

use crate::{
    layout::{
        format::{date_range, date_sort_key, format_day, format_sent_date},
        table::{Cell, Row, Table, headings},
    },
    record::{entry, marks},
};

pub const WIDTH: f64 = 1000.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 20.0;
pub const LANE: u16 = 32;
const MAX_ENTRIES: usize = 300;

#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub lanes: Vec<Lane>,
    pub height: u16,
    pub first: String,
    pub last: String,
    pub table: Table,
    /// The sentence about entries in no lane.
    pub left_out: Option<String>,
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

/// The timeline of all dated entries.
pub fn timeline(record: &Record) -> Timeline {
    let mut all: Vec<(Dataset, &Entry, Date)> = Vec::new();
    let mut undated = 0;
    for section in record.sections.iter().filter(|section| section.dataset != Dataset::Demographics) {
        for entry in &section.entries {
            match entry.date.as_deref().and_then(date_range) {
                Some((first, _)) => all.push((section.dataset, entry, first)),
                None => undated += 1,
            }
        }
    }
    all.sort_by_key(|(_, entry, _)| std::cmp::Reverse(entry.date.as_deref().map(date_sort_key)));
    let older = all.len().saturating_sub(MAX_ENTRIES);
    all.truncate(MAX_ENTRIES);
    let last = all.first().map(|(_, _, at)| *at);
    let first = all.iter().map(|(_, _, at)| *at).min();
    let lanes = lanes(record, &all, first, last);
    Timeline {
        height: u16::try_from(lanes.len()).unwrap_or(u16::MAX / LANE).saturating_mul(LANE).saturating_add(40),
        lanes,
        first: first.map_or_else(|| "no date".into(), format_day),
        last: last.map_or_else(|| "no date".into(), format_day),
        table: table(&all),
        left_out: left_out(undated, older),
    }
}

fn left_out(undated: usize, older: usize) -> Option<String> {
    let parts = [(undated, "without a date"), (older, "older than these")];
    let reasons: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    (!reasons.is_empty()).then(|| format!("Not on this page: {}. See their own headings.", reasons.join(", ")))
}

fn lanes(record: &Record, all: &[(Dataset, &Entry, Date)], first: Option<Date>, last: Option<Date>) -> Vec<Lane> {
    let days = |from: Date, to: Date| f64::from(i32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(0));
    let whole_span = first.zip(last).map_or(1.0, |(first, last)| days(first, last).max(1.0));
    let mut lanes: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for (dataset, entry, at) in all {
        let along = first.map_or(0.0, |first| days(first, *at)) / whole_span;
        let x = format!("{:.1}", LEFT + (WIDTH - LEFT - RIGHT) * along);
        let date = entry.date.as_deref().map_or_else(String::new, format_sent_date);
        let label = format!("{date}: {}", entry::title(entry));
        // A source's answers and its ward messages share one lane.
        let name =
            |source: &'_ SourceId| record.sources.iter().find(|one| one.source == *source).map(|one| one.name.as_str());
        let names = entry.provenance.iter().map(|one| name(&one.source).unwrap_or(&one.name));
        for name in names.collect::<BTreeSet<&str>>() {
            let mark = Mark { x: x.clone(), shape: shape(*dataset), label: label.clone() };
            lanes.entry(name).or_default().push(mark);
        }
    }
    let lane = |(at, (name, marks)): (usize, (&str, Vec<Mark>))| Lane {
        name: name.to_owned(),
        y: u16::try_from(at).unwrap_or(0).saturating_mul(LANE).saturating_add(LANE / 2),
        marks,
    };
    lanes.into_iter().enumerate().map(lane).collect()
}

fn table(all: &[(Dataset, &Entry, Date)]) -> Table {
    let row = |(dataset, entry, _): &(Dataset, &Entry, Date)| Row {
        id: entry.id.clone(),
        cells: vec![
            Cell::or(entry.date.as_deref().map(format_sent_date), "date not recorded").nowrap(),
            Cell::new(dataset.title()),
            Cell::lines(vec![entry::title(entry), entry::text(entry)])
                .with_marks(marks::entry_marks(entry), entry.notes.clone()),
            Cell::new(entry::source_and_date(entry)).quiet(),
        ],
    };
    Table {
        caption: "Everything with a date, newest first".into(),
        note: None,
        columns: headings(&["Date", "Kind", "What", "Whose, when changed"]),
        rows: all.iter().map(row).collect(),
        empty: "Nothing with a date is shown. Do not assume there is nothing.".into(),
    }
}
