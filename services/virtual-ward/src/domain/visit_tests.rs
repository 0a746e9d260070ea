//! Which messages make one stay, and what of them stands, rule by rule (RULES.md). The stories are what real senders do; the
//! people are invented.

use std::collections::HashMap;

use jiff::Timestamp;
use lcr_contracts::{
    Moment,
    spell::{PatientSaid, Place, PlanTold, SpellEvent, SpellMessage, Told},
};
use lcr_model::{LocalId, PersonId, SourceId, SourceIdentity};

use super::*;
use crate::domain::{
    shelf,
    spell::{Phase, Warning},
};

fn at(text: &str) -> Moment {
    format!("2026-11-{text}").parse().unwrap()
}

fn ward(name: &str) -> Told<Place> {
    Told::Set(Place { ward: Some(name.into()), ..Place::default() })
}

fn identity(number: &str) -> SourceIdentity {
    SourceIdentity { source: SourceId::new("st-hildas"), local_id: LocalId(number.into()) }
}

/// A message of one event, told when it happened and arrived at once.
fn told(event: SpellEvent, when: &str, number: &str) -> SpellMessage {
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
        patient: PatientSaid { family: number.into(), ..PatientSaid::default() },
        class: Told::Unchanged,
        place: Told::Unchanged,
        prior_place: Told::Unchanged,
        consultant: Told::Unchanged,
        specialty: Told::Unchanged,
        admitted: Told::Unchanged,
        discharged: Told::Unchanged,
        expected_discharge: Told::Unchanged,
        expected_stay: Told::Unchanged,
        method: Told::Unchanged,
        destination: Told::Unchanged,
        discharge_method: Told::Unchanged,
        plan: PlanTold::default(),
        further: std::collections::BTreeMap::new(),
    }
}

fn admitted(when: &str, number: &str, place: &str) -> SpellMessage {
    let class = Told::Set("I".to_owned());
    SpellMessage { class, place: ward(place), ..told(SpellEvent::Admit, when, number) }
}

fn moved(when: &str, from: &str, to: &str) -> SpellMessage {
    let content = format!("Transfer{when}{from}{to}");
    SpellMessage {
        place: ward(to),
        prior_place: ward(from),
        content,
        ..told(SpellEvent::Transfer, when, "H1")
    }
}

fn left(when: &str, number: &str, leaving: &str) -> SpellMessage {
    SpellMessage {
        happened: at(leaving),
        discharged: Told::Set(at(leaving)),
        ..told(SpellEvent::Discharge, when, number)
    }
}

fn on_ward(spell: &Spell) -> Option<&str> {
    spell.place()?.place.ward.as_deref()
}

fn in_hospital(spell: &Spell) -> bool {
    spell.left.is_none() && shelf::listed(spell, false).is_some()
}

/// Every order of arrival of these messages, each with the first to arrive first.
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
        check(&stays(&arriving, &Who::default()));
    }
}

#[test]
fn e5_an_admission_edited_as_cancel_and_anew_in_one_second_is_listed_with_the_corrected_time() {
    let first =
        SpellMessage { admitted: Told::Set(at("26T09:00:00Z")), ..admitted("26T09:10:00Z", "H1", "J27") };
    let cancel = told(SpellEvent::CancelAdmit, "26T12:00:03Z", "H1");
    let anew = SpellMessage {
        happened: at("25T23:00:00Z"),
        admitted: Told::Set(at("25T23:00:00Z")),
        ..admitted("26T12:00:03Z", "H1", "J27")
    };
    any_order(&[first.clone(), cancel.clone(), anew.clone()], |stays| {
        assert_eq!(stays.len(), 1);
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(stays[0].spell.came().unwrap().value, at("25T23:00:00Z"));
    });
    // One second apart, and with a clock that writes minutes alone.
    let later = SpellMessage { sent: at("26T12:00:04Z"), ..anew.clone() };
    any_order(&[first.clone(), cancel.clone(), later], |stays| {
        assert_eq!(stays[0].spell.came().unwrap().value, at("25T23:00:00Z"));
    });
    let coarse = |message: &SpellMessage, sent: &str| SpellMessage { sent: at(sent), ..message.clone() };
    let story = [coarse(&first, "26T09:10Z"), coarse(&cancel, "26T12:00Z"), coarse(&anew, "26T12:00Z")];
    any_order(&story, |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(stays[0].spell.came().unwrap().value, at("25T23:00:00Z"));
    });
}

