//! Tokens as somebody would forge or misuse them who has the services' own keys: true signatures, wrong use.

use std::path::Path;

use lcr_auth::{UserClaims, sign_service, sign_user};
use lcr_model::{Clock, ServiceName, SigningKey, SystemClock};
use lcr_runtime::KeyFolder;

/// The key folder of a platform.
#[derive(Debug)]
pub struct Keys(KeyFolder);

impl Keys {
    pub(crate) fn of(data_dir: &Path) -> Self {
        Self(KeyFolder::open(&data_dir.join("keys")).expect("the key folder"))
    }

    pub fn of_service(&self, service: ServiceName) -> SigningKey {
        self.0.signing_key(service).expect("a signing key")
    }

    /// A service token, signed by the service it names.
    pub fn service_token(&self, from: ServiceName, to: ServiceName) -> String {
        sign_service(&self.of_service(from), from, to, SystemClock.now()).expect("a token")
    }

    /// A token like `token`, of the same session, issued `seconds` ago.
    pub fn aged(&self, token: &str, seconds: i64) -> String {
        let keys = self.0.ring(ServiceName::Identity).expect("keys").of(ServiceName::Identity);
        let now = SystemClock.now();
        let claims = lcr_auth::verify_user(token, &keys, now).expect("a token of this platform");
        let claims = UserClaims { iat: claims.iat - seconds, exp: claims.exp - seconds, ..claims };
        sign_user(&self.of_service(ServiceName::Identity), &claims).expect("a token")
    }
}
