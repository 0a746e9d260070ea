//! Tests of the allergy line, one per rule: an asserted allergy stays, disagreements stand first, and "none" is said only
//! when it is safe.

use jiff::Timestamp;
use lcr_contracts::record::{Detail, Partial, SourceReport};
use lcr_model::SourceState;

use super::*;
use crate::record::{
    page_datasets::page_datasets,
    tabs::CurrentPage,
    test_records::{self, discrepancy, source},
};

#[path = "allergies_tests/none_known.rs"]
mod none_known;

fn record(entries: Vec<Entry>, states: &[(&str, SourceState)]) -> Record {
    let sources = states.iter().map(|(name, state)| source(name, "gp", &[(Dataset::Allergies, *state)])).collect();
    test_records::record(sources, vec![(Dataset::Allergies, entries)])
}

fn allergy(title: &str, source: &str, verification: &str, none_known: bool) -> Entry {
    let detail = Detail::Allergy {
        clinical: Some("active".into()),
        verification: Some(verification.into()),
        reactions: if title == "penicillin" { vec!["anaphylaxis".into()] } else { Vec::new() },
        severe: title == "penicillin",
        none_known,
        none_known_of: None,
        kinds: Vec::new(),
        ended_denial: false,
    };
    test_records::entry(title, source, "", detail)
}

fn ended(mut entry: Entry) -> Entry {
    if let Detail::Allergy { clinical, .. } = &mut entry.detail {
        *clinical = Some("resolved".into());
    }
    entry
}

fn none_known() -> Entry {
    allergy("No known allergies", "GP", "confirmed", true)
}

const HAS: SourceState = SourceState::HasData;
const NONE: SourceState = SourceState::NoData;
const SILENT: SourceState = SourceState::TimedOut;
const UNKNOWN: SourceState = SourceState::NoRecord;
const NOT_AGREED: SourceState = SourceState::NotAgreed;

#[test]
fn every_asserted_allergy_is_listed_and_a_silent_source_is_counted() {
    let entries = vec![allergy("codeine", "GP", "confirmed", false), allergy("penicillin", "GP", "confirmed", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS), ("St Hilda's", SILENT)]));
    assert_eq!(line.words(), "Known allergies: penicillin (anaphylaxis); codeine. 1 source has not answered.");
}

#[test]
fn a_refutation_never_removes_another_sources_allergy() {
    let entries =
        vec![allergy("codeine", "GP", "confirmed", false), allergy("codeine", "St Hilda's", "refuted", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS), ("St Hilda's", HAS)]));
    assert_eq!(line.words(), "Known allergies: codeine.");
}

#[test]
fn a_disagreement_stands_first_with_who_says_what_and_when() {
    let entries = vec![allergy("penicillin", "GP", "confirmed", false), none_known()];
    let mut record = record(entries, &[("GP", HAS), ("St Hilda's", HAS)]);
    let says =
        [("Beckside Surgery", "penicillin, anaphylaxis (12-Mar-2019)"), ("St Hilda's", "none known (03-Nov-2026)")];
    record.discrepancies = vec![discrepancy(Dataset::Allergies, "Allergies", &says)];
    let line = allergies_line(&record);
    assert_eq!(
        line.words(),
        "Sources disagree: Beckside Surgery: penicillin, anaphylaxis (12-Mar-2019) · St Hilda's: none known (03-Nov-2026). Known allergies: penicillin (anaphylaxis)."
    );
    record.discrepancies = vec![discrepancy(Dataset::Demographics, "Address", &says)];
    assert!(allergies_line(&record).disagreements.is_empty(), "only those about allergies");
    record.discrepancies = vec![discrepancy(Dataset::Allergies, "Allergy: codeine", &says); 6];
    let quoted = allergies_line(&record).disagreements;
    assert_eq!((quoted.len(), quoted[4].as_str()), (5, "also about 2 more, see Allergies."));
}

#[test]
fn an_ended_allergy_stands_below_an_active_one() {
    let entries =
        vec![ended(allergy("penicillin", "GP", "confirmed", false)), allergy("latex", "GP", "confirmed", false)];
    let line = allergies_line(&record(entries, &[("GP", HAS)]));
    assert_eq!(line.words(), "Known allergies: latex; penicillin (anaphylaxis, resolved at GP).");
}

