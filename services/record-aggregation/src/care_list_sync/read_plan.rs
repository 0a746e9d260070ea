//! Decides what to read of a source's episodes, by how far they were read. A reading that failed must never move the time from
//! which changes are asked for.

use std::time::Duration;

use jiff::Timestamp;

use crate::{list_reader::Page, store::care_list::Progress};

/// Everything is read again after this time, in case the source did not report a change.
const REREAD_AFTER: Duration = Duration::from_hours(24);
/// The same for a source that cannot be asked for changes, or does not give its episodes: it may do so later.
const REREAD_WITHOUT_CHANGES: Duration = Duration::from_mins(10);
/// A source may commit a change a little after the time that it gives it.
const OVERLAP: Duration = Duration::from_mins(1);

/// What to read of a source now.
#[derive(Debug, PartialEq, Eq)]
pub enum ReadPlan {
    Nothing,
    /// All episodes, from the first page.
    Everything,
    /// The next page of what was read in part.
    NextPage,
    ChangesSince(Timestamp),
}

pub fn due(row: &Progress, now: Timestamp) -> ReadPlan {
    if row.next.is_some() {
        return ReadPlan::NextPage;
    }
    if row.due <= now.as_microsecond() {
        return ReadPlan::Everything;
    }
    let since = row.since.and_then(|since| Timestamp::from_microsecond(since).ok());
    since.map_or(ReadPlan::Nothing, |since| ReadPlan::ChangesSince(since.checked_sub(OVERLAP).unwrap_or(since)))
}

/// The progress after a page whose episodes changed at `changes`. A source whose episodes have no time of change cannot be
/// asked for changes; one whose clock is ahead of ours is asked from our time on.
pub fn after_page(row: &Progress, page: &Page, changes: &[Option<Timestamp>], now: Timestamp) -> Progress {
    let latest = changes.iter().flatten().max().map(|latest| (*latest).min(now).as_microsecond());
    let newest = match row.newest {
        Some(before) if !changes.is_empty() => latest.map(|latest| latest.max(before)),
        before => before,
    };
    let due = match newest {
        _ if !page.is_finished => row.due,
        // Nothing tells of further changes, also if this was a reading of changes.
        None => micros_after(now, REREAD_WITHOUT_CHANGES),
        Some(_) if row.reads_all => micros_after(now, REREAD_AFTER),
        Some(_) => row.due,
    };
    Progress {
        source: row.source.clone(),
        next: page.next.clone(),
        items: page.count,
        newest,
        since: if page.is_finished { newest } else { row.since },
        reads_all: row.reads_all && page.next.is_some(),
        due,
        reading: row.reading,
    }
}

/// The progress after a reading of all episodes that ended links which were not listed: a page may have been wrong.
pub fn read_again_soon(row: Progress, now: Timestamp) -> Progress {
    Progress { due: micros_after(now, REREAD_WITHOUT_CHANGES), ..row }
}

/// The progress of a source that does not give its episodes now.
pub fn restarted_later(row: Progress, now: Timestamp) -> Progress {
    let due = micros_after(now, REREAD_WITHOUT_CHANGES);
    Progress { next: None, since: None, reads_all: false, due, ..row }
}

/// The time after `wait`, in microseconds.
pub fn micros_after(now: Timestamp, wait: Duration) -> i64 {
    now.checked_add(wait).unwrap_or(now).as_microsecond()
}

#[cfg(test)]
#[path = "read_plan_tests.rs"]
mod tests;