#[test]
fn e5_a_discharge_edited_as_cancel_and_anew_leaves_with_the_new_words() {
    let to = |message: SpellMessage, to: &str| SpellMessage { destination: Told::Set(to.into()), ..message };
    let story = [
        admitted("24T09:00:00Z", "H1", "J27"),
        to(left("27T10:05:00Z", "H1", "27T10:00:00Z"), "79"),
        told(SpellEvent::CancelDischarge, "27T14:00:00Z", "H1"),
        to(left("27T14:00:00Z", "H1", "25T16:00:00Z"), "54"),
    ];
    any_order(&story, |stays| {
        let spell = &stays.last().unwrap().spell;
        assert_eq!((stays.len(), spell.left), (1, Some(at("25T16:00:00Z"))));
        assert_eq!(spell.destination.as_ref().unwrap().value, "54");
        assert!(!spell.died());
    });
}

#[test]
fn e1_a_discharge_told_again_replaces_the_first_whatever_its_time() {
    let to = |message: SpellMessage, to: &str| SpellMessage { destination: Told::Set(to.into()), ..message };
    let story = [
        admitted("24T09:00:00Z", "H1", "J27"),
        to(left("27T10:05:00Z", "H1", "27T10:00:00Z"), "19"),
        to(left("27T14:00:00Z", "H1", "25T16:00:00Z"), "54"),
    ];
    any_order(&story, |stays| {
        let spell = &stays[0].spell;
        assert_eq!(spell.left, Some(at("25T16:00:00Z")));
        assert_eq!(spell.destination.as_ref().unwrap().value, "54");
    });
}

