//! Tests of the summary: what is new or abnormal comes first, active entries before past ones, each thing said once.

use lcr_contracts::record::Detail;

use super::*;
use crate::record::test_records::{self, discrepancy, now, record, source};

fn result(name: &str, value: &str, flag: Option<&str>, date: &str) -> Entry {
    let detail = Detail::Result {
        series: name.into(),
        value: value.into(),
        number: Some(value.into()),
        unit: Some("mmol/L".into()),
        range: None,
        flag: flag.map(Into::into),
        reported: None,
        components: Vec::new(),
        report: None,
    };
    test_records::entry(name, "Lab", date, detail)
}

fn problem(title: &str, clinical: &str, onset: &str) -> Entry {
    let detail = Detail::Diagnosis {
        clinical: Some(clinical.into()),
        certainty: Some("Confirmed".into()),
        ended: None,
        only_recorded: false,
    };
    test_records::entry(title, "GP", onset, detail)
}

fn items(dataset: Dataset, entries: Vec<Entry>) -> Vec<SummaryItem> {
    let record = record(vec![source("GP", "gp", &[(dataset, SourceState::HasData)])], vec![(dataset, entries)]);
    let Body::Items { items, .. } = sections(&record, now()).swap_remove(0).body else { panic!("items") };
    items
}

#[test]
fn an_abnormal_result_has_a_word_and_stands_above_normal_ones() {
    let entries = vec![
        result("Sodium", "140", None, "2026-11-21"),
        result("HbA1c", "90", Some("high"), "2019-01-02"),
        result("Potassium", "5.6", Some("high"), "2026-11-20"),
        result("Calcium", "1.9", Some("very low"), "2026-11-19"),
        result("Culture", "x", Some("resistant"), "2026-11-18"),
        result("Potassium", "4.9", None, "2026-11-01"),
    ];
    let items = items(Dataset::Results, entries);
    let read: Vec<(&str, Option<&str>)> = items.iter().map(|one| (one.title.as_str(), one.remark.as_deref())).collect();
    assert_eq!(
        read,
        [
            ("Calcium", Some("Very low")),
            ("Potassium", Some("High")),
            ("Culture", Some("Resistant")),
            ("Sodium", None),
            ("HbA1c", Some("High")),
        ],
        "an abnormal result of years ago is not news"
    );
    assert!(items[1].text.starts_with("5.6 mmol/L, collected 20-Nov-2026"), "the word is not said twice");
    assert_eq!(items[1].more_link.as_ref().map(|(_, words)| words.as_str()), Some("all 2"));
}

#[test]
fn the_limit_cuts_off_no_abnormal_result() {
    let commented = |number: usize| Entry {
        notes: vec!["Haemolysed slightly".into()],
        ..result(&format!("Test {number}"), "1", None, "2026-11-22")
    };
    let mut entries: Vec<Entry> = (0..8).map(commented).collect();
    entries.extend((0..7).map(|number| result(&format!("Potassium {number}"), "7.1", Some("high"), "2026-11-10")));
    entries.push(result("Sodium", "109", Some("very low"), "2026-10-01"));
    let items = items(Dataset::Results, entries);
    assert_eq!(items[0].title, "Sodium", "critical first");
    assert_eq!(items.iter().filter(|one| one.remark.is_some()).count(), 8);
}

#[test]
fn the_comparison_changes_when_every_source_has_answered() {
    let mut record = record(vec![], vec![]);
    let digest = |record: &Record| sections(record, now()).pop().unwrap().digest;
    record.complete = false;
    let asking = digest(&record);
    record.complete = true;
    assert_ne!(asking, digest(&record));
}

#[test]
fn active_problems_stand_above_past_ones() {
    let entries = vec![problem("Fracture", "Past", "2025"), problem("Asthma", "Active", "1990")];
    let titles: Vec<String> = items(Dataset::Diagnoses, entries).into_iter().map(|one| one.title).collect();
    assert_eq!(titles, ["Asthma", "Fracture"]);
}

#[test]
fn a_plan_says_what_it_decides() {
    let fields = vec![("Plan".to_owned(), "Weekly visit; CPR not recommended".to_owned())];
    let items = items(Dataset::CarePlans, vec![test_records::entry("Plan", "GP", "", Detail::Other { fields })]);
    assert!(items[0].text.starts_with("CPR not recommended; Weekly visit"), "{}", items[0].text);
}

#[test]
fn sections_stand_in_reading_order_and_only_if_the_role_sees_them() {
    let ids = |datasets: &[Dataset]| -> Vec<&'static str> {
        let sections_of = datasets.iter().map(|dataset| (*dataset, vec![])).collect();
        sections(&record(vec![], sections_of), now()).iter().map(|section| section.id).collect()
    };
    assert_eq!(
        ids(Dataset::ALL),
        [
            "section-results",
            "section-medications",
            "section-diagnoses",
            "section-plans",
            "section-encounters",
            "section-allergies",
            "section-differences"
        ]
    );
    assert_eq!(ids(&[Dataset::CarePlans]), ["section-plans", "section-differences"]);
    let social_worker = [Dataset::SocialCare, Dataset::Safeguarding, Dataset::CarePlans];
    assert_eq!(
        ids(&social_worker),
        ["section-social-care", "section-safeguarding", "section-plans", "section-differences"],
        "without medicines social care comes first"
    );
}

#[test]
fn a_disagreement_is_quoted_once_and_counted() {
    let mut record = record(vec![], vec![]);
    let says = [("GP", "12 Elm Road"), ("H", "4 Oak Court")];
    record.discrepancies = vec![
        discrepancy(Dataset::Allergies, "Allergy: codeine", &says),
        discrepancy(Dataset::Demographics, "Address", &says),
    ];
    let section = sections(&record, now()).pop().unwrap();
    assert_eq!(section.title, "Sources do not agree (2)");
    let Body::Differences(all) = section.body else { panic!("differences") };
    let abouts: Vec<(&str, usize)> = all.iter().map(|(about, says)| (about.as_str(), says.len())).collect();
    assert_eq!(abouts, [("Allergies: see the top of the page", 0), ("Address", 2)]);
}

#[test]
fn no_sentence_stands_in_two_sections() {
    let states = |state| Dataset::ALL.iter().map(|dataset| (*dataset, state)).collect::<Vec<_>>();
    let sources = vec![
        source("Children's social care", "social-care", &states(SourceState::NotAgreed)),
        source("St Hilda's", "hospital", &states(SourceState::TimedOut)),
    ];
    let record = record(sources, Dataset::ALL.iter().map(|dataset| (*dataset, vec![])).collect());
    let sentences: Vec<String> = sections(&record, now()).into_iter().flat_map(|section| section.gaps).collect();
    let distinct: std::collections::BTreeSet<&String> = sentences.iter().collect();
    assert_eq!(distinct.len(), sentences.len(), "{sentences:?}");
    assert!(sentences.iter().all(|one| !one.contains("Children")), "{sentences:?}");
}
