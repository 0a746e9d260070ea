//! Sending rows of a log to the broker: all of them first, then every acknowledgement is awaited. What is too large for
//! the broker is handed back to the caller, who must keep it: it would stop everything behind it.

use async_nats::jetstream::{
    Context, context::PublishErrorKind, message::PublishMessage, publish::PublishAck,
};
use futures::{StreamExt, stream::FuturesOrdered};
use lcr_contracts::Failure;
use lcr_store::OutboxRow;

use super::{away, streams};

/// Room for what a letter says of an event: one that is put aside by a consumer must fit too.
const ROOM: usize = 4096;

/// What became of the rows.
pub(crate) struct Sent<'a> {
    /// The last that was taken, and the broker's word on it.
    pub(crate) last: Option<(&'a OutboxRow, PublishAck)>,
    pub(crate) too_large: Vec<&'a OutboxRow>,
}

/// By what the broker knows a row that comes twice, in each round of the log anew.
pub(crate) fn id(row: &OutboxRow, round: i64) -> String {
    match round {
        0 => row.event.id.to_string(),
        round => format!("{}/{round}", row.event.id),
    }
}

/// Sends the rows for all to hear.
pub(crate) async fn in_round<'a>(
    jetstream: &Context,
    rows: &'a [OutboxRow],
    round: i64,
) -> Result<Sent<'a>, Failure> {
    let messages = rows.iter().map(|row| (streams::subject(&row.event), Some(id(row, round)), row));
    publish(jetstream, messages).await
}

pub(crate) async fn publish<'a>(
    jetstream: &Context,
    messages: impl Iterator<Item = (String, Option<String>, &'a OutboxRow)>,
) -> Result<Sent<'a>, Failure> {
    let mut under_way = FuturesOrdered::new();
    let mut sent = Sent { last: None, too_large: vec![] };
    for (subject, id, row) in messages {
        let payload = serde_json::to_vec(&row.event).map_err(Failure::internal)?;
        if payload.len() + ROOM > jetstream.client().server_info().max_payload {
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
            Err(error) => return Err(away(&error)),
        }
    }
    while let Some((row, ack)) = under_way.next().await {
        sent.last = Some((row, ack.map_err(|e| away(&e))?));
    }
    Ok(sent)
}