#[test]
fn t2_two_moves_of_one_minute_follow_one_another_as_pv1_6_says() {
    let coarse =
        |message: SpellMessage, when: &str| SpellMessage { sent: at(when), happened: at(when), ..message };
    let story = [
        coarse(admitted("26T08:05:00Z", "H1", "AMU"), "26T08:05Z"),
        coarse(moved("26T10:10:00Z", "AMU", "J27"), "26T10:10Z"),
        coarse(moved("26T10:10:01Z", "J27", "J28"), "26T10:10Z"),
    ];
    any_order(&story, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}

#[test]
fn t1_a_sequence_number_orders_what_was_told_at_one_time() {
    let numbered = |message: SpellMessage, sequence| SpellMessage { sequence: Some(sequence), ..message };
    let anywhere =
        |when: &str, to: &str| SpellMessage { prior_place: Told::Unchanged, ..moved(when, "", to) };
    let story = [
        numbered(admitted("26T08:05:00Z", "H1", "AMU"), 7),
        numbered(anywhere("26T10:10:00Z", "J28"), 9),
        numbered(anywhere("26T10:10:00Z", "J27"), 10),
    ];
    any_order(&story, |stays| assert_eq!(on_ward(&stays[0].spell), Some("J27")));
}

#[test]
fn e3_a_cancel_takes_back_the_event_that_it_names_and_no_other() {
    let named = SpellMessage {
        occurred: Some(at("26T10:00:00Z")),
        ..told(SpellEvent::CancelTransfer, "26T12:00:00Z", "H1")
    };
    let story = [
        admitted("26T08:00:00Z", "H1", "AMU"),
        moved("26T10:00:00Z", "AMU", "J27"),
        moved("26T11:00:00Z", "AMU", "J28"),
        named,
    ];
    any_order(&story, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
    // Named once, taken back once: the same cancel again takes nothing more.
    let again = SpellMessage { sent: at("26T12:30:00Z"), content: "again".into(), ..story[3].clone() };
    let spell = latest(&[story.to_vec(), vec![again]].concat());
    assert_eq!(on_ward(&spell), Some("J28"));
}

#[test]
fn e4_a_cancel_without_prior_place_takes_back_the_last_move() {
    let cancel =
        SpellMessage { place: ward("J27"), ..told(SpellEvent::CancelTransfer, "26T12:30:00Z", "H1") };
    let story = [
        admitted("25T08:00:00Z", "H1", "AMU"),
        moved("25T12:00:00Z", "AMU", "J27"),
        moved("26T12:00:00Z", "J27", "J28"),
        cancel,
    ];
    any_order(&story, |stays| assert_eq!(on_ward(&stays[0].spell), Some("J27")));
}

#[test]
fn e5_a_move_edited_as_cancel_and_anew_in_one_second_tells_of_no_missing_move() {
    let cancel = SpellMessage {
        place: ward("J27"),
        prior_place: ward("J28"),
        ..told(SpellEvent::CancelTransfer, "26T12:00:00Z", "H1")
    };
    let story = [
        admitted("25T08:00:00Z", "H1", "J27"),
        moved("26T11:00:00Z", "J27", "J28"),
        cancel,
        moved("26T12:00:00Z", "J27", "J29"),
    ];
    any_order(&story, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J29"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}

#[test]
fn e6_a_cancelled_admission_is_no_stay_until_it_is_told_again() {
    let (came, cancel) =
        (admitted("26T09:00:00Z", "H1", "J27"), told(SpellEvent::CancelAdmit, "26T12:00:00Z", "H1"));
    any_order(&[came.clone(), moved("26T10:00:00Z", "J27", "J28"), cancel.clone()], |stays| {
        assert!(!stays[0].spell.counts());
    });
    let anew = admitted("26T13:00:00Z", "H1", "J29");
    any_order(&[came.clone(), cancel.clone(), anew], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert_eq!(on_ward(&stays[0].spell), Some("J29"));
    });
    // A move told later says that they are in a bed all the same: listed, with a word on it.
    any_order(&[came, cancel, moved("26T14:00:00Z", "J27", "J28")], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert!(stays[0].spell.warnings.contains(&Warning::MovedAfterCancel));
    });
}

#[test]
fn e8_a_leave_ends_with_a_move() {
    let out = told(SpellEvent::LeaveOut, "26T10:00:00Z", "H1");
    let story = [admitted("25T09:00:00Z", "H1", "J27"), out.clone()];
    assert!(latest(&story).on_leave);
    let back = moved("26T18:00:00Z", "J27", "J28");
    assert!(!latest(&[story.to_vec(), vec![back]].concat()).on_leave);
}

#[test]
fn s3_a_person_who_comes_back_under_the_same_number_has_a_new_stay_without_the_old_plan() {
    let mut planned = told(SpellEvent::Update, "21T09:00:00Z", "H1");
    planned.plan.going_to = Told::Set("Elm House".into());
    let story = [
        admitted("20T09:00:00Z", "H1", "J27"),
        planned,
        left("22T10:05:00Z", "H1", "22T10:00:00Z"),
        admitted("27T19:00:00Z", "H1", "AMU"),
    ];
    any_order(&story, |stays| {
        let [former, now] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(former.spell.left, Some(at("22T10:00:00Z")));
        assert!(in_hospital(&now.spell) && now.spell.going_to.is_none());
        assert_eq!((former.nth, now.nth), (1, 2));
    });
    // Correcting the former leaving afterwards leaves the present stay alone; taking it back makes both one.
    let corrected = SpellMessage { content: "later".into(), ..left("28T10:00:00Z", "H1", "21T10:00:00Z") };
    let stays_now = stays(&[story.to_vec(), vec![corrected]].concat(), &Who::default());
    assert_eq!(stays_now[0].spell.left, Some(at("21T10:00:00Z")));
    assert!(in_hospital(&stays_now[1].spell));
    let cancelled = told(SpellEvent::CancelDischarge, "28T10:00:00Z", "H1");
    let stays_now = stays(&[story.to_vec(), vec![cancelled]].concat(), &Who::default());
    assert_eq!(stays_now.len(), 1);
    assert!(in_hospital(&stays_now[0].spell));
}

#[test]
fn s3_a_leaving_told_late_between_two_admissions_ends_the_first() {
    let story = [
        admitted("20T09:00:00Z", "H1", "J27"),
        admitted("25T09:00:00Z", "H1", "AMU"),
        left("26T10:00:00Z", "H1", "22T10:00:00Z"),
    ];
    let stays = stays(&story, &Who::default());
    assert_eq!(stays[0].spell.left, Some(at("22T10:00:00Z")));
    assert!(in_hospital(&stays[1].spell));
}

#[test]
fn s5_a_number_used_again_for_another_person_brings_nothing_of_the_former() {
    let mut planned = told(SpellEvent::Update, "11T09:00:00Z", "H1");
    planned.plan.going_to = Told::Set("Elm House, dementia unit".into());
    planned.expected_discharge = Told::Set("2026-11-14".parse().unwrap());
    let story = [
        SpellMessage {
            consultant: Told::Set(lcr_contracts::spell::Named { code: None, name: "Dr Rawdon".into() }),
            ..admitted("10T09:00:00Z", "H1", "J28")
        },
        planned,
        left("13T10:05:00Z", "H1", "13T10:00:00Z"),
        admitted("26T09:00:00Z", "H2", "J27"),
    ];
    any_order(&story, |stays| {
        let [former, now] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(former.spell.identity, Some(identity("H1")));
        assert!(former.spell.left.is_some());
        assert_eq!(now.spell.identity, Some(identity("H2")));
        assert!(in_hospital(&now.spell));
        assert!(
            now.spell.going_to.is_none()
                && now.spell.expected.now.is_none()
                && now.spell.consultant.is_none()
        );
    });
}

#[test]
fn s6_the_wrong_persons_admission_is_gone_once_it_is_told_of_the_right_one() {
    let right =
        SpellMessage { admitted: Told::Set(at("26T09:00:00Z")), ..admitted("26T09:30:00Z", "H2", "J27") };
    let story = [admitted("26T09:00:00Z", "H1", "J27"), right];
    any_order(&story, |stays| {
        assert!(!stays[0].spell.counts());
        assert!(in_hospital(&stays[1].spell));
        assert_eq!(stays[1].spell.identity, Some(identity("H2")));
    });
    // Both go on being told of: the hospital uses one number for two. Nobody vanishes, and both rows say so.
    let both = [
        story.to_vec(),
        vec![SpellMessage { place: ward("J28"), ..told(SpellEvent::Transfer, "26T11:00:00Z", "H1") }],
    ]
    .concat();
    let stays = stays(&both, &Who::default());
    assert!(stays.iter().all(|stay| in_hospital(&stay.spell)));
    assert!(stays.iter().all(|stay| stay.spell.warnings.contains(&Warning::VisitShared)));
}

#[test]
fn s6_the_former_stays_if_the_other_admission_was_the_mistake() {
    let mistake =
        SpellMessage { admitted: Told::Set(at("26T09:00:00Z")), ..admitted("26T09:30:00Z", "H2", "J27") };
    let cancel = told(SpellEvent::CancelAdmit, "26T09:35:00Z", "H2");
    let story = [admitted("26T09:00:00Z", "H1", "J27"), mistake, cancel];
    any_order(&story, |stays| {
        assert!(in_hospital(&stays[0].spell), "somebody in a bed is on a list");
        // If they arrived against the clock, the row says that the number is shared.
        assert!(stays[0].spell.warnings.iter().all(|one| *one == Warning::VisitShared));
        assert!(!stays[1].spell.counts());
    });
    // Told of late, of before the number went over, and not left: both are in doubt.
    let late = SpellMessage {
        sent: at("26T10:00:00Z"),
        received: at("26T10:00:00Z").at,
        ..told(SpellEvent::Update, "26T09:10:00Z", "H1")
    };
    let stays = stays(&[story[0].clone(), story[1].clone(), late], &Who::default());
    assert!(stays.iter().all(|stay| in_hospital(&stay.spell)));
    assert!(stays.iter().all(|stay| stay.spell.warnings.contains(&Warning::VisitShared)));
}

#[test]
fn s8_another_arrival_under_a_number_in_use_hides_nobody_and_both_rows_say_so() {
    let mother = admitted("25T09:00:00Z", "H1", "M1");
    let mut baby = SpellMessage { method: Told::Set("N".into()), ..admitted("26T04:00:00Z", "H2", "M1") };
    baby.patient.birth_date = Some("2026-11-26".parse().unwrap());
    let other =
        SpellMessage { admitted: Told::Set(at("27T09:00:00Z")), ..admitted("27T09:00:00Z", "H2", "L14") };
    for second in [baby, other] {
        any_order(&[mother.clone(), second], |stays| {
            assert_eq!(stays.len(), 2);
            for stay in stays {
                assert!(in_hospital(&stay.spell), "{stay:?}");
                assert!(stay.spell.warnings.contains(&Warning::VisitShared));
            }
        });
    }
    // One slip in one message moves nobody's stay.
    let slip = SpellMessage {
        admitted: Told::Set(at("26T10:00:00Z")),
        identity: identity("H2"),
        ..moved("27T09:00:00Z", "J28", "J29")
    };
    let stays = stays(&[mother, slip], &Who::default());
    assert_eq!(stays[0].spell.identity, Some(identity("H1")));
    assert!(in_hospital(&stays[0].spell) && stays[0].spell.warnings.contains(&Warning::VisitShared));
}

/// The arrival of 26-Nov 09:00 on J27 once more.
fn retold(when: &str, number: &str) -> SpellMessage {
    SpellMessage {
        admitted: Told::Set(at("26T09:00:00Z")),
        place: ward("J27"),
        ..told(SpellEvent::Update, when, number)
    }
}

#[test]
fn s7_a_visit_corrected_by_an_update_keeps_bed_and_times_and_loses_the_plan() {
    let mut planned = retold("26T10:00:00Z", "H1");
    planned.plan.going_to = Told::Set("Elm House".into());
    planned.further.insert("risk".into(), Told::Set("high".into()));
    let corrected = retold("26T11:00:00Z", "H2");
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), planned, corrected], |stays| {
        let [stay] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(stay.spell.identity, Some(identity("H2")));
        assert_eq!(stay.spell.patient.family, "H2");
        assert!(in_hospital(&stay.spell) && stay.spell.going_to.is_none() && stay.spell.further.is_empty());
        assert_eq!(on_ward(&stay.spell), Some("J27"));
        assert!(stay.spell.warnings.contains(&Warning::VisitCorrected), "and the row says so");
    });
}

