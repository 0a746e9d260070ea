//! Tests of `agreement.rs`.

use jiff::civil::date;

use super::*;

fn agreement(signed_on: Option<Date>, expires: Option<Date>) -> Agreement {
    Agreement { reference: "ISA-1".into(), signed_on, expires, signatories: vec![] }
}

#[test]
fn an_agreement_holds_from_the_day_it_is_signed_to_its_last_day() {
    let two_years = agreement(Some(date(2026, 4, 1)), Some(date(2028, 3, 31)));
    for (day, state) in [
        (date(2026, 3, 31), AgreementState::NotSigned),
        (date(2026, 4, 1), AgreementState::Current),
        (date(2028, 3, 31), AgreementState::Current),
        (date(2028, 4, 1), AgreementState::Expired),
    ] {
        assert_eq!(state_on(&two_years, day), state, "{day}");
    }
    assert_eq!(state_on(&agreement(None, None), date(2026, 4, 1)), AgreementState::NotSigned);
    assert_eq!(state_on(&agreement(Some(date(2026, 4, 1)), None), date(2099, 1, 1)), AgreementState::Current);
}

#[test]
fn a_day_begins_at_midnight_in_leeds() {
    let summer: Timestamp = "2026-06-30T23:30:00Z".parse().unwrap();
    assert_eq!(today(summer), date(2026, 7, 1));
}
