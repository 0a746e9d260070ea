//! Tokens as somebody would forge or misuse them who has the services' own keys: true signatures, wrong use.

use std::path::Path;

use lcr_auth::{KeyRing, UserClaims, sign_service, sign_user};
use lcr_model::{Clock, ServiceName, SigningKey, SystemClock};
use lcr_runtime::KeyFolder;

use crate::platform::split;

/// The keys of a platform: a folder of them, or those that are derived.
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
            None => split::secrets(service).ring,
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
    pub fn aged(&self, token: &str, seconds: i64) -> String {
        let keys = self.ring(ServiceName::Identity).of(ServiceName::Identity);
        let now = SystemClock.now();
        let claims = lcr_auth::verify_user(token, &keys, now).expect("a token of this platform");
        let claims = UserClaims { iat: claims.iat - seconds, exp: claims.exp - seconds, ..claims };
        sign_user(&self.of_service(ServiceName::Identity), &claims).expect("a token")
    }
}

/// Other texts that a careless reader of base64 takes for the same token: its last letter has bits that nobody reads.
pub fn spellings(token: &str) -> Vec<String> {
    const LETTERS: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (body, last) = token.split_at(token.len() - 1);
    let at = LETTERS.find(last).expect("a letter of base64");
    // The last letter of 64 bytes carries two bits; the four others may be anything.
    let others = LETTERS.char_indices().filter(|(other, _)| *other != at && other / 16 == at / 16);
    others
        .map(|(_, letter)| format!("{body}{letter}"))
        .chain([format!("{token}="), format!("{token} ")])
        .collect()
}
