//! Tests of the grid: a table of cases, and its laws for any results in any order.

use proptest::prelude::*;

use super::*;
use crate::record::test_records;

fn result(id: &str, title: &str, unit: &str, value: &str, date: &str, from: &str) -> Entry {
    let detail = Detail::Result {
        series: format!("{title}|{unit}"),
        value: value.into(),
        number: value.parse::<f64>().is_ok().then(|| value.into()),
        unit: Some(unit.into()).filter(|unit: &String| !unit.is_empty()),
        range: None,
        flag: None,
        reported: None,
        components: vec![],
        report: None,
    };
    Entry { id: id.into(), ..test_records::entry(title, from, date, detail) }
}

fn report(id: &str, title: &str, says: &str, members: &[&str]) -> Entry {
    let mut entry = result(id, title, "", says, "2026-11-21", "Lab");
    if let Detail::Result { series, report, .. } = &mut entry.detail {
        series.clear();
        *report = Some("Report".into());
    }
    entry.links = members.iter().map(|id| ("reports".into(), (*id).into())).collect();
    entry
}

/// The grid in short: one line a panel, its dates, and its rows with the ids in each cell.
fn sketch(entries: &[Entry]) -> Vec<String> {
    let all: Vec<&Entry> = entries.iter().collect();
    let grid = results_grid(&all);
    let ids = |entries: &[&Entry]| entries.iter().map(|entry| entry.id.as_str()).collect::<Vec<_>>().join("+");
    let row = |row: &TestRow| {
        let cells: Vec<String> = row.cells.iter().map(|cell| ids(cell)).collect();
        format!("{} {}: {}", row.name, row.unit.unwrap_or("-"), cells.join(" | "))
    };
    let panel = |panel: &Panel| {
        let dates: Vec<String> =
            panel.columns.iter().map(|one| format!("{} {}", one.date.unwrap_or("?"), one.source)).collect();
        let rows: Vec<String> = panel.rows.iter().map(row).collect();
        format!("{} [{}] {}", panel.name, dates.join(", "), rows.join("; "))
    };
    let mut lines: Vec<String> = grid.panels.iter().map(panel).collect();
    lines.push(format!("in words: {}", ids(&grid.in_words)));
    lines.push(format!("headings: {}", ids(&grid.headings)));
    lines
}

#[test]
fn tests_are_down_and_dates_across_newest_first_with_sources_apart() {
    let entries = [
        result("k1", "Potassium", "mmol/L", "4.0", "2026-11-20", "Lab"),
        result("na1", "Sodium", "mmol/L", "140", "2026-11-20", "Lab"),
        result("k2", "Potassium", "mmol/L", "4.4", "2026-11-21T08:10:00Z", "Lab"),
        result("k3", "Potassium", "mmol/L", "4.9", "2026-11-20", "Practice"),
        report("r1", "Kidney profile", "Report with 2 results", &["na1", "k1"]),
        report("r2", "kidney profile", "Report with 1 result", &["k2"]),
        report("r3", "Kidney profile", "Report with 1 result", &["k3"]),
    ];
    assert_eq!(
        sketch(&entries),
        [
            "kidney profile [2026-11-21T08:10:00Z Lab, 2026-11-20 Lab, 2026-11-20 Practice] \
             Potassium mmol/L: k2 | k1 | k3; Sodium mmol/L:  | na1 | ",
            "in words: ",
            "headings: r1+r2+r3",
        ]
    );
}

#[test]
fn a_report_is_a_heading_unless_it_says_more_than_its_results() {
    let mut with_file = report("file", "CT chest", "Report with 2 results", &["hb"]);
    with_file.files = vec![lcr_contracts::record::File { title: None, content_type: None, unavailable: None }];
    let entries = [
        result("hb", "Haemoglobin", "g/L", "118", "2026-11-20", "Lab"),
        with_file,
        report("words", "Culture", "No growth so far", &[]),
        report("lost", "Lipids", "Report with 3 results", &["gone"]),
        result("long", "Film", "", &"x".repeat(61), "2026-11-20", "Lab"),
    ];
    assert_eq!(
        sketch(&entries),
        ["CT chest [2026-11-20 Lab] Haemoglobin g/L: hb", "in words: file+lost+words+long", "headings: "]
    );
}

#[test]
fn a_test_on_its_own_goes_by_its_own_name() {
    let entries = [
        result("a", "Haemoglobin A1c", "mmol/mol", "48", "2026-11-20", "Lab"),
        report("r", "Haemoglobin A1c", "Report with 1 result", &["a"]),
        result("w", "Weight", "kg", "61", "", "Practice"),
    ];
    assert_eq!(
        sketch(&entries),
        [
            "Single tests [2026-11-20 Lab, ? Practice] Haemoglobin A1c mmol/mol: a | ; Weight kg:  | w",
            "in words: ",
            "headings: r",
        ]
    );
}

