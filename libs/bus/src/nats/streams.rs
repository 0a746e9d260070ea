//! The broker's streams and the names of their subjects. All services make them, at the same time and again and
//! again, so what they make must be the same.

use std::time::Duration;

use async_nats::jetstream::{
    Context,
    stream::{Config, DiscardPolicy, StorageType},
};
use futures::future::join_all;
use lcr_contracts::{
    Failure,
    events::{CloudEvent, Stream},
};

use super::away;

/// What consumers have put aside.
pub(crate) const DEAD: &str = "DEAD";
/// Consumers' requests to their owners.
pub(crate) const REPLAY: &str = "REPLAY";

/// A consumer may be away for this long and still find everything here; after it, the owners replay.
const KEPT: Duration = Duration::from_hours(14 * 24);
/// A relay that stops between the broker's word and its own mark sends at most a second's work twice; five minutes
/// cover a replica's restart.
const DUPLICATES: Duration = Duration::from_mins(5);

const MIB: i64 = 1 << 20;

/// How much a stream may hold. What falls out is the oldest; owners have it still.
fn max_bytes(stream: Stream) -> i64 {
    match stream {
        // Sealed messages, some with documents: 200,000 a day of 3 KiB for 14 days.
        Stream::Feeds => 8192 * MIB,
        // Ids and marks of half a KiB, 1,000,000 at once when a whole city is loaded; one of a KiB for each view or
        // stay, 50,000 a day.
        Stream::People | Stream::Audit | Stream::Ward => 1024 * MIB,
        // People's choices, sessions, the registry: thousands a day.
        Stream::Consent | Stream::Identity | Stream::Partners => 256 * MIB,
    }
}

/// The first word of the stream's subjects: its events are named `<context>.<event>`.
fn context(stream: Stream) -> String {
    stream.name().to_lowercase()
}

/// Everything owners publish for all to hear.
pub(crate) fn everybody(stream: Stream) -> String {
    format!("lcr.{}.>", context(stream))
}

/// Where replicas of `owner` report that they committed. No stream keeps it.
pub(crate) fn committed(owner: &str) -> String {
    format!("lcr.committed.{owner}")
}

/// Where one consumer alone hears events again.
pub(crate) fn again(stream: Stream, consumer: &str) -> String {
    format!("lcr.again.{}.{consumer}", stream.name())
}

/// Where what a consumer has put aside is kept.
pub(crate) fn dead(stream: Stream, consumer: &str) -> String {
    format!("lcr.dead.{}.{consumer}", stream.name())
}

/// `lcr.<context>.<event>.<00–3f>`: the key itself is in the body, so that no subject names anybody.
pub(crate) fn subject(event: &CloudEvent) -> String {
    let name = event.event_type.strip_prefix("uk.leedscarerecord.").unwrap_or(&event.event_type);
    // The version is no part of the subject: consumers hear old and new ones alike.
    let name = name.rsplit_once('.').map_or(name, |(name, _)| name);
    format!("lcr.{name}.{:02x}", bucket(&event.subject))
}

/// FNV-1a, folded to six bits: the same in every version of every program, which the standard hasher is not.
fn bucket(key: &str) -> u64 {
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    (hash ^ (hash >> 32)) & 0x3f
}

/// Makes every stream, or brings it to what this program says. One that cannot be made stops none of the others, and is
/// named.
pub(crate) async fn make(jetstream: &Context, replicas: usize) -> Result<(), Failure> {
    let mut wanted: Vec<Config> = Stream::ALL
        .into_iter()
        .map(|stream| {
            let subjects = vec![everybody(stream), format!("lcr.again.{}.>", stream.name())];
            config(stream.name(), subjects, replicas, max_bytes(stream))
        })
        .collect();
    let dead = config(DEAD, vec!["lcr.dead.>".into()], replicas, 512 * MIB);
    // What is put aside is kept until somebody looks: when there is no room, putting aside fails and waits.
    wanted.push(Config { max_age: Duration::ZERO, discard: DiscardPolicy::New, ..dead });
    wanted.push(config(REPLAY, vec!["lcr.replay.>".into()], replicas, 16 * MIB));
    // All at once: while the servers choose a leader none is answered, and one after the other they would wait for longer
    // than the choice takes.
    let made = wanted.into_iter().map(|config| async move {
        let name = config.name.clone();
        let made = jetstream.create_or_update_stream(config).await;
        made.map(drop).map_err(|error| away(&format!("stream {name}: {error}")))
    });
    join_all(made).await.into_iter().collect()
}

fn config(name: &str, subjects: Vec<String>, num_replicas: usize, max_bytes: i64) -> Config {
    Config {
        name: name.to_owned(),
        subjects,
        storage: StorageType::File,
        num_replicas,
        max_bytes,
        max_age: KEPT,
        duplicate_window: DUPLICATES,
        discard: DiscardPolicy::Old,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: -1,
        allow_direct: true,
        ..Config::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_names_the_event_and_nobody() {
        let event = CloudEvent {
            specversion: "1.0".into(),
            id: uuid::Uuid::now_v7(),
            source: "//feeds".into(),
            event_type: "uk.leedscarerecord.feeds.demographics.v1".into(),
            subject: "gp-east|4711".into(),
            time: jiff::Timestamp::UNIX_EPOCH,
            datacontenttype: "application/json".into(),
            lcrversion: 1,
            traceparent: None,
            data: serde_json::Value::Null,
        };
        let subject = subject(&event);
        assert_eq!(subject.len(), "lcr.feeds.demographics.00".len());
        assert!(subject.starts_with("lcr.feeds.demographics."));
        assert!((0..1000).all(|n| bucket(&format!("key {n}")) < 0x40));
        assert!((0..0x40).all(|one| (0..1000).any(|n| bucket(&format!("key {n}")) == one)));
    }
}
