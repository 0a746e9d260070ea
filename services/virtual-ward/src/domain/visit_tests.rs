//! Tests of the rules for visits and stays (RULES.md, S1 to S10). The people are invented.

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
fn s5_a_number_reused_for_another_person_brings_no_data_of_the_first() {
    let mut planned = message_at(SpellEvent::Update, "11T09:00:00Z", "H1");
    planned.plan.going_to = FieldUpdate::Set("Elm House, dementia unit".into());
    planned.expected_discharge = FieldUpdate::Set("2026-11-14".parse().unwrap());
    let messages = [
        SpellMessage {
            consultant: FieldUpdate::Set(lcr_contracts::spell::CodedName { code: None, name: "Dr Rawdon".into() }),
            ..admitted("10T09:00:00Z", "H1", "J28")
        },
        planned,
        left("13T10:05:00Z", "H1", "13T10:00:00Z"),
        admitted("26T09:00:00Z", "H2", "J27"),
    ];
    any_order(&messages, |stays| {
        let [former, now] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(former.spell.identity, Some(identity("H1")));
        assert!(former.spell.left.is_some());
        assert_eq!(now.spell.identity, Some(identity("H2")));
        assert!(in_hospital(&now.spell));
        assert!(now.spell.going_to.is_none() && now.spell.expected.now.is_none() && now.spell.consultant.is_none());
    });
}

#[test]
fn s6_the_wrong_persons_admission_is_void_once_the_right_one_is_sent() {
    let right =
        SpellMessage { admitted: FieldUpdate::Set(at("26T09:00:00Z")), ..admitted("26T09:30:00Z", "H2", "J27") };
    let messages = [admitted("26T09:00:00Z", "H1", "J27"), right];
    any_order(&messages, |stays| {
        assert!(!stays[0].spell.is_actual_stay());
        assert!(in_hospital(&stays[1].spell));
        assert_eq!(stays[1].spell.identity, Some(identity("H2")));
    });
    // If messages about both continue, the hospital uses one number for two people: both rows stay, with a warning.
    let both = [
        messages.to_vec(),
        vec![SpellMessage { place: ward("J28"), ..message_at(SpellEvent::Transfer, "26T11:00:00Z", "H1") }],
    ]
    .concat();
    let stays = fold_visit(&both, &IdentityResolver::default());
    assert!(stays.iter().all(|stay| in_hospital(&stay.spell)));
    assert!(stays.iter().all(|stay| stay.spell.warnings.contains(&Warning::VisitShared)));
}

#[test]
fn s6_the_first_stay_remains_if_the_other_admission_was_the_mistake() {
    let mistake =
        SpellMessage { admitted: FieldUpdate::Set(at("26T09:00:00Z")), ..admitted("26T09:30:00Z", "H2", "J27") };
    let cancel = message_at(SpellEvent::CancelAdmit, "26T09:35:00Z", "H2");
    let messages = [admitted("26T09:00:00Z", "H1", "J27"), mistake, cancel];
    any_order(&messages, |stays| {
        assert!(in_hospital(&stays[0].spell), "a patient in a bed is listed");
        // If they arrived in the wrong order, the row warns that the number is shared.
        assert!(stays[0].spell.warnings.iter().all(|one| *one == Warning::VisitShared));
        assert!(!stays[1].spell.is_actual_stay());
    });
    // A late message about the first person: both rows carry the warning.
    let late = SpellMessage {
        sent: at("26T10:00:00Z"),
        received: at("26T10:00:00Z").at,
        ..message_at(SpellEvent::Update, "26T09:10:00Z", "H1")
    };
    let stays = fold_visit(&[messages[0].clone(), messages[1].clone(), late], &IdentityResolver::default());
    assert!(stays.iter().all(|stay| in_hospital(&stay.spell)));
    assert!(stays.iter().all(|stay| stay.spell.warnings.contains(&Warning::VisitShared)));
}

#[test]
fn s8_another_arrival_under_a_number_in_use_hides_nobody_and_marks_both_rows() {
    let mother = admitted("25T09:00:00Z", "H1", "M1");
    let mut baby = SpellMessage { method: FieldUpdate::Set("N".into()), ..admitted("26T04:00:00Z", "H2", "M1") };
    baby.patient.birth_date = Some("2026-11-26".parse().unwrap());
    let other =
        SpellMessage { admitted: FieldUpdate::Set(at("27T09:00:00Z")), ..admitted("27T09:00:00Z", "H2", "L14") };
    for second in [baby, other] {
        any_order(&[mother.clone(), second], |stays| {
            assert_eq!(stays.len(), 2);
            for stay in stays {
                assert!(in_hospital(&stay.spell), "{stay:?}");
                assert!(stay.spell.warnings.contains(&Warning::VisitShared));
            }
        });
    }
    // One wrong message moves nobody.
    let slip = SpellMessage {
        admitted: FieldUpdate::Set(at("26T10:00:00Z")),
        identity: identity("H2"),
        ..moved("27T09:00:00Z", "J28", "J29")
    };
    let stays = fold_visit(&[mother, slip], &IdentityResolver::default());
    assert_eq!(stays[0].spell.identity, Some(identity("H1")));
    assert!(in_hospital(&stays[0].spell) && stays[0].spell.warnings.contains(&Warning::VisitShared));
}

