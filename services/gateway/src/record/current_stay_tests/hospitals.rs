//! Records of people with stays at hospitals, for tests.

use super::*;

pub(super) fn now() -> Timestamp {
    "2026-11-29T10:00:00Z".parse().unwrap()
}

pub(super) fn source(id: &str, kind: &str, state: SourceState) -> SourceReport {
    SourceReport {
        source: SourceId::new(id),
        name: id.into(),
        organisation: OdsCode::new("A1"),
        kind: kind.into(),
        datasets: vec![DatasetReport::new(Dataset::Encounters, state)],
        warnings: vec![],
        shares_anything: None,
        knows_person: None,
        organisation_name: None,
    }
}

pub(super) fn record(sources: Vec<SourceReport>, stays: Vec<Entry>, confirmed: bool) -> Record {
    let died = confirmed.then(|| "2026-11-26".to_owned());
    let authority = Entry {
        detail: Detail::Demographics(Box::new(Demographics { died, ..Demographics::default() })),
        provenance: vec![from("Authority", "authority")],
        ..Entry::default()
    };
    Record {
        person: PersonId::new(),
        view: ViewId::new(),
        as_of: now(),
        complete: true,
        relationship: None,
        location_protected: false,
        sources,
        sections: vec![
            Section { dataset: Dataset::Demographics, entries: vec![authority] },
            Section { dataset: Dataset::Encounters, entries: stays },
        ],
        discrepancies: vec![],
        not_shown: vec![],
        may_hold_more: false,
    }
}

pub(super) fn from(name: &str, kind: &str) -> Provenance {
    Provenance {
        source: SourceId::new("h"),
        name: name.into(),
        kind: kind.into(),
        item: "Encounter/1".into(),
        updated: None,
        date: None,
        says: None,
        organisation_name: None,
    }
}

pub(super) fn in_bed() -> (Entry, WardStay) {
    let detail = Detail::Encounter {
        class: "In-patient".into(),
        place: Some("J27, bay C, bed 4".into()),
        ended: None,
        in_progress: true,
    };
    let entry = Entry {
        date: Some("2026-11-19".into()),
        detail,
        provenance: vec![from("St Hilda's, ward messages", "hospital")],
        ..Entry::default()
    };
    let stay = WardStay {
        attends: false,
        on_leave: false,
        destination: None,
        died: false,
        last_message_at: "2026-11-26T11:05:00Z".parse().unwrap(),
        last_movement: None,
        warnings: vec![],
    };
    (entry, stay)
}

pub(super) fn ward_stay(change: impl FnOnce(&mut Entry, &mut WardStay)) -> Entry {
    let (mut entry, mut stay) = in_bed();
    change(&mut entry, &mut stay);
    Entry { stay: Some(stay), ..entry }
}

pub(super) fn ends(entry: &mut Entry, at: &str) {
    if let Detail::Encounter { ended, in_progress, .. } = &mut entry.detail {
        (*ended, *in_progress) = (Some(at.into()), false);
    }
}

pub(super) fn hospital(state: SourceState) -> Vec<SourceReport> {
    vec![
        source("St Hilda's", "hospital", state),
        source("Children's social care", "social-care", SourceState::NotAgreed),
    ]
}

pub(super) fn text(stays: Vec<Entry>) -> String {
    current_stay(&record(hospital(SourceState::HasData), stays, false), now()).text
}

pub(super) fn of_class(class: &str, entry: &mut Entry) {
    if let Detail::Encounter { class: words, .. } = &mut entry.detail {
        *words = class.into();
    }
}
