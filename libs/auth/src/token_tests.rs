//! Tests of `token.rs`.

use super::*;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

#[test]
fn a_service_cannot_speak_for_another_nor_to_another() {
    let gateway = SigningKey::generate().unwrap();
    let keys_of = |service| match service {
        ServiceName::Gateway => KeySet::of([gateway.public().clone()]),
        _ => KeySet::default(),
    };
    let good = sign_service(&gateway, ServiceName::Gateway, ServiceName::Consent, at(1000)).unwrap();
    assert!(verify_service(&good, keys_of, ServiceName::Consent, at(1001)).is_ok());
    let refused = verify_service(&good, keys_of, ServiceName::Audit, at(1001));
    assert_eq!(refused, Err(TokenError::Audience));
    let lie = sign_service(&gateway, ServiceName::Consent, ServiceName::Audit, at(1000)).unwrap();
    assert_eq!(verify_service(&lie, keys_of, ServiceName::Audit, at(1001)), Err(TokenError::Signature));
    assert_eq!(verify_service(&good, keys_of, ServiceName::Consent, at(1300)), Err(TokenError::Expired));
}

#[test]
fn a_user_token_is_not_a_service_token_nor_the_other_way_round() {
    let key = SigningKey::generate().unwrap();
    let keys = KeySet::of([key.public().clone()]);
    let service = sign_service(&key, ServiceName::Gateway, ServiceName::Consent, at(1000)).unwrap();
    assert_eq!(verify_user(&service, &keys, at(1001)), Err(TokenError::Signature));
}
