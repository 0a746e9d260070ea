//! The record by date: one lane per organisation with marks by kind, and a list that says the same in words.
//! The lanes add nothing the list does not say.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use lcr_contracts::record::{Entry, Record};
use lcr_model::{Dataset, SourceId};

use super::{
    entry, marks,
    table::{Cell, Row, Table, headings},
    words::{day, sent, sort_key, span},
};

pub const WIDTH: f64 = 1000.0;
const LEFT: f64 = 220.0;
const RIGHT: f64 = 20.0;
pub const LANE: u16 = 32;
const MOST: usize = 300;

/// The page's content.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    pub lanes: Vec<Lane>,
    pub height: u16,
    pub first: String,
    pub last: String,
    pub table: Table,
    /// Entries that stand in no lane, in words.
    pub left_out: Option<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Lane {
    pub name: String,
    pub y: u16,
    pub marks: Vec<Mark>,
}

/// One mark: where, of which shape, and what it stands for.
#[derive(Debug, Clone, PartialEq)]
pub struct Mark {
    pub x: String,
    pub shape: &'static str,
    pub label: String,
}

/// Shape and words for the key, by what a dataset is about.
pub const KEY: [(&str, &str); 4] = [
    ("ring", "Contact or stay"),
    ("square", "Document"),
    ("triangle", "Result"),
    ("diamond", "Anything else"),
];

fn shape(dataset: Dataset) -> &'static str {
    match dataset {
        Dataset::Encounters | Dataset::Appointments | Dataset::Referrals => "ring",
        Dataset::Documents => "square",
        Dataset::Results => "triangle",
        _ => "diamond",
    }
}

/// The timeline of everything dated in the record.
pub fn timeline(record: &Record) -> Timeline {
    let mut all: Vec<(Dataset, &Entry, Date)> = Vec::new();
    let mut undated = 0;
    for section in record.sections.iter().filter(|section| section.dataset != Dataset::Demographics) {
        for entry in &section.entries {
            match entry.date.as_deref().and_then(span) {
                Some((first, _)) => all.push((section.dataset, entry, first)),
                None => undated += 1,
            }
        }
    }
    all.sort_by_key(|(_, entry, _)| std::cmp::Reverse(entry.date.as_deref().map(sort_key)));
    let older = all.len().saturating_sub(MOST);
    all.truncate(MOST);
    let last = all.first().map(|(_, _, at)| *at);
    let first = all.iter().map(|(_, _, at)| *at).min();
    let lanes = lanes(record, &all, first, last);
    Timeline {
        height: u16::try_from(lanes.len()).unwrap_or(u16::MAX / LANE).saturating_mul(LANE).saturating_add(40),
        lanes,
        first: first.map_or_else(|| "no date".into(), day),
        last: last.map_or_else(|| "no date".into(), day),
        table: table(&all),
        left_out: left_out(undated, older),
    }
}

fn left_out(undated: usize, older: usize) -> Option<String> {
    let parts = [(undated, "without a date"), (older, "older than these")];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, why)| format!("{count} {why}")).collect();
    (!said.is_empty())
        .then(|| format!("Not on this page: {}. They stand under their own headings.", said.join(", ")))
}

fn lanes(
    record: &Record,
    all: &[(Dataset, &Entry, Date)],
    first: Option<Date>,
    last: Option<Date>,
) -> Vec<Lane> {
    let days =
        |from: Date, to: Date| f64::from(i32::try_from(to.duration_since(from).as_hours() / 24).unwrap_or(0));
    let whole = first.zip(last).map_or(1.0, |(first, last)| days(first, last).max(1.0));
    let mut lanes: BTreeMap<&str, Vec<Mark>> = BTreeMap::new();
    for (dataset, entry, at) in all {
        let along = first.map_or(0.0, |first| days(first, *at)) / whole;
        let x = format!("{:.1}", LEFT + (WIDTH - LEFT - RIGHT) * along);
        let date = entry.date.as_deref().map_or_else(String::new, sent);
        let label = format!("{date}: {}", entry::title(entry));
        // One lane for a source, whether it answered or its messages say it.
        let name = |source: &'_ SourceId| {
            record.sources.iter().find(|one| one.source == *source).map(|one| one.name.as_str())
        };
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
            Cell::or(entry.date.as_deref().map(sent), "date not recorded").nowrap(),
            Cell::said(dataset.title()),
            Cell::lines(vec![entry::title(entry), entry::text(entry)])
                .heeded(marks::of(entry), entry.notes.clone()),
            Cell::said(entry::whose(entry)).quiet(),
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
