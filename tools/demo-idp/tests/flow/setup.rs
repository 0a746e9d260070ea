//! A test platform: it publishes a key, signs assertions and has a PKCE verifier.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use ed25519_dalek::SigningKey;
use ed25519_dalek::pkcs8::EncodePrivateKey;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use lcr_demo_idp::{DemoIdp, IdpOptions};
use reqwest::{Client, Response};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub const VERIFIER: &str = "a-verifier-that-is-long-enough-to-be-one-of-43-to-128";

pub struct TestSetup {
    pub idp: DemoIdp,
    pub http: Client,
    pub platform: String,
    key: EncodingKey,
}

pub fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

fn key(seed: u8) -> (SigningKey, EncodingKey) {
    let signing = SigningKey::from_bytes(&[seed; 32]);
    let document = signing.to_pkcs8_der().expect("a key");
    (signing, EncodingKey::from_ed_der(document.as_bytes()))
}

/// Signs with another key than the one published.
pub fn sign_with_wrong_key(claims: &Value) -> String {
    let mut header = Header::new(Algorithm::EdDSA);
    header.kid = Some("platform-1".to_owned());
    jsonwebtoken::encode(&header, claims, &key(2).1).expect("a JWT")
}

impl TestSetup {
    pub async fn new() -> Self {
        let (signing, key) = key(1);
        let x = URL_SAFE_NO_PAD.encode(signing.verifying_key().to_bytes());
        let keys = json!({"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "kid": "platform-1", "x": x}]});
        let routes = axum::Router::new()
            .route("/.well-known/jwks.json", axum::routing::get(move || async move { axum::Json(keys) }));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let platform = format!("http://{}", listener.local_addr().expect("an address"));
        tokio::spawn(async { axum::serve(listener, routes).await });
        let options = IdpOptions { port: 0, platform: platform.clone() };
        let idp = lcr_demo_idp::start(options).await.expect("a provider");
        let http = Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
        Self { idp, http, platform, key }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.idp.issuer())
    }

    pub fn authorize_params(&self) -> Vec<(&'static str, String)> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(VERIFIER));
        vec![
            ("response_type", "code".to_owned()),
            ("client_id", "leeds-care-record".to_owned()),
            ("redirect_uri", format!("{}/auth/callback", self.platform)),
            ("scope", "openid profile".to_owned()),
            ("state", "state-1".to_owned()),
            ("nonce", "nonce-1".to_owned()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ]
    }

    pub fn authorize_params_with(&self, name: &'static str, value: &str) -> Vec<(&'static str, String)> {
        let mut params = self.authorize_params();
        params.retain(|(known, _)| *known != name);
        params.push((name, value.to_owned()));
        params
    }

    pub async fn obtain_code(&self, persona: &str) -> String {
        let form = self.authorize_params_with("persona", persona);
        let response = self.http.post(self.url("/authorize")).form(&form).send().await.expect("an answer");
        assert_eq!(response.status(), 303);
        let location = reqwest::Url::parse(response.headers()["location"].to_str().expect("text")).expect("a URL");
        assert!(location.as_str().starts_with(&format!("{}/auth/callback?", self.platform)));
        let find =
            |name: &str| location.query_pairs().find(|(known, _)| known == name).map(|(_, value)| value.into_owned());
        assert_eq!(find("state").as_deref(), Some("state-1"));
        find("code").expect("a code")
    }

    pub fn assertion_claims(&self) -> Value {
        static COUNT: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(0);
        let id = COUNT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let client_id = "leeds-care-record";
        json!({"iss": client_id, "sub": client_id, "aud": self.url("/token"), "jti": format!("jti-{id}"), "exp": now() + 60})
    }

    pub fn sign_assertion(&self, claims: &Value) -> String {
        let mut header = Header::new(Algorithm::EdDSA);
        header.kid = Some("platform-1".to_owned());
        jsonwebtoken::encode(&header, claims, &self.key).expect("a JWT")
    }

    /// Exchanges a code, with some seed the fields replaced.
    pub async fn exchange(&self, code: &str, other: &[(&str, &str)]) -> Response {
        let (assertion, redirect) =
            (self.sign_assertion(&self.assertion_claims()), format!("{}/auth/callback", self.platform));
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", &redirect),
            ("code_verifier", VERIFIER),
            ("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"),
            ("client_assertion", &assertion),
        ];
        form.retain(|(name, _)| other.iter().all(|(replaced, _)| replaced != name));
        form.extend(other);
        self.http.post(self.url("/token")).form(&form).send().await.expect("an answer")
    }

    pub async fn get_json(&self, path: &str) -> Value {
        self.http.get(self.url(path)).send().await.expect("an answer").json().await.expect("JSON")
    }

    /// The claims seed a token the provider signed, checked against its published key.
    pub async fn verified_claims(&self, token: &str) -> Value {
        let keys = self.get_json("/jwks").await;
        verify(token, &keys, "leeds-care-record")
    }
}

pub fn verify(token: &str, keys: &Value, audience: &str) -> Value {
    let key = DecodingKey::from_ed_components(keys["keys"][0]["x"].as_str().expect("a key")).expect("a key");
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.set_audience(&[audience]);
    jsonwebtoken::decode::<Value>(token, &key, &validation).expect("a valid token").claims
}