#[test]
fn units_are_never_mixed_and_a_result_without_a_unit_goes_to_its_test() {
    let entries = [
        result("a", "Glucose", "mmol/L", "5.1", "2026-11-20", "Lab"),
        result("b", "Glucose", "", "Haemolysed", "2026-11-21", "Lab"),
        result("c", "Weight", "kg", "61", "2026-11-21", "Lab"),
        result("d", "Weight", "lb", "134", "2026-11-21", "Lab"),
        result("e", "Weight", "", "Refused", "2026-11-21", "Lab"),
    ];
    assert_eq!(
        sketch(&entries)[0],
        "Single tests [2026-11-21 Lab, 2026-11-20 Lab] Glucose mmol/L: b | a; Weight -: e | ; Weight kg: c | ; \
         Weight lb: d | "
    );
    assert!(is_in_series(&entries[1], "Glucose|mmol/L") && !is_in_series(&entries[3], "Weight|kg"));
}

#[test]
fn a_panel_with_a_new_abnormal_result_comes_first() {
    let mut high = result("k", "Potassium", "mmol/L", "6.9", "2026-11-01", "Lab");
    if let Detail::Result { flag, .. } = &mut high.detail {
        *flag = Some("very high".into());
    }
    let entries = [
        high,
        result("hb", "Haemoglobin", "g/L", "118", "2026-11-20", "Lab"),
        report("r1", "Kidney profile", "Report with 1 result", &["k"]),
        report("r2", "Blood count", "Report with 1 result", &["hb"]),
    ];
    assert!(sketch(&entries)[0].starts_with("Kidney profile"));
}

fn any_result() -> impl Strategy<Value = Entry> {
    let title = prop::sample::select(vec!["Potassium", "Sodium", "Film", "Weight"]);
    let unit = prop::sample::select(vec!["", "mmol/L", "kg"]);
    let date = prop::sample::select(vec!["", "2026", "2026-11-20", "2026-11-21T08:10:00Z"]);
    let from = prop::sample::select(vec!["Lab", "Practice"]);
    let value = prop_oneof![Just("4.0".to_owned()), Just("x".repeat(80)), Just(String::new())];
    (title, unit, date, from, value)
        .prop_map(|(title, unit, date, from, value)| result("", title, unit, &value, date, from))
}

/// Results and reports with ids of their own; reports name results that may not be there.
fn any_entries() -> impl Strategy<Value = Vec<Entry>> {
    let says = prop::sample::select(vec!["Report with 2 results", "Nothing unusual"]);
    let name = prop::sample::select(vec!["Kidney profile", "Potassium", "Blood count"]);
    let members = prop::collection::vec(0usize..14, 0..5);
    let reports = prop::collection::vec((name, says, members), 0..5);
    (prop::collection::vec(any_result(), 0..12), reports).prop_map(|(mut results, reports)| {
        for (at, result) in results.iter_mut().enumerate() {
            result.id = format!("o{at}");
        }
        let reports = reports.into_iter().enumerate().map(|(at, (name, says, members))| {
            let members: Vec<String> = members.iter().map(|at| format!("o{at}")).collect();
            let members: Vec<&str> = members.iter().map(String::as_str).collect();
            report(&format!("r{at}"), name, says, &members)
        });
        results.extend(reports);
        results
    })
}

proptest! {
    #[test]
    fn every_result_is_in_exactly_one_place(entries in any_entries()) {
        let all: Vec<&Entry> = entries.iter().collect();
        let grid = results_grid(&all);
        let cells = grid.panels.iter().flat_map(|panel| &panel.rows).flat_map(|row| &row.cells).flatten();
        let mut placed: Vec<&str> =
            cells.chain(&grid.in_words).chain(&grid.headings).map(|entry| entry.id.as_str()).collect();
        placed.sort_unstable();
        let mut sent: Vec<&str> = entries.iter().map(|entry| entry.id.as_str()).collect();
        sent.sort_unstable();
        prop_assert_eq!(placed, sent);
    }

    #[test]
    fn columns_are_newest_first_and_each_cell_has_the_date_and_source_of_its_column(entries in any_entries()) {
        let all: Vec<&Entry> = entries.iter().collect();
        for panel in results_grid(&all).panels {
            let dates: Vec<Option<String>> = panel.columns.iter().map(|one| one.date.map(date_sort_key)).collect();
            prop_assert!(dates.windows(2).all(|pair| pair[0] >= pair[1]), "{:?}", dates);
            for row in &panel.rows {
                prop_assert_eq!(row.cells.len(), panel.columns.len());
                for (cell, column) in row.cells.iter().zip(&panel.columns) {
                    prop_assert!(cell.iter().all(|entry| entry.date.as_deref() == column.date));
                    prop_assert!(cell.iter().all(|entry| entry.provenance[0].name == column.source));
                    let units: Vec<&str> = cell.iter().map(|entry| series::unit(entry)).filter(|one| !one.is_empty()).collect();
                    prop_assert!(units.iter().all(|unit| Some(*unit) == row.unit));
                }
            }
        }
    }

    #[test]
    fn the_order_of_the_entries_does_not_matter(
        (entries, shuffled) in any_entries().prop_flat_map(|all| (Just(all.clone()), Just(all).prop_shuffle()))
    ) {
        prop_assert_eq!(sketch(&entries), sketch(&shuffled));
    }
}
