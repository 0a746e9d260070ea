//! The state that every route shares: addresses, keys and codes. It must contain no request handling.

use std::collections::BTreeMap;

use crate::codes::{Codes, Launches, UsedAssertions};
use crate::keys::Signer;

/// The state that every route shares.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) platform: String,
    pub(crate) signer: Signer,
    pub(crate) clients: BTreeMap<&'static str, Signer>,
    pub(crate) codes: Codes,
    pub(crate) launches: Launches,
    pub(crate) assertions: UsedAssertions,
    pub(crate) http: reqwest::Client,
}

impl Provider {
    pub(crate) fn redirect_uri(&self) -> String {
        format!("{}/auth/callback", self.platform)
    }

    pub(crate) fn token_endpoint(&self) -> String {
        format!("{}/token", self.issuer)
    }
}
