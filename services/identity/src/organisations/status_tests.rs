//! Tests of `status.rs`.

use jiff::{Timestamp, civil::date};
use lcr_contracts::{partners::organisation::DataFlowSchedule, registry::PartnerState, vocabulary::OrganisationKind};
use lcr_model::{OdsCode, UserId};
use uuid::Uuid;

use super::*;
use crate::{
    organisations::versions::testing::TWO,
    store::agreement::{Appointment, StoredSchedule},
};

fn row(name: &str, agreement_signed: bool) -> Organisation {
    Organisation {
        ods: OdsCode::new("Z9K01"),
        name: name.to_owned(),
        kind: OrganisationKind::Community,
        agreement_signed,
        part_of: None,
        serves: vec![],
        state: PartnerState::Live,
        receives: None,
    }
}

/// Signed by all under version one.
fn signed() -> AgreementRecords {
    let schedule = DataFlowSchedule::default();
    let facts = TextFacts { ods: &OdsCode::new("Z9K01"), name: "Hospice", schedule: Some(&schedule) };
    let text_hash = text::render(&TWO.first, facts).text_hash;
    let sign = |duty: Duty| Signature {
        duty,
        user: UserId::new(duty.as_str()),
        version: "one".to_owned(),
        schedule: Uuid::from_u128(1),
        text_hash: text_hash.clone(),
        at: Timestamp::from_second(10).unwrap(),
    };
    let appoint = |duty: Duty| Appointment { duty, user: UserId::new(duty.as_str()), name: duty.words().to_owned() };
    AgreementRecords {
        schedules: vec![StoredSchedule { id: Uuid::from_u128(1), schedule: schedule.clone() }],
        appointments: Duty::ALL.map(appoint).to_vec(),
        signatures: Duty::ALL.map(sign).to_vec(),
    }
}

fn have_signed(status: &AgreementStatus) -> usize {
    status.signatories.iter().filter(|one| one.signed_at.is_some()).count()
}

#[test]
fn a_signed_agreement_shows_who_signed_even_after_a_change_of_name() {
    for name in ["Hospice", "Hospice of Kirkstall"] {
        let status = of_portal(&row(name, true), false, &signed(), &TWO, date(2026, 2, 1));
        assert_eq!((status.signed_version.as_deref(), have_signed(&status)), (Some("one"), 3), "{name}");
        assert_eq!((status.grace_until, status.in_force), (None, true));
    }
}

#[test]
fn a_new_version_asks_for_new_signatures_with_a_grace_period() {
    let status = of_portal(&row("Hospice", true), false, &signed(), &TWO, date(2026, 7, 1));
    assert_eq!((status.version.as_str(), status.signed_version.as_deref()), ("two", Some("one")));
    assert_eq!((status.grace_until, have_signed(&status)), (Some(date(2026, 8, 30)), 0));
    let later = of_portal(&row("Hospice", false), false, &signed(), &TWO, date(2026, 12, 1));
    assert_eq!((later.grace_until, later.in_force, later.signed_version.as_deref()), (None, false, Some("one")));
}

#[test]
fn an_agreement_on_paper_is_in_force_as_the_row_says() {
    let status = on_paper(&row("Hospice", true), &TWO, date(2026, 2, 1));
    assert_eq!((status.signed_version.as_deref(), status.in_force), (Some(ON_PAPER), true));
    assert!(!on_paper(&row("Hospice", false), &TWO, date(2026, 2, 1)).in_force);
}
