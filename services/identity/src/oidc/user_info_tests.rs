//! Claims that a provider has only at `/userinfo`, read from a server.

#![allow(clippy::unwrap_used, reason = "tests")]

use axum::{
    Json, Router,
    http::{HeaderMap, StatusCode},
    response::IntoResponse,
    routing::get,
};
use lcr_contracts::partners::sign_in::ClaimProfile;
use lcr_model::SigningKey;
use lcr_web::{Outbound, outbound::EgressRules};
use serde_json::json;

use super::*;
use crate::oidc::settings::ProviderSettings;

/// A provider whose server answers `/userinfo` with this, to the right access token. `None`: it has no such address.
async fn provider(profile: ClaimProfile, info: Option<Value>) -> Provider {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let issuer = format!("http://{}", listener.local_addr().unwrap());
    let mut metadata = json!({
        "issuer": issuer,
        "authorization_endpoint": format!("{issuer}/authorize"),
        "token_endpoint": format!("{issuer}/token"),
        "jwks_uri": format!("{issuer}/jwks"),
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["EdDSA"],
    });
    if info.is_some() {
        metadata["userinfo_endpoint"] = json!(format!("{issuer}/userinfo"));
    }
    let answer = move |headers: HeaderMap| async move {
        let is_ours = headers.get("authorization").is_some_and(|value| value == "Bearer token");
        if is_ours { Json(info).into_response() } else { StatusCode::UNAUTHORIZED.into_response() }
    };
    let router = Router::new()
        .route("/.well-known/openid-configuration", get(move || async move { Json(metadata) }))
        .route("/jwks", get(|| async { Json(json!({"keys": []})) }))
        .route("/userinfo", get(answer));
    tokio::spawn(async move { axum::serve(listener, router).await });
    let settings = ProviderSettings { issuer, client_id: "lcr".into(), profile, ..ProviderSettings::default() };
    let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
    Provider::new(settings, None, outbound, "https://record.example.nhs.uk", SigningKey::generate().unwrap())
}

/// The e-mail address after the user info was asked, if the sign-in goes on.
async fn email(profile: ClaimProfile, info: Option<Value>, token: &str) -> Result<Option<String>, Failure> {
    let provider = provider(profile, info).await;
    let mut claims = Claims::new(json!({"sub": "1"})).unwrap();
    add_missing(&provider, &mut claims, token, Timestamp::UNIX_EPOCH).await?;
    Ok(claims.text("email").map(str::to_owned))
}

#[tokio::test]
async fn an_address_that_only_the_user_info_has_is_read_there() {
    let info = json!({"sub": "1", "email": "a@b.nhs.uk", "email_verified": true});
    for profile in [ClaimProfile::Plain, ClaimProfile::Keycloak, ClaimProfile::NhsLogin] {
        let found = email(profile, Some(info.clone()), "token").await.unwrap();
        assert_eq!(found.as_deref(), Some("a@b.nhs.uk"), "{profile:?}");
    }
}

#[tokio::test]
async fn a_sign_in_goes_on_without_an_address_and_not_without_what_its_profile_needs() {
    let info = || Some(json!({"sub": "1", "email": "a@b.nhs.uk"}));
    assert_eq!(email(ClaimProfile::Plain, None, "token").await.unwrap(), None, "it has no such address");
    assert_eq!(email(ClaimProfile::Plain, info(), "another").await.unwrap(), None, "it refuses the access token");
    assert!(email(ClaimProfile::NhsLogin, None, "token").await.is_err());
    assert!(email(ClaimProfile::NhsLogin, info(), "another").await.is_err());
    let other = Some(json!({"sub": "2", "email": "a@b.nhs.uk"}));
    assert_eq!(email(ClaimProfile::Plain, other.clone(), "token").await.unwrap(), None, "about another subject");
    assert!(email(ClaimProfile::NhsLogin, other, "token").await.is_err(), "about another subject");
}
