//! A partner's own sign-in provider, without pages: its metadata and keys, the codes and ID tokens of its users, and logout tokens.
//! It must never check a rule of the platform.

mod discovery;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use axum::{
    Json, Router,
    body::Bytes,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use discovery::{keys, metadata};
use lcr_model::{Clock, SigningKey, SystemClock};
use reqwest::Url;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Actor, Answer};

const CLIENT_ID: &str = "leeds-care-record";
const TOKEN_SECONDS: i64 = 300;

/// A user of the provider. Each has one session there.
#[derive(Debug, Clone, Copy)]
pub struct ProviderUser {
    pub subject: &'static str,
    pub name: &'static str,
    pub organisation: &'static str,
    pub role: &'static str,
}

impl ProviderUser {
    /// The id of their session at the provider.
    fn sid(&self) -> String {
        format!("session-of-{}", self.subject)
    }
}

#[derive(Debug)]
struct Shared {
    key: SigningKey,
    metadata: Value,
    keys: Value,
    /// The claims of each code that is not exchanged yet.
    codes: Mutex<BTreeMap<String, Value>>,
    /// The time that the token endpoint has taken so far.
    token_time: Mutex<Duration>,
}

/// A running provider. It ends with the test.
#[derive(Debug)]
pub struct PartnerProvider {
    issuer: String,
    shared: Arc<Shared>,
}

impl PartnerProvider {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let issuer = format!("http://{}", listener.local_addr().expect("an address"));
        let key = SigningKey::generate().expect("a key");
        let shared = Arc::new(Shared {
            metadata: metadata(&issuer),
            keys: keys(&key),
            key,
            codes: Mutex::default(),
            token_time: Mutex::default(),
        });
        let provider = shared.clone();
        let answer = move |uri: Uri, body: Bytes| {
            let response = provider.answer(&uri, &body);
            async move { response }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { issuer, shared }
    }

    /// The provider as its organisation's administrator describes it to the platform.
    pub fn draft(&self) -> Value {
        json!({ "issuer": self.issuer, "client_id": CLIENT_ID })
    }

    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// Signs in a user by token exchange.
    pub async fn sign_in(&self, caller: Actor, user: ProviderUser) -> Actor {
        let answer = self.exchange(&caller, user).await;
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        let token = token.unwrap_or_else(|| panic!("{} gets no token: {}", user.subject, answer.text()));
        let mut actor = caller.with_token(token);
        user.subject.clone_into(&mut actor.name);
        actor
    }

    /// Exchanges a user's ID token at the platform.
    pub async fn exchange(&self, caller: &Actor, user: ProviderUser) -> Answer {
        let token = self.id_token(user);
        let form = format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={token}");
        caller.post_form("/oauth2/token", form).await
    }

    /// Signs the user in at the provider. `address` is where the platform sends the browser; returns where the provider sends it
    /// back.
    pub fn authorise(&self, address: &str, user: ProviderUser) -> String {
        let address = Url::parse(address).expect("an address");
        let query: BTreeMap<String, String> = address.query_pairs().into_owned().collect();
        let code = Uuid::new_v4().to_string();
        let mut claims = self.claims(user);
        claims["nonce"] = json!(query["nonce"]);
        self.shared.codes.lock().expect("codes").insert(code.clone(), claims);
        let mut back = Url::parse(&query["redirect_uri"]).expect("an address");
        back.query_pairs_mut()
            .append_pair("code", &code)
            .append_pair("state", &query["state"])
            .append_pair("iss", &self.issuer);
        back.into()
    }

    /// The time that the token endpoint has taken so far.
    pub fn token_time(&self) -> Duration {
        *self.shared.token_time.lock().expect("a time")
    }

    fn claims(&self, user: ProviderUser) -> Value {
        let now = SystemClock.now().as_second();
        json!({
            "iss": self.issuer, "sub": user.subject, "aud": CLIENT_ID, "iat": now, "exp": now + TOKEN_SECONDS,
            "auth_time": now, "sid": user.sid(), "acr": "AAL2", "name": user.name, "org_code": user.organisation,
            "role": user.role,
        })
    }

    fn id_token(&self, user: ProviderUser) -> String {
        self.shared.key.sign("JWT", &self.claims(user)).expect("a token")
    }

    /// The token by which the provider says that the user signed out there (`OpenID` Connect Back-Channel Logout 1.0).
    pub fn logout_token(&self, user: ProviderUser) -> String {
        self.logout_token_for(CLIENT_ID, user)
    }

    /// The same for another client of the provider.
    pub fn logout_token_for(&self, client_id: &str, user: ProviderUser) -> String {
        let claims = json!({
            "iss": self.issuer, "sub": user.subject, "aud": client_id, "iat": SystemClock.now().as_second(),
            "jti": Uuid::new_v4(), "sid": user.sid(),
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        });
        self.shared.key.sign("logout+jwt", &claims).expect("a token")
    }
}

impl Shared {
    fn answer(&self, uri: &Uri, body: &Bytes) -> Response {
        match uri.path() {
            "/.well-known/openid-configuration" => Json(self.metadata.clone()).into_response(),
            "/jwks" => Json(self.keys.clone()).into_response(),
            "/token" => {
                let began = Instant::now();
                let answer = self.exchange_code(body);
                *self.token_time.lock().expect("a time") += began.elapsed();
                answer
            }
            _ => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// The ID token of a code, which counts once.
    fn exchange_code(&self, body: &Bytes) -> Response {
        let form = Url::parse(&format!("http://form/?{}", String::from_utf8_lossy(body))).expect("a form");
        let code = form.query_pairs().find(|(name, _)| name == "code").map(|(_, code)| code.into_owned());
        let claims = code.and_then(|code| self.codes.lock().expect("codes").remove(&code));
        let Some(claims) = claims else {
            return (StatusCode::BAD_REQUEST, Json(json!({ "error": "invalid_grant" }))).into_response();
        };
        let id_token = self.key.sign("JWT", &claims).expect("a token");
        let access_token = Uuid::new_v4().to_string();
        Json(json!({ "access_token": access_token, "token_type": "Bearer", "id_token": id_token })).into_response()
    }
}
