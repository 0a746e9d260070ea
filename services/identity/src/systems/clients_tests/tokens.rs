//! Which assertions get a token.

use super::*;

#[tokio::test]
async fn an_assertion_gets_one_token() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    scene.change(put(engine(&key))).await.unwrap();
    let assertion = key.sign("JWT", &claims(&scene, "once", 60)).unwrap();
    assert_eq!(token(&scene, assertion.clone()).await, Ok("feeds.write".to_owned()));
    assert_eq!(token(&scene, assertion).await, Err(FailureKind::Unauthenticated), "a replay");
    let long = key.sign("JWT", &claims(&scene, "long", 301)).unwrap();
    assert_eq!(token(&scene, long).await, Err(FailureKind::Unauthenticated), "more than five minutes");
    let clients = list(scene.service(), &OdsCode::new(OWNER)).await.unwrap();
    assert_eq!(clients[0].last_used_at, Some(scene.now()));
}

#[tokio::test]
async fn other_keys_and_other_algorithms_are_refused() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    scene.change(put(engine(&key))).await.unwrap();
    let other = SigningKey::generate().unwrap();
    let foreign = other.sign("JWT", &claims(&scene, "foreign", 60)).unwrap();
    assert_eq!(token(&scene, foreign).await, Err(FailureKind::Unauthenticated));
    // HS/RS confusion: the public key as the secret of a shared one.
    let header = Header { kid: Some(key.kid().to_owned()), ..Header::new(Algorithm::HS256) };
    let secret = EncodingKey::from_secret(key.public().x.as_bytes());
    let shared = jsonwebtoken::encode(&header, &claims(&scene, "shared", 60), &secret).unwrap();
    assert_eq!(token(&scene, shared).await, Err(FailureKind::Unauthenticated));
    let signed = key.sign("JWT", &claims(&scene, "none", 60)).unwrap();
    let (_, rest) = signed.split_once('.').unwrap();
    // {"alg":"none"}
    assert_eq!(token(&scene, format!("eyJhbGciOiJub25lIn0.{rest}")).await, Err(FailureKind::Unauthenticated));
}

#[tokio::test]
async fn a_suspended_client_gets_no_token() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    scene.change(put(engine(&key))).await.unwrap();
    scene.change(suspension(true)).await.unwrap();
    let sign = |once| key.sign("JWT", &claims(&scene, once, 60)).unwrap();
    assert_eq!(token(&scene, sign("one")).await, Err(FailureKind::Unauthenticated));
    scene.change(put(engine(&key))).await.unwrap();
    assert_eq!(token(&scene, sign("two")).await, Err(FailureKind::Unauthenticated), "a change lifts no suspension");
    scene.change(suspension(false)).await.unwrap();
    assert!(token(&scene, sign("three")).await.is_ok());
    assert!(scene.refusal(suspension(false)).await.contains("not suspended"));
}

#[tokio::test]
async fn a_client_of_a_suspended_organisation_gets_no_token() {
    let (scene, key) = (Scene::with_states(PartnerState::Suspended).await, SigningKey::generate().unwrap());
    scene.change(put(engine(&key))).await.unwrap();
    let assertion = key.sign("JWT", &claims(&scene, "once", 60)).unwrap();
    assert_eq!(token(&scene, assertion).await, Err(FailureKind::Unauthenticated));
}

#[tokio::test]
async fn a_client_asks_no_more_often_than_its_rate() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    scene.change(put(ClientDraft { per_minute: 2, ..engine(&key) })).await.unwrap();
    let mut answers = Vec::new();
    for once in ["one", "two", "three"] {
        let assertion = key.sign("JWT", &claims(&scene, once, 60)).unwrap();
        answers.push(token(&scene, assertion).await.err());
    }
    assert_eq!(answers, [None, None, Some(FailureKind::TooManyRequests)]);
    // Nobody else uses up its requests: an unsigned assertion is refused before it is counted.
    scene.wait(SignedDuration::from_secs(1));
    assert_eq!(token(&scene, "a.b.c".into()).await, Err(FailureKind::Unauthenticated));
}

#[tokio::test]
async fn a_token_names_the_requests_of_its_client_and_never_the_number_of_its_tokens() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    let mut numbers = Vec::new();
    for (once, requests_per_minute) in [("one", None), ("two", Some(9_000))] {
        scene.change(put(ClientDraft { per_minute: 60, requests_per_minute, ..engine(&key) })).await.unwrap();
        let request = oauth2::TokenRequest {
            grant_type: "client_credentials".into(),
            client_assertion: Some(key.sign("JWT", &claims(&scene, once, 60)).unwrap()),
            subject_token: None,
            scope: None,
        };
        let token = oauth2::token(scene.service(), request).await.unwrap().access_token;
        let claims: lcr_auth::UserClaims = jsonwebtoken::dangerous::insecure_decode_claims(token).unwrap();
        numbers.push(claims.per_minute.map(std::num::NonZeroU32::get));
        let status = list(scene.service(), &OdsCode::new(OWNER)).await.unwrap().remove(0);
        assert_eq!(status.draft.requests_per_minute, requests_per_minute);
    }
    assert_eq!(numbers, [None, Some(9_000)]);
}

#[tokio::test]
async fn a_client_is_refused_by_the_names_of_oauth() {
    let (scene, key) = (Scene::new().await, SigningKey::generate().unwrap());
    scene.change(put(engine(&key))).await.unwrap();
    let error = async |grant: &str, once: &str, scope: &str| {
        let request = oauth2::TokenRequest {
            grant_type: grant.into(),
            client_assertion: Some(key.sign("JWT", &claims(&scene, once, 60)).unwrap()),
            subject_token: None,
            scope: Some(scope.into()),
        };
        oauth2::token(scene.service(), request).await.err().and_then(|refusal| refusal.error)
    };
    assert_eq!(error("client_credentials", "one", "feeds.write").await, None);
    assert_eq!(error("client_credentials", "one", "").await, Some("invalid_client"), "used before");
    assert_eq!(error("client_credentials", "two", "feeds.write fhir.read").await, Some("invalid_scope"));
    assert_eq!(error("password", "three", "").await, Some("unsupported_grant_type"));
    let exchange = "urn:ietf:params:oauth:grant-type:token-exchange";
    assert_eq!(error(exchange, "four", "").await, Some("invalid_request"), "its proof is missing");
}