#[test]
fn s7_one_update_filed_under_the_wrong_person_loses_nothing_of_the_right_ones_plan() {
    let mut planned = retold("26T10:00:00Z", "H1");
    planned.plan.going_to = Told::Set("Elm House".into());
    planned.further.insert("risk".into(), Told::Set("high".into()));
    let mut misfiled = retold("26T11:00:00Z", "H2");
    misfiled.further.insert("risk".into(), Told::Set("low".into()));
    let story = [admitted("26T09:00:00Z", "H1", "J27"), planned, misfiled];
    let spell = latest(&story);
    assert_eq!(spell.identity, Some(identity("H2")));
    assert_eq!(spell.further["risk"].value, "low");
    assert!(spell.warnings.contains(&Warning::VisitCorrected));
    let again = [story.to_vec(), vec![retold("26T12:00:00Z", "H1")]].concat();
    let spell = latest(&again);
    assert_eq!(spell.going_to.unwrap().value, "Elm House");
    assert_eq!(spell.further["risk"].value, "high");
}

#[test]
fn e3a_a_cancel_of_an_event_that_was_never_told_takes_nothing_and_the_row_says_so() {
    let cancel = SpellMessage {
        occurred: Some(at("23T09:00:00Z")),
        ..told(SpellEvent::CancelAdmit, "26T12:00:00Z", "H1")
    };
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), cancel], |stays| {
        assert!(in_hospital(&stays[0].spell));
        assert!(stays[0].spell.warnings.contains(&Warning::CancelUnclear));
    });
}

