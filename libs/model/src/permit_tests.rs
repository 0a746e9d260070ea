//! A permit cannot be forged, extended, or used by another service.

use uuid::Uuid;

use super::*;
use crate::SigningKey;

const NOW: i64 = 1_800_000_000;

fn claims() -> PermitClaims {
    PermitClaims {
        iss: ServiceName::Consent,
        aud: ServiceName::RecordAggregation,
        sub: UserId::new("u1"),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        session: SessionId(Uuid::nil()),
        purpose: Purpose::DirectCare,
        view_id: ViewId(Uuid::nil()),
        policy_version: "1".into(),
        iat: NOW,
        exp: NOW + 60,
        people: vec![],
    }
}

fn verify(key: &SigningKey, token: &str, audience: ServiceName, now: i64) -> Result<Permit, PermitError> {
    let keys = KeySet::of([key.public().clone()]);
    Permit::verify(token, &keys, audience, Timestamp::from_second(now).unwrap())
}

#[test]
fn a_fresh_permit_verifies_for_its_own_audience() {
    let key = SigningKey::generate().unwrap();
    let token = key.sign(PERMIT_TYP, &claims()).unwrap();
    let permit = verify(&key, &token, ServiceName::RecordAggregation, NOW + 1).unwrap();
    assert_eq!(permit.claims(), &claims());
}

#[test]
fn an_altered_permit_is_refused() {
    let key = SigningKey::generate().unwrap();
    let token = key.sign(PERMIT_TYP, &claims()).unwrap();
    for at in [token.len() / 3, token.len() / 2, token.len() - 5] {
        let mut altered = token.clone().into_bytes();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let refused = verify(&key, &altered, ServiceName::RecordAggregation, NOW).unwrap_err();
        assert_eq!(refused, PermitError::Signature);
    }
}

#[test]
fn a_permit_replayed_by_another_service_is_refused() {
    let key = SigningKey::generate().unwrap();
    let token = key.sign(PERMIT_TYP, &claims()).unwrap();
    assert_eq!(verify(&key, &token, ServiceName::PatientIndex, NOW).unwrap_err(), PermitError::Audience);
}

#[test]
fn an_expired_or_overlong_or_future_permit_is_refused() {
    let key = SigningKey::generate().unwrap();
    let token = key.sign(PERMIT_TYP, &claims()).unwrap();
    for now in [NOW + 60, NOW + 3600, NOW - 10] {
        let refused = verify(&key, &token, ServiceName::RecordAggregation, now).unwrap_err();
        assert_eq!(refused, PermitError::Expired, "{now}");
    }
    let long = key.sign(PERMIT_TYP, &PermitClaims { exp: NOW + 61, ..claims() }).unwrap();
    assert_eq!(verify(&key, &long, ServiceName::RecordAggregation, NOW).unwrap_err(), PermitError::Expired);
}

#[test]
fn another_key_another_type_and_another_issuer_are_refused() {
    let key = SigningKey::generate().unwrap();
    let stranger = SigningKey::generate().unwrap();
    let by_stranger = stranger.sign(PERMIT_TYP, &claims()).unwrap();
    let wrong_type = key.sign("JWT", &claims()).unwrap();
    let wrong_issuer = key.sign(PERMIT_TYP, &PermitClaims { iss: ServiceName::Gateway, ..claims() }).unwrap();
    for token in [by_stranger, wrong_type, wrong_issuer] {
        let refused = verify(&key, &token, ServiceName::RecordAggregation, NOW).unwrap_err();
        assert_eq!(refused, PermitError::Signature);
    }
}

#[test]
fn a_reason_of_a_later_version_withholds_and_does_not_refuse_the_permit() {
    let withheld: (SourceId, Dataset, WithheldReason) =
        serde_json::from_str(r#"["gp", "results", "of-a-later-version"]"#).unwrap();
    assert_eq!(withheld.2, WithheldReason::Other);
    let known: WithheldReason = serde_json::from_str(r#""not-yet-on""#).unwrap();
    assert_eq!(known, WithheldReason::NotYetOn);
}