/// Entries, the states of the sources, and the alarm that follows.
type Case<'a> = (Vec<Entry>, &'a [(&'a str, SourceState)], Alarm);

#[test]
fn red_is_for_harm_and_yellow_for_what_is_missing() {
    let penicillin = || allergy("penicillin", "GP", "confirmed", false);
    let codeine = || allergy("codeine", "GP", "confirmed", false);
    let refuted = || allergy("penicillin", "GP", "refuted", false);
    let cases: [Case; 11] = [
        (vec![penicillin()], &[("GP", HAS)], Alarm::Harm),
        (vec![penicillin()], &[("GP", HAS), ("H", SILENT)], Alarm::Harm),
        (vec![ended(penicillin())], &[("GP", HAS)], Alarm::None),
        (vec![codeine()], &[("GP", HAS)], Alarm::None),
        (vec![codeine()], &[("GP", HAS), ("H", SILENT)], Alarm::Missing),
        (vec![codeine()], &[("GP", HAS), ("H", UNKNOWN), ("C", NOT_AGREED)], Alarm::None),
        (vec![none_known()], &[("GP", HAS), ("H", UNKNOWN), ("C", NOT_AGREED)], Alarm::None),
        (vec![none_known()], &[("GP", HAS), ("H", SourceState::Failed)], Alarm::Missing),
        (vec![refuted()], &[("GP", HAS)], Alarm::Missing),
        (vec![], &[("GP", NONE)], Alarm::Missing),
        (vec![], &[("H", UNKNOWN)], Alarm::Missing),
    ];
    for (entries, states, alarm) in cases {
        let line = allergies_line(&record(entries, states));
        assert_eq!(line.alarm, alarm, "{}", line.words());
    }
    let mut disputed = record(vec![codeine()], &[("GP", HAS)]);
    disputed.discrepancies = vec![discrepancy(Dataset::Allergies, "Allergy: codeine", &[("GP", "codeine")])];
    assert_eq!(allergies_line(&disputed).alarm, Alarm::Harm);
}

#[test]
fn the_line_is_the_same_on_every_page() {
    use SourceState::{NoRecord, NotAgreed, NotConnected};
    // Each shares one dataset that not every page asks for.
    let knows = |state| source("H", "hospital", &[(Dataset::Allergies, NotAgreed), (Dataset::Results, state)]);
    let closed = source("C", "social-care", &[(Dataset::Allergies, NotAgreed), (Dataset::Results, NotConnected)]);
    let earlier = SourceReport { shares_anything: None, knows_person: None, ..knows(HAS) };
    let may_hold = "Allergies unavailable: not shared by H; GP records none. Do not assume none.";
    for (other, words) in [
        (knows(HAS), may_hold),
        (knows(NONE), may_hold),
        (knows(SILENT), may_hold),
        (knows(NoRecord), "No known allergies, says GP."),
        (closed, "No known allergies, says GP."),
        (SourceReport { knows_person: None, ..knows(HAS) }, may_hold),
        (earlier, may_hold),
    ] {
        let gp = source("GP", "gp", &[(Dataset::Allergies, HAS)]);
        let whole = test_records::record(vec![gp, other], vec![(Dataset::Allergies, vec![none_known()])]);
        assert_eq!(allergies_line(&whole).words(), words);
        for shown in Dataset::ALL {
            let asked = page_datasets(CurrentPage::Dataset(*shown)).unwrap();
            let mut page = whole.clone();
            page.sources.iter_mut().for_each(|one| one.datasets.retain(|report| asked.contains(&report.dataset)));
            assert_eq!(allergies_line(&page), allergies_line(&whole), "{shown}");
        }
    }
}

#[test]
fn none_known_needs_a_statement_and_every_answer() {
    for quiet in [NONE, UNKNOWN, NOT_AGREED, SourceState::NotConnected] {
        let line = allergies_line(&record(vec![none_known()], &[("GP", HAS), ("St Hilda's", quiet)]));
        assert_eq!((line.state, line.words().as_str()), (AllergyState::NoneKnown, "No known allergies, says GP."));
    }
    for missing in [
        SILENT,
        SourceState::Asking,
        SourceState::Failed,
        SourceState::Withheld,
        SourceState::OptedOut,
        SourceState::Stale { as_of: Timestamp::UNIX_EPOCH },
    ] {
        let line = allergies_line(&record(vec![none_known()], &[("GP", HAS), ("St Hilda's", missing)]));
        assert!(!line.words().contains("No known allergies"), "{missing:?}: {}", line.words());
        assert!(
            line.words().contains("St Hilda's") && line.words().ends_with("Do not assume none."),
            "{}",
            line.words()
        );
    }
    // A source that shares other things and knows the person may hold allergies too.
    let mut partly = record(vec![none_known()], &[("GP", HAS), ("St Hilda's", NOT_AGREED)]);
    partly.sources[1] = source("St Hilda's", "hospital", &[(Dataset::Allergies, NOT_AGREED), (Dataset::Results, HAS)]);
    assert!(allergies_line(&partly).words().contains("not shared by St Hilda's"));
}

#[test]
fn a_source_beyond_the_readers_agreement_is_not_said_to_keep_its_allergies_back() {
    let beyond = |entry| {
        let mut record = record(vec![entry], &[("GP", HAS), ("St Hilda's", SourceState::NotReceived)]);
        let states = [(Dataset::Allergies, SourceState::NotReceived), (Dataset::Results, HAS)];
        record.sources[1] = source("St Hilda's", "hospital", &states);
        allergies_line(&record).words()
    };
    let none = beyond(none_known());
    assert!(none.contains("your organisation's agreement does not include them from St Hilda's"), "{none}");
    let known = beyond(allergy("codeine", "GP", "confirmed", false));
    assert!(known.ends_with(" Your organisation's agreement does not include them from 1 source."), "{known}");
    for words in [none, known] {
        assert!(!words.contains("not shared by") && !words.contains("may not share"), "{words}");
    }
}
