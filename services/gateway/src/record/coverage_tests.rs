//! Tests of the sentences about what a section lacks: each is said in one place, and "none" only of sources that know the
//! person.

use super::*;
use crate::record::test_records::{now, record, source};

const OF: Dataset = Dataset::Allergies;

fn coverage(sources: &[(&str, &[(Dataset, SourceState)])]) -> Coverage {
    let sources = sources.iter().map(|(name, states)| source(name, "gp", states)).collect();
    Coverage::of(&record(sources, vec![(OF, vec![])]), OF)
}

#[test]
fn a_source_that_shares_nothing_is_left_to_the_sources_line() {
    let not_agreed = SourceState::NotAgreed;
    for (other, sentences) in [
        (SourceState::NotConnected, vec![]),
        (SourceState::NotAgreed, vec![]),
        (SourceState::HasData, vec!["Not agreed to share with your organisation: Care."]),
        (SourceState::TimedOut, vec!["Not agreed to share with your organisation: Care."]),
    ] {
        let coverage = coverage(&[("Care", &[(OF, not_agreed), (Dataset::Results, other)])]);
        assert_eq!(coverage.sentences(now()), sentences, "{other:?}");
        assert_eq!(coverage.may_hold().is_empty(), sentences.is_empty(), "{other:?}");
        assert_eq!(coverage.may_not_share(), ["Care"]);
    }
    assert_eq!(coverage(&[("Care", &[(OF, SourceState::OptedOut)])]).may_hold(), ["Care"], "the person's choice");
    let unknown = coverage(&[("Care", &[(OF, not_agreed), (Dataset::Results, SourceState::NoRecord)])]);
    assert_eq!((unknown.may_hold().len(), unknown.no_record.as_slice()), (0, &["Care".to_owned()][..]));
    assert!(unknown.sentences(now()).is_empty(), "it does not know this person");
}

#[test]
fn a_source_that_is_not_yet_switched_on_is_a_gap_and_says_so() {
    let states = [(OF, SourceState::NotYetOn), (Dataset::Results, SourceState::HasData)];
    let coverage = coverage(&[("Care", &states)]);
    assert_eq!(coverage.sentences(now()), ["Not yet switched on for you: Care."]);
    assert_eq!((coverage.may_hold(), coverage.short_reason()), (vec!["Care".to_owned()], "not yet on"));
    assert_eq!(coverage.empty_text("allergies"), "No allergies can be shown. Do not assume there are none.");
}

#[test]
fn a_dataset_that_the_agreement_of_the_readers_organisation_lacks_is_a_gap_and_says_so() {
    let states = [(OF, SourceState::NotReceived), (Dataset::Results, SourceState::HasData)];
    let coverage = coverage(&[("Care", &states)]);
    let sentence = "Your organisation's agreement does not include allergies: not shown from Care.";
    assert_eq!(coverage.sentences(now()), [sentence]);
    assert_eq!((coverage.may_hold(), coverage.short_reason()), (vec!["Care".to_owned()], "not agreed"));
    assert_eq!(coverage.empty_text("allergies"), "No allergies can be shown. Do not assume there are none.");
}

#[test]
fn a_section_says_what_it_lacks_and_leaves_the_reason_to_the_top_of_the_page() {
    let silent = coverage(&[("A", &[(OF, SourceState::TimedOut)]), ("B", &[(OF, SourceState::Failed)])]);
    assert_eq!(silent.sentences(now()), ["Allergies missing from A and B."]);
    let asking = coverage(&[("A", &[(OF, SourceState::Asking)])]);
    assert_eq!(asking.sentences(now()), ["Still asking A…"]);
}

#[test]
fn only_a_source_that_knows_the_person_can_hold_none() {
    let (none, unknown, silent) = (SourceState::NoData, SourceState::NoRecord, SourceState::TimedOut);
    let cases: [(&[(&str, SourceState)], &str); 5] = [
        (&[("A", none), ("B", unknown)], "No allergies held at A."),
        (&[("A", none), ("B", silent)], "No allergies held at A. Do not assume there are none."),
        (&[("B", unknown)], "No source that gives allergies knows this person. Do not assume there are none."),
        (&[("B", unknown), ("C", silent)], "No allergies can be shown. Do not assume there are none."),
        (&[], "No connected source gives allergies. Do not assume there are none."),
    ];
    for (states, words) in cases {
        let sources = states.iter().map(|(name, state)| source(name, "gp", &[(OF, *state)])).collect();
        let coverage = Coverage::of(&record(sources, vec![]), OF);
        assert_eq!(coverage.empty_text("allergies"), words);
    }
}
