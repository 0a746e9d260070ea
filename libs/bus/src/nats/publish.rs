//! Publishes rows of a log: sends all of them, then waits for every acknowledgement. Rows too large for the broker are
//! returned; the caller must store them, or they would block everything behind them.

use async_nats::jetstream::{Context, context::PublishErrorKind, message::PublishMessage, publish::PublishAck};
use futures::{StreamExt, stream::FuturesOrdered};
use lcr_contracts::Failure;
use lcr_store::OutboxRow;

use crate::nats::{stream_names, unavailable};

/// Rows that are sent before their acknowledgements are awaited.
pub(crate) const CHUNK: u64 = 500;
/// Room for the rest of a dead letter: an event must also fit when a consumer stores it as one.
const LETTER_OVERHEAD: usize = 4096;

/// The outcome of a publication.
pub(crate) struct PublishResult<'a> {
    /// The last accepted row and its acknowledgement.
    pub(crate) last_accepted: Option<(&'a OutboxRow, PublishAck)>,
    pub(crate) too_large: Vec<&'a OutboxRow>,
}

/// The id by which the broker drops duplicates. A round is one publication of the whole log: a new round uses new ids, so that
/// the broker does not drop them.
pub(crate) fn message_id(row: &OutboxRow, round: i64) -> String {
    match round {
        0 => row.event.id.to_string(),
        round => format!("{}/{round}", row.event.id),
    }
}

/// Publishes the rows to all consumers.
pub(crate) async fn publish_round<'a>(
    jetstream: &Context,
    rows: &'a [OutboxRow],
    round: i64,
) -> Result<PublishResult<'a>, Failure> {
    let messages = rows.iter().map(|row| (stream_names::subject(&row.event), Some(message_id(row, round)), row));
    publish(jetstream, messages).await
}

pub(crate) async fn publish<'a>(
    jetstream: &Context,
    messages: impl Iterator<Item = (String, Option<String>, &'a OutboxRow)>,
) -> Result<PublishResult<'a>, Failure> {
    let mut under_way = FuturesOrdered::new();
    let mut sent = PublishResult { last_accepted: None, too_large: vec![] };
    for (subject, id, row) in messages {
        let payload = serde_json::to_vec(&row.event).map_err(Failure::internal)?;
        if payload.len() + LETTER_OVERHEAD > jetstream.client().server_info().max_payload {
            sent.too_large.push(row);
            continue;
        }
        let mut message = PublishMessage::build().payload(payload.into());
        if let Some(id) = id {
            message = message.message_id(id);
        }
        match jetstream.send_publish(subject, message).await {
            Ok(ack) => under_way.push_back(async move { (row, ack.await) }),
            Err(error) if error.kind() == PublishErrorKind::MaxPayloadExceeded => sent.too_large.push(row),
            Err(error) => return Err(unavailable(&error)),
        }
    }
    while let Some((row, ack)) = under_way.next().await {
        sent.last_accepted = Some((row, ack.map_err(|e| unavailable(&e))?));
    }
    Ok(sent)
}