#[test]
fn e5_a_real_cancel_shortly_after_a_retelling_is_no_edit() {
    let first = left("27T14:05:00Z", "H1", "27T14:00:00Z");
    let retold = SpellMessage {
        destination: Told::Set("54".into()),
        content: "again".into(),
        ..left("27T15:00:00Z", "H1", "27T14:00:00Z")
    };
    let cancel = told(SpellEvent::CancelDischarge, "27T15:00:40Z", "H1");
    let story = [admitted("26T09:00:00Z", "H1", "J27"), first, retold, cancel];
    any_order(&story, |stays| assert!(in_hospital(&stays[0].spell)));
}

#[test]
fn a_death_withdrawn_after_a_discharge_as_dead_is_gone_too() {
    let mut dead = left("27T06:15:00Z", "H1", "27T05:40:00Z");
    dead.patient.died = true;
    dead.discharge_method = Told::Set("4".into());
    let story = [admitted("25T09:00:00Z", "H1", "J27"), dead, told(SpellEvent::Update, "27T08:00:00Z", "H1")];
    assert!(latest(&story[..2]).died());
    assert!(!latest(&story).died());
}

#[test]
fn a_move_to_a_bed_alone_stays_on_the_ward() {
    let bed = Place { bed: Some("7".into()), ..Place::default() };
    let within = SpellMessage { place: Told::Set(bed), ..moved("26T10:00:00Z", "J27", "") };
    let spell = latest(&[admitted("26T09:00:00Z", "H1", "J27"), within]);
    assert_eq!((on_ward(&spell), spell.place().unwrap().place.bed.as_deref()), (Some("J27"), Some("7")));
}

