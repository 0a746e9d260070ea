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
mod tests {
    use lcr_model::SourceId;

    use super::*;

    fn now() -> Timestamp {
        "2026-11-22T12:00:00Z".parse().unwrap()
    }

    fn page(next: Option<&str>, is_finished: bool) -> Page {
        let next = next.map(str::to_owned);
        Page { items: vec![], unreadable: 0, unreadable_ids: vec![], count: 1, next, is_finished }
    }

    fn reading_all() -> Progress {
        Progress { newest: Some(0), reads_all: true, ..Progress::new(&SourceId::new("community")) }
    }

    #[test]
    fn changes_are_asked_for_from_a_minute_before_the_newest() {
        let row = after_page(&reading_all(), &page(None, true), &[Some(now())], now());
        assert_eq!(due(&row, now()), ReadPlan::ChangesSince("2026-11-22T11:59:00Z".parse().unwrap()));
        assert_eq!(due(&row, now() + REREAD_AFTER), ReadPlan::Everything);
        let ahead = after_page(&reading_all(), &page(None, true), &[Some(now() + OVERLAP)], now());
        assert_eq!(ahead.since, row.since, "a clock ahead of ours must not hide changes");
    }

    #[test]
    fn a_source_without_times_of_change_is_read_whole_every_ten_minutes() {
        for (row, changes) in
            [(Progress { newest: None, ..reading_all() }, vec![Some(now())]), (reading_all(), vec![None])]
        {
            let row = after_page(&row, &page(None, true), &changes, now());
            assert_eq!(due(&row, now()), ReadPlan::Nothing);
            assert_eq!(due(&row, now() + REREAD_WITHOUT_CHANGES), ReadPlan::Everything);
        }
    }

    #[test]
    fn a_change_without_its_time_makes_everything_due_soon() {
        let all = after_page(&reading_all(), &page(None, true), &[Some(now())], now());
        let changes = after_page(&Progress { newest: all.since, ..all }, &page(None, true), &[None], now());
        assert_eq!(due(&changes, now()), ReadPlan::Nothing);
        assert_eq!(due(&changes, now() + REREAD_WITHOUT_CHANGES), ReadPlan::Everything);
    }

    #[test]
    fn a_reading_that_stopped_goes_on_and_one_that_failed_begins_anew() {
        let stopped = after_page(&reading_all(), &page(Some("p2"), false), &[Some(now())], now());
        assert_eq!((due(&stopped, now()), stopped.since), (ReadPlan::NextPage, None));
        let failed = after_page(&stopped, &page(None, false), &[], now());
        assert_eq!((due(&failed, now()), failed.since), (ReadPlan::Everything, None));
    }
}
