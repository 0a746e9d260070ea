//! Tests of `tabs.rs`.

use super::*;
use crate::record::test_records;

#[test]
fn a_page_of_one_dataset_has_a_tab_for_each_that_it_did_not_ask_for() {
    let answered = [Dataset::Demographics, Dataset::Allergies, Dataset::Medications];
    let record = test_records::record(vec![], answered.map(|dataset| (dataset, vec![])).to_vec());
    let asked = [&answered[..], &[Dataset::Alerts]].concat();
    let tabs = tabs(&record, CurrentPage::Dataset(Dataset::Medications), Some(&asked));
    for dataset in Dataset::ALL {
        let is_shown = tabs.iter().any(|tab| tab.title == dataset.title());
        assert_eq!(is_shown, *dataset != Dataset::Alerts, "{dataset}: only what did not answer is closed to the role");
    }
    let results = tabs.iter().find(|tab| tab.title == Dataset::Results.title()).unwrap();
    assert_eq!(results.note, "", "nothing is known of it");
}

#[test]
fn a_page_of_the_whole_record_has_a_tab_for_what_the_role_sees() {
    let record = test_records::record(vec![], vec![(Dataset::Allergies, vec![])]);
    let titles = tabs(&record, CurrentPage::Summary, None).into_iter().map(|tab| tab.title);
    assert_eq!(titles.collect::<Vec<_>>(), ["Summary", Dataset::Allergies.title(), "Timeline"]);
}