/// An update about the arrival of 26-Nov 09:00 on J27.
fn update_about_arrival(when: &str, number: &str) -> SpellMessage {
    SpellMessage {
        admitted: FieldUpdate::Set(at("26T09:00:00Z")),
        place: ward("J27"),
        ..message_at(SpellEvent::Update, when, number)
    }
}

#[test]
fn s7_a_visit_corrected_by_an_update_keeps_bed_and_times_and_loses_the_plan() {
    let mut planned = update_about_arrival("26T10:00:00Z", "H1");
    planned.plan.going_to = FieldUpdate::Set("Elm House".into());
    planned.further.insert("risk".into(), FieldUpdate::Set("high".into()));
    let corrected = update_about_arrival("26T11:00:00Z", "H2");
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), planned, corrected], |stays| {
        let [stay] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(stay.spell.identity, Some(identity("H2")));
        assert_eq!(stay.spell.patient.family, "H2");
        assert!(in_hospital(&stay.spell) && stay.spell.going_to.is_none() && stay.spell.further.is_empty());
        assert_eq!(on_ward(&stay.spell), Some("J27"));
        assert!(stay.spell.warnings.contains(&Warning::VisitCorrected), "with a warning");
    });
}

#[test]
fn s7_an_update_under_the_wrong_person_loses_nothing_of_the_right_persons_plan() {
    let mut planned = update_about_arrival("26T10:00:00Z", "H1");
    planned.plan.going_to = FieldUpdate::Set("Elm House".into());
    planned.further.insert("risk".into(), FieldUpdate::Set("high".into()));
    let mut misfiled = update_about_arrival("26T11:00:00Z", "H2");
    misfiled.further.insert("risk".into(), FieldUpdate::Set("low".into()));
    let messages = [admitted("26T09:00:00Z", "H1", "J27"), planned, misfiled];
    let spell = fold_latest(&messages);
    assert_eq!(spell.identity, Some(identity("H2")));
    assert_eq!(spell.further["risk"].value, "low");
    assert!(spell.warnings.contains(&Warning::VisitCorrected));
    let again = [messages.to_vec(), vec![update_about_arrival("26T12:00:00Z", "H1")]].concat();
    let spell = fold_latest(&again);
    assert_eq!(spell.going_to.unwrap().value, "Elm House");
    assert_eq!(spell.further["risk"].value, "high");
}

#[test]
fn a_move_to_a_bed_alone_stays_on_the_ward() {
    let bed = Place { bed: Some("7".into()), ..Place::default() };
    let within = SpellMessage { place: FieldUpdate::Set(bed), ..moved("26T10:00:00Z", "J27", "") };
    let spell = fold_latest(&[admitted("26T09:00:00Z", "H1", "J27"), within]);
    assert_eq!((on_ward(&spell), spell.latest_place().unwrap().place.bed.as_deref()), (Some("J27"), Some("7")));
}

#[test]
fn s4_a_visit_moved_by_the_hospital_takes_all_data_to_the_other_person() {
    let mut planned = message_at(SpellEvent::Update, "26T10:00:00Z", "H1");
    planned.plan.going_to = FieldUpdate::Set("Elm House".into());
    let moves = SpellMessage { moves_visit: true, ..message_at(SpellEvent::Update, "26T11:00:00Z", "H2") };
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), planned, moves], |stays| {
        let [stay] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(stay.spell.identity, Some(identity("H2")));
        assert!(in_hospital(&stay.spell) && stay.spell.going_to.is_some());
    });
}

#[test]
fn s10_a_merged_number_is_the_survivors_before_the_merge_and_another_persons_after() {
    let merge = Merge { into: identity("H2"), merged_at: at("26T11:05:00Z").at };
    let resolver = IdentityResolver { merged: HashMap::from([(identity("H1"), merge)]), ..IdentityResolver::default() };
    let before = [admitted("26T03:00:00Z", "H1", "AMU"), moved("26T09:00:00Z", "AMU", "L14")];
    let stays = fold_visit(&before, &resolver);
    assert_eq!(stays[0].spell.identity, Some(identity("H2")));
    assert_eq!(on_ward(&stays[0].spell), Some("L14"));
    let after = [before.to_vec(), vec![left("27T09:00:00Z", "H2", "27T09:00:00Z")]].concat();
    assert_eq!(fold_visit(&after, &resolver).len(), 1);
    assert!(fold_visit(&after, &resolver)[0].spell.left.is_some());
    let reused = fold_visit(&[admitted("28T03:00:00Z", "H1", "AMU")], &resolver);
    assert_eq!(reused[0].spell.identity, Some(identity("H1")));
}

#[test]
fn two_numbers_of_one_person_are_one_person() {
    let person = PersonId::new();
    let persons = HashMap::from([(identity("H1"), person), (identity("H2"), person)]);
    let messages = [admitted("26T09:00:00Z", "H1", "J27"), left("27T09:00:00Z", "H2", "27T09:00:00Z")];
    let stays = fold_visit(&messages, &IdentityResolver { persons, ..IdentityResolver::default() });
    assert_eq!(stays.len(), 1);
    assert!(stays[0].spell.left.is_some());
}

#[path = "visit_event_tests.rs"]
mod events;