#[test]
fn s4_a_visit_moved_by_the_hospital_is_the_other_persons_with_all_of_it() {
    let mut planned = told(SpellEvent::Update, "26T10:00:00Z", "H1");
    planned.plan.going_to = Told::Set("Elm House".into());
    let moves = SpellMessage { moves_visit: true, ..told(SpellEvent::Update, "26T11:00:00Z", "H2") };
    any_order(&[admitted("26T09:00:00Z", "H1", "J27"), planned, moves], |stays| {
        let [stay] = stays else { panic!("{} stays", stays.len()) };
        assert_eq!(stay.spell.identity, Some(identity("H2")));
        assert!(in_hospital(&stay.spell) && stay.spell.going_to.is_some());
    });
}

#[test]
fn s10_what_was_told_of_a_merged_number_before_is_the_kept_persons_and_afterwards_anothers() {
    let merge = Merge { into: identity("H2"), told: at("26T11:05:00Z").at };
    let who = Who { merged: HashMap::from([(identity("H1"), merge)]), ..Who::default() };
    let before = [admitted("26T03:00:00Z", "H1", "AMU"), moved("26T09:00:00Z", "AMU", "L14")];
    let stays_now = stays(&before, &who);
    assert_eq!(stays_now[0].spell.identity, Some(identity("H2")));
    assert_eq!(on_ward(&stays_now[0].spell), Some("L14"));
    let after = [before.to_vec(), vec![left("27T09:00:00Z", "H2", "27T09:00:00Z")]].concat();
    assert_eq!(stays(&after, &who).len(), 1);
    assert!(stays(&after, &who)[0].spell.left.is_some());
    let reused = stays(&[admitted("28T03:00:00Z", "H1", "AMU")], &who);
    assert_eq!(reused[0].spell.identity, Some(identity("H1")));
}

