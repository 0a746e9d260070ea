//! What every route of the provider sees: who it is, for whom, and its keys and codes. It serves nothing itself.

use std::collections::BTreeMap;

use crate::codes::{Codes, Seen};
use crate::keys::Signer;

/// What every route sees.
pub(crate) struct Provider {
    pub(crate) issuer: String,
    pub(crate) platform: String,
    pub(crate) signer: Signer,
    pub(crate) clients: BTreeMap<&'static str, Signer>,
    pub(crate) codes: Codes,
    pub(crate) assertions: Seen,
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
