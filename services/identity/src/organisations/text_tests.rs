//! Tests of `text.rs`.

use super::*;
use crate::organisations::versions::{PUBLISHED, testing::TWO};

fn schedule() -> DataFlowSchedule {
    DataFlowSchedule {
        gives: BTreeSet::from([Dataset::Allergies, Dataset::Documents]),
        receives: BTreeSet::new(),
        lawful_basis: "6(1)(e), 9(2)(h)".to_owned(),
        retention: "eight years after the last contact".to_owned(),
    }
}

fn rendered(version: &Version, name: &str, schedule: Option<&DataFlowSchedule>) -> AgreementText {
    render(version, TextFacts { ods: &OdsCode::new("Z9H01"), name, schedule })
}

#[test]
fn the_published_documents_name_the_organisation_and_leave_no_placeholder() {
    for version in std::iter::once(&PUBLISHED.first).chain(PUBLISHED.later) {
        let text = rendered(version, "Kirkstall Hospice", Some(&schedule()));
        assert_eq!(text.text_hash.len(), 64);
        for document in &text.documents {
            let whole = document.paragraphs.join("\n");
            assert!(whole.contains("Kirkstall Hospice"), "{}", document.name);
            assert!(!whole.contains("{{") && !document.title.starts_with('#'), "{}", document.name);
        }
        let flows = &text.documents[2].paragraphs;
        assert!(flows.contains(&"- Allergies".to_owned()) && flows.contains(&"- nothing".to_owned()));
    }
}

#[test]
fn every_clause_of_a_sharing_agreement_is_there() {
    let text = rendered(&PUBLISHED.first, "Kirkstall Hospice", Some(&schedule()));
    let agreement = text.documents[0].paragraphs.join("\n");
    for clause in [
        "individual care",
        "lawful basis",
        "objection",
        "Data Security and Protection Toolkit",
        "log of every view",
        "within 24 hours",
        "rights of the person",
        "leaves",
        "agreement of its own",
        "rules for users",
        "reviewed each year",
        "SIRO",
        "Caldicott guardian",
        "data protection officer",
    ] {
        assert!(agreement.to_lowercase().contains(&clause.to_lowercase()), "{clause}");
    }
}

#[test]
fn lines_of_a_paragraph_are_joined_and_items_stay_apart() {
    assert_eq!(blocks("# A\nb\nc\n\n- d\n  e\n- f\n"), ["# A", "b c", "- d e", "- f"]);
}

#[test]
fn the_hash_changes_with_the_name_the_schedule_and_the_version() {
    let one = rendered(&TWO.first, "A", Some(&schedule())).text_hash;
    let no_gives = DataFlowSchedule { gives: BTreeSet::new(), ..schedule() };
    assert_eq!(one, rendered(&TWO.first, "A", Some(&schedule())).text_hash);
    assert_ne!(one, rendered(&TWO.first, "B", Some(&schedule())).text_hash);
    assert_ne!(one, rendered(&TWO.first, "A", Some(&no_gives)).text_hash);
    assert_ne!(one, rendered(&TWO.later[0], "A", Some(&schedule())).text_hash);
}

#[test]
fn a_name_is_never_read_as_a_placeholder_a_heading_or_a_second_line() {
    for (name, shown) in [("{{version}}", "{{version}} one"), ("# - A", "A one"), ("A\n# B", "A # B one")] {
        let text = rendered(&TWO.first, name, None);
        assert_eq!(text.documents[0].paragraphs, [shown]);
    }
}
