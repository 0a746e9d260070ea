//! Tests of a visit whose messages name more than one person (RULES.md, S4 to S10). No data may stay with the wrong one.

use super::*;

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
