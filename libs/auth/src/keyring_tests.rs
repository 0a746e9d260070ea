//! A token that was verified before is refused for every reason for which a new one is.

#![allow(clippy::unwrap_used, reason = "tests")]

use lcr_model::{Actor, ActorKind, OdsCode, Purpose, Role, SessionId, UserId};

use super::*;
use crate::{sign_service, sign_user, token::LIFE_SECONDS};

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

fn ring(service: ServiceName, key: &SigningKey) -> KeyRing {
    KeyRing::new(SigningKey::generate().unwrap(), [(service, key.public().clone())])
}

fn trust(ring: &KeyRing, service: ServiceName, keys: &[&SigningKey]) {
    let keys = KeySet::of(keys.iter().map(|key| key.public().clone()));
    ring.trusted.write().unwrap().insert(service.to_string(), keys);
}

fn user_token(key: &SigningKey) -> String {
    let actor = Actor {
        user: UserId::new("user-1"),
        kind: ActorKind::Person,
        name: "Dr Test".into(),
        org: OdsCode::new("Y90001"),
        role: Role::Gp,
        purpose: Purpose::DirectCare,
        session: SessionId::new(),
    };
    sign_user(key, &UserClaims::new(&actor, "session", at(1000))).unwrap()
}

#[test]
fn a_verified_token_is_known_again_and_expires_at_its_own_time() {
    let key = SigningKey::generate().unwrap();
    let ring = ring(ServiceName::Identity, &key);
    let token = user_token(&key);
    assert!(ring.users.find(&token).is_none());
    let claims = ring.verify_user(&token, at(1001)).unwrap();
    assert!(ring.users.find(&token).is_some() && ring.clone().users.find(&token).is_some());
    assert_eq!(ring.verify_user(&token, at(1000 + LIFE_SECONDS - 1)), Ok(claims));
    assert_eq!(ring.verify_user(&token, at(1000 + LIFE_SECONDS)), Err(TokenError::Expired));
    assert_eq!(ring.verify_user(&token, at(900)), Err(TokenError::Expired), "not valid yet");
}

#[test]
fn a_withdrawn_key_refuses_at_once_what_it_verified() {
    let (key, next) = (SigningKey::generate().unwrap(), SigningKey::generate().unwrap());
    let ring = ring(ServiceName::Identity, &key);
    let token = user_token(&key);
    assert!(ring.verify_user(&token, at(1001)).is_ok());
    // During a rotation both are trusted.
    trust(&ring, ServiceName::Identity, &[&key, &next]);
    assert!(ring.verify_user(&token, at(1002)).is_ok());
    trust(&ring, ServiceName::Identity, &[&next]);
    assert_eq!(ring.verify_user(&token, at(1003)), Err(TokenError::Signature));
    trust(&ring, ServiceName::Identity, &[]);
    assert_eq!(ring.verify_user(&token, at(1003)), Err(TokenError::Signature));
}

#[test]
fn a_known_service_token_is_refused_for_another_audience_after_its_time_and_without_its_key() {
    let key = SigningKey::generate().unwrap();
    let ring = ring(ServiceName::Gateway, &key);
    let token = sign_service(&key, ServiceName::Gateway, ServiceName::Consent, at(1000)).unwrap();
    let verify = |audience, second| ring.verify_service(&token, audience, at(second)).map(|claims| claims.sub);
    assert_eq!(verify(ServiceName::Consent, 1001), Ok(ServiceName::Gateway));
    assert_eq!(verify(ServiceName::Consent, 1002), Ok(ServiceName::Gateway));
    assert_eq!(verify(ServiceName::Audit, 1002), Err(TokenError::Audience));
    assert_eq!(verify(ServiceName::Consent, 1000 + LIFE_SECONDS), Err(TokenError::Expired));
    trust(&ring, ServiceName::Gateway, &[]);
    assert_eq!(verify(ServiceName::Consent, 1002), Err(TokenError::Signature));
}

#[test]
fn a_token_of_one_kind_is_never_known_as_the_other() {
    let key = SigningKey::generate().unwrap();
    let ring = ring(ServiceName::Identity, &key);
    let token = user_token(&key);
    assert!(ring.verify_user(&token, at(1001)).is_ok());
    assert_eq!(ring.verify_service(&token, ServiceName::Consent, at(1001)), Err(TokenError::Signature));
    // A changed signature has another hash, and is verified.
    let (signed, _) = token.rsplit_once('.').unwrap();
    assert_eq!(ring.verify_user(&format!("{signed}.AA"), at(1001)), Err(TokenError::Signature));
    assert!(ring.users.find(&format!("{signed}.AA")).is_none(), "a refused token is not stored");
}
