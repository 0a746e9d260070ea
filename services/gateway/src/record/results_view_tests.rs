//! Tests of the cells of the grid.

use super::*;
use crate::record::results_grid::results_grid;

fn potassium(date: &str, value: &str) -> Entry {
    Entry {
        id: format!("lab~Observation~{date}"),
        title: "Potassium".into(),
        date: Some(date.into()),
        status: Some("Final".into()),
        detail: Detail::Result {
            series: "K|mmol/L".into(),
            value: value.into(),
            number: None,
            unit: Some("mmol/L".into()),
            range: Some("3.5 to 5.3".into()),
            flag: None,
            reported: None,
            components: vec![],
            report: None,
        },
        ..Entry::default()
    }
}

fn views(entries: &[Entry], dates: usize) -> Vec<PanelView> {
    panel_views(&results_grid(&entries.iter().collect::<Vec<_>>()), "/r", dates)
}

#[test]
fn a_cell_has_value_unit_mark_status_and_the_number_of_its_comment() {
    let mut entry = potassium("2026-11-20", "6.9 mmol/L");
    entry.status = Some("Preliminary".into());
    entry.notes = vec!["Grossly haemolysed".into()];
    if let Detail::Result { flag, .. } = &mut entry.detail {
        *flag = Some("very high".into());
    }
    let panel = views(&[entry], 8).remove(0);
    let row = &panel.rows[0];
    assert_eq!((row.name.as_str(), row.range.as_deref()), ("Potassium", Some("range 3.5 to 5.3")));
    assert_eq!((row.unit.as_deref(), row.href.as_str(), &row.all), (Some("mmol/L"), "/r?series=K%7Cmmol%2FL", &None));
    let cell = &row.cells[0].results[0];
    assert_eq!((cell.value.as_str(), &cell.unit), ("6.9 mmol/L", &None), "the unit is not there twice");
    assert_eq!((cell.flag.as_ref().unwrap().letter.as_str(), cell.status.as_deref()), ("HH", Some("preliminary")));
    assert_eq!((cell.comment, &cell.range), (Some(1), &None));
    assert_eq!(cell.href, "/r?series=K%7Cmmol%2FL#entry-lab%7EObservation%7E2026-11-20");
    let comment = &panel.comments[0];
    assert_eq!((comment.about.as_str(), comment.texts.len()), ("Potassium, 20-Nov-2026", 1));
    assert!(panel.has_flag);
}

#[test]
fn a_report_of_which_results_are_missing_says_so() {
    let mut report = potassium("2026-11-20", "Report with 2 results");
    report.title = "Kidney profile".into();
    report.id = "report".into();
    report.links = ["lab~Observation~2026-11-20", "gone"].map(|id| ("reports".to_owned(), id.to_owned())).to_vec();
    let entries = [potassium("2026-11-20", "4.0"), report];
    let grid = results_grid(&entries.iter().collect::<Vec<_>>());
    assert_eq!(partial_reports(&grid), ["Kidney profile, 20-Nov-2026: 1 of its 2 results can be shown."]);
}

#[test]
fn older_dates_are_counted_and_linked() {
    let entries: Vec<Entry> = (1..=6).map(|day| potassium(&format!("2026-11-0{day}"), "4.0")).collect();
    let panel = views(&entries, 4).remove(0);
    assert_eq!(panel.columns[0].date, "06-Nov-2026");
    assert_eq!(panel.older, Some(("/r?panel=lab%7EObservation%7E2026-11-06".into(), "2 older dates".into())));
    let row = &panel.rows[0];
    assert_eq!(row.all.as_deref(), Some("6"));
    let older: Vec<bool> = row.cells.iter().map(|cell| cell.is_older).collect();
    assert_eq!(older, [false, false, false, true]);
    assert_eq!(views(&entries, usize::MAX)[0].older, None);
}

#[test]
fn a_range_that_differs_from_the_tests_range_is_at_its_result() {
    let mut older = potassium("2026-11-01", "4.0");
    if let Detail::Result { range, .. } = &mut older.detail {
        *range = Some("3.4 to 5.0; 3.5 to 5.5 in labour".into());
    }
    let panel = views(&[older, potassium("2026-11-20", "4.2")], 8).remove(0);
    let ranges: Vec<Option<&str>> = panel.rows[0].cells.iter().map(|cell| cell.results[0].range.as_deref()).collect();
    assert_eq!(ranges, [None, Some("ranges: 3.4 to 5.0; 3.5 to 5.5 in labour")]);
}
