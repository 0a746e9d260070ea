//! A partner's sign-in provider: `oidc-provider` as a process (`tests/identity_provider`), and its set-up by the API as an
//! administrator of the organisation does it. It must know nothing of the platform but what the API shows.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    thread,
};

use lcr_tests::{Actor, Platform};
use serde_json::{Value, json};

/// The organisation of the provider.
pub const ORGANISATION: &str = "Z9L01";
/// The persona that administers it.
pub const ADMINISTRATOR: &str = "org-admin";
/// The platform's client id at the provider.
pub const CLIENT: &str = "leeds-care-record";

/// A running provider. Dropping it ends it.
#[derive(Debug)]
pub struct ForeignProvider {
    pub issuer: String,
    process: Child,
    anyone: Actor,
}

/// The platform as it is registered at the provider.
#[derive(Debug)]
pub struct Registration {
    /// The provider's name in the platform's addresses.
    pub name: String,
    pub redirect_uri: String,
    pub back_channel_logout_uri: String,
}

impl ForeignProvider {
    pub fn start(platform: &Platform) -> Self {
        let folder = lcr_testkit::root().join("tests/identity_provider");
        assert!(
            folder.join("node_modules/oidc-provider").is_dir(),
            "the provider's packages are missing: run `npm ci` in tests/identity_provider, or `cargo xtask test`"
        );
        let mut program = Command::new("node");
        // The provider ends when this process closes its input, also if a test is killed.
        program.arg(folder.join("server.mjs")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut process = program.spawn().expect("node");
        let mut lines = BufReader::new(process.stdout.take().expect("its output")).lines().map_while(Result::ok);
        let issuer = lines.find_map(|line| line.strip_prefix("ready ").map(str::to_owned)).expect("a line \"ready …\"");
        // Nobody reads the rest, but the provider must not block on writing it.
        thread::spawn(move || lines.for_each(drop));
        Self { issuer, process, anyone: platform.anonymous() }
    }

    /// Changes how the provider behaves.
    pub async fn control(&self, name: &str, body: &Value) -> Value {
        let answer = self.anyone.post(&format!("{}/control/{name}", self.issuer), body).await;
        assert_eq!(answer.status, 200, "{name}: {}", answer.text());
        answer.json()
    }

    /// Makes each ID token lie in this way from now on; `None`: tell the truth.
    pub async fn lie(&self, name: Option<&str>) {
        self.control("lie", &json!({ "name": name })).await;
    }

    /// A token of these claims with the header's `alg`, signed with the provider's key.
    pub async fn sign(&self, claims: &Value, alg: &str) -> String {
        let signed = self.control("sign", &json!({ "claims": claims, "alg": alg, "typ": "logout+jwt" })).await;
        signed["token"].as_str().expect("a token").to_owned()
    }

    /// A value of the provider's own metadata.
    pub async fn metadata(&self, name: &str) -> String {
        let address = format!("{}/.well-known/openid-configuration", self.issuer);
        self.anyone.get(&address).await.json()[name].as_str().expect("it is published").to_owned()
    }

    /// Sets the provider up on the platform, and registers the platform at the provider with what the platform shows.
    pub async fn set_up(&self, administrator: &Actor, algorithm: &str) -> Registration {
        let path = format!("/api/identity/v1/organisations/{ORGANISATION}/providers");
        let provider = json!({ "issuer": self.issuer, "client_id": CLIENT, "algorithm": algorithm });
        let stored = administrator.try_send("PUT", &path, &json!({ "provider": provider })).await.expect("an answer");
        assert_eq!(stored.status, 200, "{}", stored.text());
        let shown = administrator.get(&path).await.json();
        let is_ours = |one: &&Value| one["draft"]["issuer"] == self.issuer.as_str();
        let shown = shown["providers"].as_array().and_then(|all| all.iter().find(is_ours)).cloned();
        let shown = shown.expect("the provider is listed");
        let text = |name: &str| shown[name].as_str().expect("an address").to_owned();
        let (redirect_uri, back_channel_logout_uri) = (text("redirect_uri"), text("back_channel_logout_uri"));
        let (origin, name) = redirect_uri.split_once("/auth/callback/").expect("a callback of its own");
        let client = json!({
            "redirect_uris": [redirect_uri],
            "post_logout_redirect_uris": [format!("{origin}/")],
            "backchannel_logout_uri": back_channel_logout_uri,
            "jwks_uri": format!("{origin}/auth/providers/{name}/jwks.json"),
            "token_endpoint_auth_signing_alg": algorithm,
        });
        self.control("client", &client).await;
        let name = name.to_owned();
        Registration { name, redirect_uri, back_channel_logout_uri }
    }
}

impl Drop for ForeignProvider {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
