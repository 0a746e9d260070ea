//! Tokens whose signature this process has verified, so that a caller's next request does not cost another verification.
//! Only the signature is remembered: audience and times are checked at each use, and an ended session is refused by those
//! who know it. The tokens themselves must not be stored.

use std::{fmt, sync::Arc, time::Duration};

use lcr_model::KeySet;
use moka::sync::Cache;
use sha2::{Digest, Sha256};

use crate::token::LIFE_SECONDS;

/// The most tokens of one kind in memory.
const MAX_TOKENS: u64 = 10_000;
/// No token lives longer.
const RETENTION: Duration = Duration::from_secs(LIFE_SECONDS.unsigned_abs());

/// The claims of a token, and the keys with which it was verified. It counts only while the same keys are trusted.
pub(crate) struct VerifiedToken<C> {
    pub claims: C,
    pub keys: KeySet,
}

/// Verified tokens of one kind, by their SHA-256.
#[derive(Clone)]
pub(crate) struct VerifiedTokens<C>(Cache<[u8; 32], Arc<VerifiedToken<C>>>);

impl<C> fmt::Debug for VerifiedTokens<C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("VerifiedTokens")
    }
}

impl<C: Send + Sync + 'static> Default for VerifiedTokens<C> {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_TOKENS).time_to_live(RETENTION).build())
    }
}

impl<C: Send + Sync + 'static> VerifiedTokens<C> {
    pub fn find(&self, token: &str) -> Option<Arc<VerifiedToken<C>>> {
        self.0.get(&hash(token))
    }

    pub fn insert(&self, token: &str, claims: C, keys: KeySet) {
        self.0.insert(hash(token), Arc::new(VerifiedToken { claims, keys }));
    }
}

fn hash(token: &str) -> [u8; 32] {
    Sha256::digest(token.as_bytes()).into()
}
