//! Whatever is signed in whatever order, only a text that all three have signed is in force.

use std::collections::BTreeSet;

use jiff::civil::date;
use lcr_model::{Dataset, UserId};
use proptest::prelude::*;

use super::*;
use crate::{organisations::versions::testing::TWO, store::agreement::StoredSchedule};

const DUTIES: [Duty; 3] = Duty::ALL;

fn signature(duty: Duty, user: &str, version: &str, schedule: u128, second: i64) -> Signature {
    Signature {
        duty,
        user: UserId::new(user),
        version: version.to_owned(),
        schedule: Uuid::from_u128(schedule),
        text_hash: format!("{version}/{schedule}"),
        at: Timestamp::from_second(second).unwrap(),
    }
}

fn schedule(id: u128, gives: &[Dataset]) -> StoredSchedule {
    let schedule = DataFlowSchedule { gives: gives.iter().copied().collect(), ..DataFlowSchedule::default() };
    StoredSchedule { id: Uuid::from_u128(id), schedule }
}

fn all_sign(version: &str, schedule: u128, second: i64) -> Vec<Signature> {
    let users = ["s", "c", "d"];
    DUTIES.into_iter().zip(users).map(|(duty, user)| signature(duty, user, version, schedule, second)).collect()
}

fn records(schedules: Vec<StoredSchedule>, signatures: Vec<Signature>) -> AgreementRecords {
    AgreementRecords { schedules, appointments: vec![], signatures }
}

#[test]
fn two_of_three_are_not_enough() {
    for missing in 0..3 {
        let mut signatures = all_sign("one", 1, 0);
        signatures.remove(missing);
        assert!(signed_texts(&signatures).is_empty(), "{missing}");
    }
    assert_eq!(signed_texts(&all_sign("one", 1, 5))[0].since, Timestamp::from_second(5).unwrap());
}

#[test]
fn three_signatures_under_different_texts_are_not_enough() {
    let mut signatures = all_sign("one", 1, 0);
    signatures[1].text_hash = "the organisation had another name".to_owned();
    assert!(signed_texts(&signatures).is_empty());
}

#[test]
fn nobody_signs_as_siro_and_as_data_protection_officer() {
    let mut signatures = all_sign("one", 1, 0);
    signatures[2].user = signatures[0].user.clone();
    assert!(signed_texts(&signatures).is_empty());
}

#[test]
fn the_version_before_counts_until_its_grace_ends() {
    let records = records(vec![schedule(1, &[])], all_sign("one", 1, 0));
    let is_in_force = |day| is_in_force(false, &records, &TWO, day);
    assert!(is_in_force(date(2026, 5, 1)) && is_in_force(date(2026, 8, 30)));
    assert!(!is_in_force(date(2026, 8, 31)), "a new version has been there for more than 90 days");
}

#[test]
fn what_a_new_schedule_adds_waits_for_its_signatures_and_what_it_drops_stops() {
    let (old, new) = ([Dataset::Allergies, Dataset::Results], [Dataset::Allergies, Dataset::Documents]);
    let schedules = vec![schedule(1, &old), schedule(2, &new)];
    let today = date(2026, 2, 1);
    let gives = |signatures| agreed_schedule(&records(schedules.clone(), signatures), &TWO, today).unwrap().gives;
    let mut signatures = all_sign("one", 1, 0);
    assert_eq!(gives(signatures.clone()), BTreeSet::from([Dataset::Allergies]));
    signatures.extend(all_sign("one", 2, 9));
    assert_eq!(gives(signatures), BTreeSet::from(new));
}

#[test]
fn without_the_signed_schedule_nothing_flows() {
    let records = records(vec![schedule(2, &[Dataset::Allergies])], all_sign("one", 1, 0));
    let agreed = agreed_schedule(&records, &TWO, date(2026, 2, 1));
    assert_eq!(agreed, Some(DataFlowSchedule::default()));
}

#[test]
fn an_agreement_on_paper_counts_until_one_is_signed_here() {
    assert!(is_in_force(true, &AgreementRecords::default(), &TWO, date(2026, 2, 1)));
    assert!(!is_in_force(false, &AgreementRecords::default(), &TWO, date(2026, 2, 1)));
}

fn any_signature() -> impl Strategy<Value = Signature> {
    let version = prop_oneof![Just("one"), Just("two"), Just("unknown")];
    (0..3_usize, "[a-c]", version, 1..3_u128, 0..100_i64)
        .prop_map(|(duty, user, version, schedule, second)| signature(DUTIES[duty], &user, version, schedule, second))
}

fn any_day() -> impl Strategy<Value = Date> {
    (1..13_i8, 1..29_i8).prop_map(|(month, day)| date(2026, month, day))
}

proptest! {
    #[test]
    fn in_force_means_that_all_three_signed_that_text(
        signatures in proptest::collection::vec(any_signature(), 0..12),
        today in any_day(),
    ) {
        let records = records(vec![schedule(1, &[]), schedule(2, &[])], signatures);
        if let Some(text) = text_in_force(&records, &TWO, today) {
            for duty in DUTIES {
                let signed = records.signatures.iter().any(|one| {
                    (one.duty, &one.version, one.schedule, &one.text_hash)
                        == (duty, &text.version, text.schedule, &text.text_hash)
                });
                prop_assert!(signed);
            }
            prop_assert!(TWO.counts(&text.version, today));
        }
    }

    #[test]
    fn a_removed_signature_never_grants(
        signatures in proptest::collection::vec(any_signature(), 1..12),
        index in any::<prop::sample::Index>(),
        today in any_day(),
    ) {
        let with = records(vec![], signatures.clone());
        let mut fewer = signatures;
        fewer.remove(index.index(fewer.len()));
        let without = records(vec![], fewer);
        prop_assert!(is_in_force(false, &with, &TWO, today) || !is_in_force(false, &without, &TWO, today));
    }

    #[test]
    fn the_order_of_signatures_does_not_matter(
        signatures in proptest::collection::vec(any_signature(), 0..12),
        today in any_day(),
    ) {
        let mut reversed = signatures.clone();
        reversed.reverse();
        let (one, other) = (records(vec![], signatures), records(vec![], reversed));
        prop_assert_eq!(is_in_force(false, &one, &TWO, today), is_in_force(false, &other, &TWO, today));
    }
}
