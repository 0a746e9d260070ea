//! Tests of the rules for visits and stays (RULES.md, S1 to S10). The people are invented.

#[path = "visit_identity_tests.rs"]
mod identity_changes;

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{DischargePlanUpdate, FieldUpdate, PatientDetails, Place, SpellEvent, SpellMessage},
};
use lcr_model::{LocalId, PersonId, SourceId, SourceIdentity};

use super::*;
use crate::domain::{
    list_category,
    spell::{Phase, Warning},
};

fn at(text: &str) -> Moment {
    format!("2026-11-{text}").parse().unwrap()
}

fn ward(name: &str) -> FieldUpdate<Place> {
    FieldUpdate::Set(Place { ward: Some(name.into()), ..Place::default() })
}

fn identity(number: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId(number.into()) }
}

/// A message that is sent at its event time and arrives at once.
fn message_at(event: SpellEvent, when: &str, number: &str) -> SpellMessage {
    let when = at(when);
    SpellMessage {
        identity: identity(number),
        event,
        snapshot: None,
        visit: Some("V1".into()),
        formerly: None,
        moves_visit: false,
        happened: when,
        occurred: None,
        sent: when,
        sequence: None,
        received: when.last(),
        control_id: String::new(),
        content: format!("{event:?}{when}{number}"),
        patient: PatientDetails { family: number.into(), ..PatientDetails::default() },
        class: FieldUpdate::Unchanged,
        place: FieldUpdate::Unchanged,
        prior_place: FieldUpdate::Unchanged,
        consultant: FieldUpdate::Unchanged,
        specialty: FieldUpdate::Unchanged,
        admitted: FieldUpdate::Unchanged,
        discharged: FieldUpdate::Unchanged,
        expected_discharge: FieldUpdate::Unchanged,
        expected_stay: FieldUpdate::Unchanged,
        method: FieldUpdate::Unchanged,
        destination: FieldUpdate::Unchanged,
        discharge_method: FieldUpdate::Unchanged,
        plan: DischargePlanUpdate::default(),
        further: std::collections::BTreeMap::new(),
    }
}

fn admitted(when: &str, number: &str, place: &str) -> SpellMessage {
    let class = FieldUpdate::Set("I".to_owned());
    SpellMessage { class, place: ward(place), ..message_at(SpellEvent::Admit, when, number) }
}

fn moved(when: &str, from: &str, to: &str) -> SpellMessage {
    let content = format!("Transfer{when}{from}{to}");
    SpellMessage { place: ward(to), prior_place: ward(from), content, ..message_at(SpellEvent::Transfer, when, "H1") }
}

fn left(when: &str, number: &str, leaving: &str) -> SpellMessage {
    SpellMessage {
        happened: at(leaving),
        discharged: FieldUpdate::Set(at(leaving)),
        ..message_at(SpellEvent::Discharge, when, number)
    }
}

fn on_ward(spell: &Spell) -> Option<&str> {
    spell.latest_place()?.place.ward.as_deref()
}

fn in_hospital(spell: &Spell) -> bool {
    spell.left.is_none() && list_category::categorise(spell, false).is_some()
}

/// Folds these messages in every order of arrival.
fn any_order(messages: &[SpellMessage], check: impl Fn(&[Stay])) {
    let mut orders: Vec<Vec<usize>> = vec![vec![]];
    for next in 0..messages.len() {
        let insert = |order: &Vec<usize>| {
            (0..=order.len())
                .map(|place| {
                    let mut longer = order.clone();
                    longer.insert(place, next);
                    longer
                })
                .collect::<Vec<_>>()
        };
        orders = orders.iter().flat_map(insert).collect();
    }
    let arrived = Timestamp::from_second(1_800_000_000).unwrap();
    for order in orders {
        let mut arriving: Vec<SpellMessage> = order.iter().map(|at| messages[*at].clone()).collect();
        for (nth, message) in arriving.iter_mut().enumerate() {
            message.received = arrived + jiff::SignedDuration::from_millis(i64::try_from(nth).unwrap());
        }
        check(&fold_visit(&arriving, &IdentityResolver::default()));
    }
}

#[test]
fn s3_a_readmission_under_the_same_number_is_a_new_stay_without_the_old_plan() {
    let mut planned = message_at(SpellEvent::Update, "21T09:00:00Z", "H1");
    planned.plan.going_to = FieldUpdate::Set("Elm House".into());
    let messages = [
        admitted("20T09:00:00Z", "H1", "J27"),
        planned,
        left("22T10:05:00Z", "H1", "22T10:00:00Z"),
        admitted("27T19:00:00Z", "H1", "AMU"),
    ];
    any_order(&messages, |stays| {
        let [former, now] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(former.spell.left, Some(at("22T10:00:00Z")));
        assert!(in_hospital(&now.spell) && now.spell.going_to.is_none());
        assert_eq!((former.nth, now.nth), (1, 2));
    });
    // A correction of the earlier discharge leaves the present stay alone. A cancel of it joins both stays.
    let corrected = SpellMessage { content: "later".into(), ..left("28T10:00:00Z", "H1", "21T10:00:00Z") };
    let stays = fold_visit(&[messages.to_vec(), vec![corrected]].concat(), &IdentityResolver::default());
    assert_eq!(stays[0].spell.left, Some(at("21T10:00:00Z")));
    assert!(in_hospital(&stays[1].spell));
    let cancelled = message_at(SpellEvent::CancelDischarge, "28T10:00:00Z", "H1");
    let stays = fold_visit(&[messages.to_vec(), vec![cancelled]].concat(), &IdentityResolver::default());
    assert_eq!(stays.len(), 1);
    assert!(in_hospital(&stays[0].spell));
}

#[test]
fn s3_a_late_discharge_between_two_admissions_ends_the_first() {
    let messages = [
        admitted("20T09:00:00Z", "H1", "J27"),
        admitted("25T09:00:00Z", "H1", "AMU"),
        left("26T10:00:00Z", "H1", "22T10:00:00Z"),
    ];
    let stays = fold_visit(&messages, &IdentityResolver::default());
    assert_eq!(stays[0].spell.left, Some(at("22T10:00:00Z")));
    assert!(in_hospital(&stays[1].spell));
}

#[test]
fn a_move_to_a_bed_alone_stays_on_the_ward() {
    let bed = Place { bed: Some("7".into()), ..Place::default() };
    let within = SpellMessage { place: FieldUpdate::Set(bed), ..moved("26T10:00:00Z", "J27", "") };
    let spell = fold_latest(&[admitted("26T09:00:00Z", "H1", "J27"), within]);
    assert_eq!((on_ward(&spell), spell.latest_place().unwrap().place.bed.as_deref()), (Some("J27"), Some("7")));
}

#[path = "visit_event_tests.rs"]
mod events;
