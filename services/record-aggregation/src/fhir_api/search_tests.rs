//! Tests of `search.rs`.

use jiff::Timestamp;
use lcr_contracts::record::{Entry, Provenance, Section, WardStay};
use lcr_model::SourceId;

use super::*;

fn record_with_reported_death() -> Record {
    let stay = WardStay {
        attends: false,
        on_leave: false,
        destination: None,
        died: true,
        last_message_at: Timestamp::UNIX_EPOCH,
        last_movement: None,
        warnings: vec![],
    };
    let provenance = Provenance {
        source: SourceId::new("h"),
        name: "St Hilda's, ward messages".into(),
        kind: "hospital".into(),
        item: "Encounter/1".into(),
        updated: None,
        date: None,
        says: None,
        organisation_name: None,
    };
    let entry = Entry { stay: Some(stay), provenance: vec![provenance], ..Entry::default() };
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: Timestamp::UNIX_EPOCH,
        complete: true,
        relationship: None,
        location_protected: false,
        sources: vec![],
        sections: vec![Section { dataset: Dataset::Encounters, entries: vec![entry] }],
        discrepancies: vec![],
        not_shown: vec![],
        may_hold_more: false,
    }
}

#[test]
fn a_reported_death_names_its_hospital() {
    assert!(
        notes(&record_with_reported_death(), &[])[0].starts_with("St Hilda's, ward messages: the person is reported")
    );
}
