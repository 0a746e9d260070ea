//! Tests of `emergency.rs`.

use lcr_contracts::record::NotShown;
use lcr_model::SourceId;

use super::*;
use crate::record::test_records::{record, source};

const SEEN: [Dataset; 2] = [Dataset::Demographics, Dataset::Medications];

fn whole(state: SourceState) -> Record {
    let states = SEEN.map(|dataset| (dataset, state));
    record(vec![source("st-hildas", "hospital", &states)], SEEN.map(|dataset| (dataset, vec![])).into())
}

#[test]
fn the_time_that_is_left_is_rounded_up_to_minutes() {
    let now: Timestamp = "2026-11-21T14:05:00Z".parse().unwrap();
    let words = |seconds| {
        let until = now + jiff::SignedDuration::from_secs(seconds);
        OpenEmergency::new(OpenOverride { claim: uuid::Uuid::nil(), until }, now).words
    };
    assert_eq!(words(1800), "until 14:35 (30 minutes left at 14:05)");
    assert_eq!(words(1), "until 14:05 (1 minute left at 14:05)");
    assert_eq!(words(61), "until 14:06 (2 minutes left at 14:05)");
}

#[test]
fn the_link_is_offered_only_if_something_is_withheld_that_an_override_may_show() {
    let emergency = Emergency { seen: Some(SEEN.into()), open: None };
    let link = |record: &Record, at| emergency.fragment(record, at).unwrap().html.contains("/override");
    let offered = |record: &Record| link(record, CurrentPage::Summary);
    assert!(!offered(&whole(SourceState::HasData)) && !offered(&whole(SourceState::NotAgreed)));
    assert!(offered(&whole(SourceState::OptedOut)));
    let mut labelled = whole(SourceState::HasData);
    labelled.not_shown.push(NotShown {
        source: SourceId::new("st-hildas"),
        dataset: Dataset::Medications,
        reason: Omission::Confidential,
        count: 1,
        items: vec![],
    });
    assert!(offered(&labelled));
    assert!(!link(&labelled, CurrentPage::Dataset(Dataset::Results)), "on another page");
    let mut narrowed = whole(SourceState::HasData);
    narrowed.sections.pop();
    assert!(offered(&narrowed), "the link that opened it does not show what the role sees");
    assert_eq!(Emergency::default().fragment(&labelled, CurrentPage::Summary), None, "the role may not override");
    labelled.relationship = Some(Relationship::Override { reason: "life-threatening".into() });
    assert!(!offered(&labelled), "an override is in force");
}
