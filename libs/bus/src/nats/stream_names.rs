//! The names of streams and subjects at the broker. No name may identify a person.

use std::hash::Hasher;

use fnv::FnvHasher;
use lcr_contracts::events::{CloudEvent, Stream};

/// Dead letters of consumers.
pub(crate) const DEAD: &str = "DEAD";
/// Replay requests of consumers to owners.
pub(crate) const REPLAY_REQUESTS: &str = "REPLAY";

pub(crate) const ALL_DEAD_LETTERS: &str = "lcr.dead.>";
pub(crate) const ALL_REPLAY_REQUESTS: &str = "lcr.replay.>";

/// Where consumers ask for a replay of `stream`.
pub(crate) fn replay_request_subject(stream: Stream) -> String {
    format!("lcr.replay.{}", stream.name())
}

/// The replay subjects of all consumers of `stream`.
pub(crate) fn all_replays(stream: Stream) -> String {
    format!("lcr.again.{}.>", stream.name())
}

/// The context in `lcr.<context>.<event>`.
fn context(stream: Stream) -> String {
    stream.name().to_lowercase()
}

/// All events that owners publish.
pub(crate) fn broadcast_subject(stream: Stream) -> String {
    format!("lcr.{}.>", context(stream))
}

/// Where replicas of `owner` report that they committed. No stream stores these messages.
pub(crate) fn commit_subject(owner: &str) -> String {
    format!("lcr.committed.{owner}")
}

/// Where one consumer receives replayed and redelivered events.
pub(crate) fn replay_subject(stream: Stream, consumer: &str) -> String {
    format!("lcr.again.{}.{consumer}", stream.name())
}

/// Where the dead letters of a consumer are stored.
pub(crate) fn dead_letter_subject(stream: Stream, consumer: &str) -> String {
    format!("lcr.dead.{}.{consumer}", stream.name())
}

/// `lcr.<context>.<event>.<00–3f>`. The key itself is only in the body, so no subject identifies a person.
pub(crate) fn subject(event: &CloudEvent) -> String {
    let name = event.event_type.strip_prefix("uk.leedscarerecord.").unwrap_or(&event.event_type);
    // The subject leaves out the version, so consumers receive old and new versions alike.
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    format!("lcr.{name}.{:02x}", bucket(&event.subject))
}

/// FNV-1a, folded to six bits. Unlike the standard hasher it is the same in every version of every program.
fn bucket(key: &str) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(key.as_bytes());
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) & 0x3f
}

#[cfg(test)]
#[path = "stream_names_tests.rs"]
mod tests;
