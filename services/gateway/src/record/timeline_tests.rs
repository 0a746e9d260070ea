//! Tests of the timeline: what belongs to a stay is under it, and nothing is lost.

use lcr_contracts::record::{Detail, SourceReport};
use lcr_model::OdsCode;

use super::*;
use crate::record::test_records;

fn entry(id: &str, date: &str, source: &str, detail: Detail) -> Entry {
    Entry { id: id.into(), ..test_records::entry(id, source, date, detail) }
}

fn stay(id: &str, from: &str, to: Option<&str>, source: &str) -> Entry {
    let ended = to.map(str::to_owned);
    let detail = Detail::Encounter { class: "In-patient".into(), place: None, in_progress: ended.is_none(), ended };
    entry(id, from, source, detail)
}

fn result(id: &str, date: &str, source: &str, value: &str) -> Entry {
    let detail = Detail::Result {
        series: String::new(),
        value: value.into(),
        number: None,
        unit: None,
        range: None,
        flag: None,
        reported: None,
        components: vec![],
        report: None,
    };
    entry(id, date, source, detail)
}

fn record(sections: Vec<(Dataset, Vec<Entry>)>) -> Record {
    let source = |id: &str, organisation: &str| SourceReport {
        organisation: OdsCode::new(organisation),
        ..test_records::source(id, "hospital", &[])
    };
    let sources = vec![source("hildas", "RR8"), source("hildas-lab", "RR8"), source("gp", "B86")];
    test_records::record(sources, sections)
}

/// `head(within within)` for each group.
fn sketch(record: &Record, filter: &Filter) -> Vec<String> {
    let group = |group: &Group| {
        let within: Vec<&str> = group.within.iter().map(|item| item.id.as_str()).collect();
        if within.is_empty() { group.head.id.clone() } else { format!("{}({})", group.head.id, within.join(" ")) }
    };
    timeline(record, filter, "/t").groups.iter().map(group).collect()
}

fn sample() -> Record {
    record(vec![
        (
            Dataset::Results,
            vec![
                result("before", "2026-11-18", "hildas", "1"),
                result("first-day", "2026-11-19T01:00:00Z", "hildas-lab", "1"),
                result("elsewhere", "2026-11-20", "gp", "1"),
                result("month", "2026-11", "hildas", "1"),
                result("undated", "", "hildas", "1"),
            ],
        ),
        (Dataset::Documents, vec![entry("letter", "2026-11-21", "hildas", Detail::default())]),
        (Dataset::Diagnoses, vec![entry("diagnosis", "2026-11-20", "hildas", Detail::default())]),
        (
            Dataset::Encounters,
            vec![
                stay("stay", "2026-11-19T03:20:00Z", Some("2026-11-21T10:00:00Z"), "hildas"),
                stay("now", "2026-11-25", None, "hildas"),
            ],
        ),
        (Dataset::Procedures, vec![entry("operation", "2026-11-26", "hildas", Detail::default())]),
    ])
}

#[test]
fn results_documents_and_procedures_of_the_days_of_a_stay_at_its_hospital_are_under_it() {
    let expected = ["now(operation)", "diagnosis", "elsewhere", "stay(letter first-day)", "before", "month"];
    assert_eq!(sketch(&sample(), &Filter::default()), expected);
    let all = timeline(&sample(), &Filter::default(), "/t");
    assert_eq!(all.left_out.as_deref(), Some("Not on this page: 1 without a date. See their own headings."));
    let drawn: usize = all.lanes.lanes.iter().map(|lane| lane.marks.len()).sum();
    assert_eq!(drawn, 9, "the lanes show as many as the list");
}

#[test]
fn a_filter_and_an_order_change_the_list() {
    let filter = Filter { kind: "results".into(), sort: "oldest".into(), ..Filter::default() };
    assert_eq!(sketch(&sample(), &filter), ["month", "before", "first-day", "elsewhere"]);
    assert_eq!(timeline(&sample(), &filter, "/t").filtered.as_deref(), Some("4 of 9 shown by this filter."));
    let gp = Filter { source: "gp".into(), ..Filter::default() };
    assert_eq!(sketch(&sample(), &gp), ["elsewhere"]);
}

#[test]
fn a_report_that_only_groups_results_is_one_line_with_its_results() {
    let mut report = result("Kidney profile", "2026-11-20", "hildas", "Report with 2 results");
    if let Detail::Result { report, .. } = &mut report.detail {
        *report = Some("Report".into());
    }
    report.links = vec![("reports".into(), "Sodium".into()), ("reports".into(), "Potassium".into())];
    let mut potassium = result("Potassium", "2026-11-20", "hildas", "6.9");
    potassium.notes = vec!["Haemolysed".into()];
    let results = vec![potassium, result("Sodium", "2026-11-20", "hildas", "140"), report];
    let record = record(vec![(Dataset::Results, results)]);
    let timeline = timeline(&record, &Filter::default(), "/t");
    let [group] = timeline.groups.as_slice() else { panic!("one line") };
    assert_eq!(group.head.text, "Sodium 140; Potassium 6.9");
    assert_eq!(group.head.notes, ["Potassium: Haemolysed"]);
}

#[test]
fn a_long_timeline_has_pages() {
    let many = (0..100).map(|at| result(&format!("r{at:03}"), "2026-11-20", "gp", "1")).collect();
    let record = record(vec![(Dataset::Results, many)]);
    let page = |page: &str| timeline(&record, &Filter { page: page.into(), ..Filter::default() }, "/t");
    let paging = page("2").paging.unwrap();
    assert_eq!(paging.words, "41 to 80 of 100");
    assert_eq!(paging.after.unwrap().href, "/t?page=3");
    assert_eq!(page("3").groups.len(), 20);
}
