//! Tests of what a phone shows at first: nothing that can harm is left out, and the rest is named or linked.

use lcr_contracts::record::{Detail, Entry, Mark};
use lcr_model::{Dataset, SourceState};

use crate::record::{
    summary::{Body, sections},
    test_records::{self, now, record, source},
};

fn body(dataset: Dataset, entries: Vec<Entry>) -> Body {
    let record = record(vec![source("GP", "gp", &[(dataset, SourceState::HasData)])], vec![(dataset, entries)]);
    sections(&record, now()).swap_remove(0).body
}

fn fold(dataset: Dataset, entries: Vec<Entry>) -> Option<String> {
    let Body::Items { fold, .. } = body(dataset, entries) else { panic!("items") };
    fold
}

fn result(name: &str, flag: Option<&str>) -> Entry {
    let detail = Detail::Result {
        series: name.into(),
        value: "1".into(),
        number: Some("1".into()),
        unit: None,
        range: None,
        flag: flag.map(Into::into),
        reported: None,
        components: Vec::new(),
        report: None,
    };
    test_records::entry(name, "Lab", "2026-11-20", detail)
}

fn problem(title: &str, clinical: &str) -> Entry {
    let detail =
        Detail::Diagnosis { clinical: Some(clinical.into()), certainty: None, ended: None, only_recorded: false };
    test_records::entry(title, "GP", "2020", detail)
}

fn medicine(title: &str, remark: Option<&str>) -> Entry {
    let detail = Detail::Medication {
        aligned_by: String::new(),
        list: "repeat".into(),
        dose: Some("1 tablet daily".into()),
        route: None,
        form: None,
        reason: None,
    };
    Entry { remark: remark.map(Into::into), ..test_records::entry(title, "GP", "2026-10-03", detail) }
}

#[test]
fn a_phone_leaves_out_no_result_that_is_abnormal_or_commented() {
    let mut entries: Vec<Entry> = ["A", "B", "C", "D"].map(|name| result(name, Some("high"))).into();
    entries.push(Entry { notes: vec!["Haemolysed".into()], ..result("E", None) });
    entries.push(result("F", None));
    let Body::Items { items, more, fold, .. } = body(Dataset::Results, entries) else { panic!("items") };
    let left_out: Vec<&str> = items.iter().filter(|one| one.wide_only).map(|one| one.title.as_str()).collect();
    assert_eq!(left_out, ["F"]);
    let more = more.unwrap();
    assert_eq!((more.text.as_str(), more.phone_only), ("Show all 6 results", true), "a wide screen shows all six");
    assert_eq!(fold, None, "results are not folded");
}

#[test]
fn results_that_a_phone_shows_in_full_need_no_link() {
    let Body::Items { more, .. } = body(Dataset::Results, vec![result("A", None)]) else { panic!("items") };
    assert_eq!(more, None);
}

#[test]
fn a_phone_names_the_medicines_that_it_leaves_out_and_shows_each_difference() {
    let names = |remarks: [Option<&str>; 5]| {
        let entries = ["A", "B", "C", "D", "E"].into_iter().zip(remarks).map(|(name, remark)| medicine(name, remark));
        let Body::Medications(table) = body(Dataset::Medications, entries.collect()) else { panic!("medications") };
        table.wide_only_names()
    };
    assert_eq!(names([None, None, None, None, Some("dose differs")]), "C; D", "the difference comes first");
    assert_eq!(names([Some("dose differs"); 5]), "");
}

#[test]
fn problems_fold_into_a_line_that_names_those_that_count_now() {
    let entries = vec![problem("Fracture", "Past"), problem("Asthma", "Active"), problem("Asthma", "Active")];
    assert_eq!(fold(Dataset::Diagnoses, entries).as_deref(), Some("3 diagnoses: Asthma; 1 past or refuted"));
    let many = (0..9).map(|number| problem(&format!("P{number}"), "Active")).collect();
    assert!(fold(Dataset::Diagnoses, many).unwrap().starts_with("8 of 9 diagnoses: P"));
}

#[test]
fn a_section_with_a_difference_does_not_fold() {
    let differs = Entry { remark: Some("onset differs".into()), ..problem("Asthma", "Active") };
    assert_eq!(fold(Dataset::Diagnoses, vec![differs, problem("Gout", "Active")]), None);
}

#[test]
fn a_folded_entry_says_how_confidential_it_is_and_a_warning_does_not_fold() {
    let marked = |mark| vec![Entry { marks: vec![mark], ..problem("Asthma", "Active") }, problem("Gout", "Active")];
    for (mark, words) in [
        (Mark::Restricted, "confidential"),
        (Mark::VeryRestricted, "very confidential"),
        (Mark::Sensitive, "sensitive"),
    ] {
        let line = fold(Dataset::Diagnoses, marked(mark));
        assert_eq!(line, Some(format!("2 diagnoses: Asthma ({words}); Gout")));
    }
    for mark in [Mark::NotForThePatient, Mark::DoNotPerform, Mark::Unknown] {
        assert_eq!(fold(Dataset::Diagnoses, marked(mark)), None, "{mark:?}");
    }
}

#[test]
fn a_phone_leaves_out_no_marked_result() {
    let mut entries: Vec<Entry> = ["A", "B", "C"].map(|name| result(name, None)).into();
    entries.push(Entry { marks: vec![Mark::Sensitive], ..result("HIV antibody", None) });
    entries.push(result("D", None));
    let Body::Items { items, .. } = body(Dataset::Results, entries) else { panic!("items") };
    let left_out: Vec<&str> = items.iter().filter(|one| one.wide_only).map(|one| one.title.as_str()).collect();
    assert_eq!(left_out, ["D"]);
}

#[test]
fn the_line_of_folded_plans_says_what_a_plan_that_holds_decides() {
    let plan = |status: &str| {
        let fields = vec![("Plan".to_owned(), "Weekly visit; CPR not recommended".to_owned())];
        let plan = test_records::entry("Plan", "GP", "", Detail::Other { fields });
        vec![Entry { status: Some(status.into()), ..plan }]
    };
    assert_eq!(fold(Dataset::CarePlans, plan("Active")).as_deref(), Some("1 plan: CPR not recommended; Weekly visit"));
    assert_eq!(fold(Dataset::CarePlans, plan("Revoked")).as_deref(), Some("1 plan: Plan"));
}
