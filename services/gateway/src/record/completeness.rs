//! The line "Complete as of …, except …" of every page, list and print. It must name each source that has not
//! answered.

use lcr_contracts::record::Record;

use crate::{
    layout::format::format_time_with_seconds,
    record::{
        columns::item_href,
        sources::{Shape, sources_panel},
    },
};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completeness {
    pub as_of: String,
    /// One part of the sentence for each source that is missing.
    pub except: Vec<String>,
    pub asking: bool,
    /// Items that a source sent and no list shows.
    pub not_shown: Vec<NotShownLine>,
}

/// The number of items not shown, the reason, and the pages that show them as sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotShownLine {
    pub words: String,
    pub item_hrefs: Vec<String>,
}

impl Completeness {
    pub fn words(&self) -> String {
        let start = if self.asking { "Still asking. As of" } else { "Complete as of" };
        match self.except.as_slice() {
            [] => format!("{start} {}.", self.as_of),
            parts => format!("{start} {}, except: {}.", self.as_of, parts.join("; ")),
        }
    }
}

pub fn completeness(record: &Record) -> Completeness {
    let lines = sources_panel(record);
    let is_missing = |shape| matches!(shape, Shape::Asking | Shape::Silent | Shape::Older);
    let except = lines.iter().filter(|line| is_missing(line.shape)).map(|line| match line.shape {
        Shape::Asking => format!("{} has not answered yet", line.name),
        Shape::Silent => format!("{} {}", line.name, line.missing),
        _ => format!("{} {}", line.name, line.words),
    });
    Completeness {
        as_of: format_time_with_seconds(record.as_of),
        except: except.collect(),
        asking: lines.iter().any(|line| line.shape == Shape::Asking),
        not_shown: not_shown(record),
    }
}

/// "3 entered in error (Diagnoses, Beckside Surgery)".
fn not_shown(record: &Record) -> Vec<NotShownLine> {
    let name = |id: &lcr_model::SourceId| {
        let source = record.sources.iter().find(|source| source.source == *id);
        source.map_or_else(|| id.to_string(), |source| source.shown_name().to_owned())
    };
    let line = |one: &lcr_contracts::record::NotShown| NotShownLine {
        words: format!("{} {} ({}, {})", one.count, one.reason, one.dataset.title(), name(&one.source)),
        item_hrefs: one.items.iter().map(|id| item_href(record, id)).collect(),
    };
    record.not_shown.iter().map(line).collect()
}
