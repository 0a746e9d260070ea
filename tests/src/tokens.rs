//! Tokens with valid signatures for attacks: the test has the services' private keys. It must never be used to sign in.

use std::path::Path;

use lcr_auth::{KeyRing, UserClaims, sign_service, sign_user};
use lcr_model::{Clock, ServiceName, SigningKey, SystemClock};
use lcr_runtime::KeyFolder;

use crate::platform::split;

/// The keys of a platform: a folder of keys, or keys derived from the trial key.
#[derive(Debug)]
pub struct Keys(Option<KeyFolder>);

impl Keys {
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self(Some(KeyFolder::open(&data_dir.join("keys")).expect("the key folder")))
    }

    pub(crate) fn of_trial() -> Self {
        Self(None)
    }

    fn ring(&self, service: ServiceName) -> KeyRing {
        match &self.0 {
            Some(folder) => folder.ring(service).expect("keys"),
            None => split::secrets_of(service).ring,
        }
    }

    pub fn of_service(&self, service: ServiceName) -> SigningKey {
        self.ring(service).own().clone()
    }

    /// A service token, signed by the service it names.
    pub fn service_token(&self, from: ServiceName, to: ServiceName) -> String {
        sign_service(&self.of_service(from), from, to, SystemClock.now()).expect("a token")
    }

    /// A token like `token`, of the same session, issued `seconds` ago.
    pub fn issued_seconds_ago(&self, token: &str, seconds: i64) -> String {
        let keys = self.ring(ServiceName::Identity).of(ServiceName::Identity);
        let now = SystemClock.now();
        let claims = lcr_auth::verify_user(token, &keys, now).expect("a token of this platform");
        let claims = UserClaims { iat: claims.iat - seconds, exp: claims.exp - seconds, ..claims };
        sign_user(&self.of_service(ServiceName::Identity), &claims).expect("a token")
    }
}

/// Other texts that a lenient base64 decoder reads as the same token: some bits of the last letter carry no data.
pub fn base64_variants(token: &str) -> Vec<String> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (body, last) = token.split_at(token.len() - 1);
    let at = LETTERS.find(last).expect("a letter of base64");
    // The last letter of 64 bytes carries two bits; the four others may be anything.
    let others = LETTERS.char_indices().filter(|(other, _)| *other != at && other / 16 == at / 16);
    others.map(|(_, letter)| format!("{body}{letter}")).chain([format!("{token}="), format!("{token} ")]).collect()
}