#[test]
fn two_numbers_of_one_person_are_one_person() {
    let person = PersonId::new();
    let persons = HashMap::from([(identity("H1"), person), (identity("H2"), person)]);
    let story = [admitted("26T09:00:00Z", "H1", "J27"), left("27T09:00:00Z", "H2", "27T09:00:00Z")];
    let stays = stays(&story, &Who { persons, ..Who::default() });
    assert_eq!(stays.len(), 1);
    assert!(stays[0].spell.left.is_some());
}

#[test]
fn a_day_without_an_hour_stays_a_day_and_is_not_before_the_admission_on_it() {
    let story = [admitted("27T10:00:00Z", "H1", "J27"), left("27T16:00:00Z", "H1", "27")];
    let spell = latest(&story);
    assert_eq!(spell.left, Some(at("27")));
    assert!(spell.warnings.is_empty());
    assert!(spell.has_left(at("27T16:00:00Z").at));
    // Told the day before, it is a plan: they leave some time on that day, and have left when it is over.
    let planned = latest(&[admitted("25T10:00:00Z", "H1", "J27"), left("26T16:00:00Z", "H1", "27")]);
    assert!(!planned.has_left(at("27T12:00:00Z").at) && planned.has_left(at("28T00:00:00Z").at));
    assert!(
        latest(&[admitted("27T10:00:00Z", "H1", "J27"), left("27T16:00:00Z", "H1", "26")])
            .warnings
            .contains(&Warning::LeftBeforeAdmitted)
    );
}

#[test]
fn a_death_withdrawn_is_gone() {
    let died = |when: &str, died: bool| {
        let mut update = told(SpellEvent::Update, when, "H1");
        update.patient.died = died;
        update
    };
    let story =
        [admitted("25T09:00:00Z", "H1", "J27"), died("26T10:00:00Z", true), died("26T11:30:00Z", false)];
    any_order(&story, |stays| assert!(!stays[0].spell.died()));
    assert!(latest(&story[..2]).died());
}

#[test]
fn a_discharge_dated_before_a_move_that_was_told_meanwhile_ends_the_stay() {
    let story = [
        admitted("24T09:00:00Z", "H1", "AMU"),
        moved("26T10:00:00Z", "AMU", "J27"),
        left("27T10:00:00Z", "H1", "25T15:00:00Z"),
    ];
    any_order(&story, |stays| {
        assert_eq!(stays[0].spell.left, Some(at("25T15:00:00Z")));
        assert!(!stays[0].spell.warnings.contains(&Warning::MovedAfterLeaving));
    });
    let after = moved("28T10:00:00Z", "J27", "J28");
    let spell = latest(&[story.to_vec(), vec![after]].concat());
    assert!(spell.left.is_some() && spell.warnings.contains(&Warning::MovedAfterLeaving));
}

#[test]
fn an_admission_dated_after_its_first_move_still_comes_first() {
    let story = [admitted("26T10:05:00Z", "H1", "AMU"), moved("26T10:00:00Z", "AMU", "J27")];
    any_order(&story, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J27"));
        assert!(stays[0].spell.warnings.is_empty());
        assert_eq!(stays[0].spell.phase, Phase::Admitted);
    });
}

#[test]
fn moves_whose_clock_jumped_are_put_right_by_pv1_6() {
    let story = [
        admitted("26T08:00:00Z", "H1", "AMU"),
        moved("26T11:00:00Z", "AMU", "J27"),
        moved("26T10:30:00Z", "J27", "J28"),
    ];
    any_order(&story, |stays| {
        assert_eq!(on_ward(&stays[0].spell), Some("J28"));
        assert!(stays[0].spell.warnings.is_empty());
    });
}
