//! Tests of `register_page.rs`.

use super::*;

fn shared(dataset: Dataset, systems: &[&str], stage: &str) -> SharedDataset {
    let systems = systems.iter().map(|name| (*name).to_owned()).collect();
    SharedDataset { dataset, systems, stage: stage.to_owned() }
}

#[test]
fn what_is_not_on_record_is_not_shown_as_nothing() {
    assert_eq!(receives_cell(None).lines, ["not on record"]);
    assert_eq!(receives_cell(Some(&[])).lines, ["nothing"]);
    assert_eq!(receives_cell(Some(&[Dataset::Results])).lines, ["Results"]);
}

#[test]
fn each_system_has_one_line_with_its_datasets() {
    let gives = [
        shared(Dataset::Allergies, &["PAS"], "on"),
        shared(Dataset::Results, &["LIMS", "PAS"], "on"),
        shared(Dataset::EndOfLife, &[], "on"),
    ];
    assert_eq!(given_lines(&gives), ["PAS: allergies, results", "LIMS: results", "End of life"]);
    assert!(given_lines(&[]).is_empty());
}

#[test]
fn a_dataset_that_is_tried_says_who_sees_it() {
    let gives = [
        shared(Dataset::Allergies, &["PAS"], "safety-testers"),
        shared(Dataset::Medications, &["PAS"], "on"),
        shared(Dataset::Results, &["PAS"], "safety-testers"),
        shared(Dataset::Documents, &["PAS"], "of-a-later-version"),
    ];
    let words = "PAS: medications; allergies, results (so far for the safety testers); documents (of-a-later-version)";
    assert_eq!(given_lines(&gives), [words]);
}
