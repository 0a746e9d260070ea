//! Tests of `read_plan.rs`.

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
    for (row, changes) in [(Progress { newest: None, ..reading_all() }, vec![Some(now())]), (reading_all(), vec![None])]
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
