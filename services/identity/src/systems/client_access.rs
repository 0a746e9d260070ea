//! What decides whether a client gets a token beside its signature: its published keys, and how often it asks. Both are held
//! in memory by each replica. A client's address must be called rarely, whoever sends tokens in its name.

use std::{
    collections::HashMap,
    num::NonZeroU32,
    sync::Arc,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::registry::{Organisation, PartnerState};
use lcr_web::{Outbound, varied_rates::VariedRates};
use reqwest::Url;
use serde_json::Value;
use tokio::sync::Mutex;

use super::key_set;

/// Published keys are used for this long.
const KEYS_TTL: SignedDuration = SignedDuration::from_mins(5);
/// A set is fetched at most this often, also for a key that it does not have and after a failure.
const FETCH_INTERVAL: SignedDuration = SignedDuration::from_secs(30);
const FETCH_DEADLINE: Duration = Duration::from_secs(3);
const MAX_SET_BYTES: usize = 64 << 10;

/// The tokens a minute of a client that has no number of its own. A token lasts five minutes, so this is plenty.
const DEFAULT_RATE: NonZeroU32 = NonZeroU32::MIN.saturating_add(59);

/// The scopes of a client that only sends: it may set up and try what it sends before its organisation takes part.
const SENDING: [&str; 2] = ["feeds.write", "people.write"];

/// Why a client of this scope gets no token because of its organisation. `None` if it may have one. Whoever reads records
/// belongs to an organisation that takes part.
pub fn obstacle(organisation: Option<&Organisation>, scope: &str) -> Option<&'static str> {
    if organisation.is_some_and(|one| matches!(one.state, PartnerState::Suspended | PartnerState::Left)) {
        return Some("a suspended organisation");
    }
    let only_sends = scope.split_whitespace().all(|one| SENDING.contains(&one));
    let takes_part = organisation.is_some_and(Organisation::takes_part);
    (!only_sends && !takes_part).then_some("an organisation that does not take part")
}

/// The keys and the rates of clients.
#[derive(Debug, Default)]
pub struct ClientAccess {
    published: Mutex<HashMap<String, Arc<Mutex<PublishedKeys>>>>,
    token_rates: VariedRates<String>,
}

/// What was fetched from one address.
#[derive(Debug, Default)]
struct PublishedKeys {
    tried: Option<Timestamp>,
    /// The set, and when it came.
    keys: Option<(Timestamp, Value)>,
}

impl PublishedKeys {
    /// The keys, unless they are too old.
    fn current(&self, now: Timestamp) -> Option<&Value> {
        let (at, keys) = self.keys.as_ref()?;
        (now.duration_since(*at) < KEYS_TTL).then_some(keys)
    }

    fn must_fetch(&self, kid: &str, now: Timestamp) -> bool {
        let is_early = self.tried.is_some_and(|tried| now.duration_since(tried) < FETCH_INTERVAL);
        !is_early && !self.current(now).is_some_and(|keys| key_set::has(keys, kid))
    }
}

impl ClientAccess {
    /// The usable keys at an address where a client publishes them. `None` if there are none that count now.
    pub async fn published_keys(&self, outbound: &Outbound, url: &str, kid: &str, now: Timestamp) -> Option<Value> {
        let slot = self.published.lock().await.entry(url.to_owned()).or_default().clone();
        let mut published = slot.lock().await;
        if published.must_fetch(kid, now) {
            published.tried = Some(now);
            if let Some(keys) = fetch(outbound, url).await {
                published.keys = Some((now, keys));
            }
        }
        published.current(now).cloned()
    }

    /// Whether the client may ask for a token now. Counts the request.
    pub fn allows(&self, client: &str, per_minute: u32) -> bool {
        let rate = NonZeroU32::new(per_minute).unwrap_or(DEFAULT_RATE);
        self.token_rates.allows(&client.to_owned(), rate, Instant::now())
    }
}

/// The usable keys of a set. `None` if the address does not answer with one.
async fn fetch(outbound: &Outbound, url: &str) -> Option<Value> {
    let mut request = Outbound::get(Url::parse(url).ok()?, FETCH_DEADLINE);
    request.max_bytes = MAX_SET_BYTES;
    let answer = outbound.send(request).await.ok().filter(|answer| answer.status == 200);
    let Some(answer) = answer else {
        tracing::warn!("the published keys of a client did not come");
        return None;
    };
    let set: Value = serde_json::from_slice(&answer.body).ok()?;
    Some(key_set::usable(&set))
}

#[cfg(test)]
#[path = "client_access_tests.rs"]
mod tests;
