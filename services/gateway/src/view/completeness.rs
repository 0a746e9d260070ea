//! "Complete as of …, except …": on every page, list and print. It never says complete while a source is
//! silent without naming that source.

use lcr_contracts::record::Record;

use super::{
    columns::as_sent,
    sources::{Shape, sources_panel},
    words::clock_seconds,
};

/// The line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    pub as_of: String,
    /// What is not in it, one sentence part each; empty when nothing is missing.
    pub except: Vec<String>,
    pub asking: bool,
    /// What a source sent and no list shows.
    pub not_shown: Vec<NotShownLine>,
}

/// How many items are not shown and why, and where each can be read as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotShownLine {
    pub words: String,
    pub items: Vec<String>,
}

impl Completeness {
    /// The line as one text.
    pub fn words(&self) -> String {
        let start = if self.asking { "Still asking. As of" } else { "Complete as of" };
        match self.except.as_slice() {
            [] => format!("{start} {}.", self.as_of),
            parts => format!("{start} {}, except: {}.", self.as_of, parts.join("; ")),
        }
    }
}

/// The line for a record as it stands.
pub fn completeness(record: &Record) -> Completeness {
    let lines = sources_panel(record);
    let missing = |shape| matches!(shape, Shape::Asking | Shape::Silent | Shape::Older);
    let except = lines.iter().filter(|line| missing(line.shape)).map(|line| match line.shape {
        Shape::Asking => format!("{} has not answered yet", line.name),
        Shape::Silent => format!("{} {}", line.name, line.missing),
        _ => format!("{} {}", line.name, line.words),
    });
    Completeness {
        as_of: clock_seconds(record.as_of),
        except: except.collect(),
        asking: lines.iter().any(|line| line.shape == Shape::Asking),
        not_shown: not_shown(record),
    }
}

/// "3 entered in error (Diagnoses, Beckside Surgery)".
fn not_shown(record: &Record) -> Vec<NotShownLine> {
    let name = |id: &lcr_model::SourceId| {
        let found = record.sources.iter().find(|source| source.source == *id);
        found.map_or_else(|| id.to_string(), |source| source.name.clone())
    };
    let line = |one: &lcr_contracts::record::NotShown| NotShownLine {
        words: format!("{} {} ({}, {})", one.count, one.reason, one.dataset.title(), name(&one.source)),
        items: one.items.iter().map(|id| as_sent(record, id)).collect(),
    };
    record.not_shown.iter().map(line).collect()
}
