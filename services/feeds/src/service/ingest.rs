//! Ingests HL7 v2: stores each message of a frame or body and builds its acknowledgement. An AA must never be built
//! before the store has committed the message. The acknowledgement itself is written in `libs/hl7/src/ack.rs`.

use lcr_contracts::Caller;
use lcr_hl7::{AckCode, Condition, Fault, Header, Message, ack::Acknowledgement, mllp::Frame};
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    MAX_BATCH_MESSAGES, Service, Verdict, ack_code, map_catching_panics,
    message_row::{new_row, with_verdict},
    store_message::StoreOutcome,
};
use crate::{
    domain::{self, Arrival, Mentions, Sender, content_hash},
    store::message::Row,
};

/// How a message arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    Mllp,
    Http,
    Fhir,
}

impl Transport {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Mllp => "mllp",
            Self::Http => "http",
            Self::Fhir => "fhir",
        }
    }
}

/// The bytes that go back to the sender: one acknowledgement, or several one after the other.
#[derive(Debug, Clone)]
pub struct Reply {
    pub bytes: Vec<u8>,
    /// The worst code among the acknowledgements.
    pub code: AckCode,
    /// Why the message with the worst code was refused.
    pub condition: Option<Condition>,
}

impl Reply {
    /// Joins two replies into one body.
    fn join(self, next: Self) -> Self {
        let condition = if next.code > self.code { next.condition } else { self.condition };
        let bytes = [self.bytes, next.bytes].concat();
        Self { bytes, condition, code: self.code.max(next.code) }
    }
}

impl Service {
    /// Returns one reply per message, each to be sent in its own frame. A malformed frame gets no reply, because its
    /// sender is not waiting for one.
    pub async fn ingest_frame(&self, frame: Frame, sender: &Sender) -> Vec<Reply> {
        match frame {
            Frame::Complete(bytes) => self.ingest_messages(&bytes, Transport::Mllp, sender).await,
            Frame::TooLong(head) => {
                let fault = Fault::in_segment(Condition::UnsupportedType, "MSH", 1, "the message is too long");
                vec![self.reject_unreadable(&head, fault, Transport::Mllp, sender).await]
            }
            Frame::Truncated(head) => {
                self.store_malformed(&head, "the frame broke off: another began, or the connection ended", sender)
                    .await;
                vec![]
            }
            Frame::Unframed(head) => {
                self.store_malformed(&head, "sent outside an MLLP frame", sender).await;
                vec![]
            }
        }
    }

    /// Ingests the messages of a body in order and joins their acknowledgements.
    pub async fn ingest_body(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Reply {
        let joined = self.ingest_messages(bytes, transport, sender).await.into_iter().reduce(Reply::join);
        joined.unwrap_or(Reply { bytes: vec![], code: AckCode::Ar, condition: None })
    }

    /// Ingests each message in order. Returns at least one reply.
    async fn ingest_messages(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Vec<Reply> {
        let messages = lcr_hl7::split_messages(bytes);
        if messages.is_empty() || messages.len() > MAX_BATCH_MESSAGES {
            let text = if messages.is_empty() { "nothing was sent" } else { "too many messages in one batch" };
            let fault = Fault::in_segment(Condition::UnsupportedType, "MSH", 1, text);
            return vec![self.reject_unreadable(bytes, fault, transport, sender).await];
        }
        let mut replies = Vec::with_capacity(messages.len());
        for bytes in messages {
            replies.push(self.ingest_message(bytes, transport, sender).await);
        }
        replies
    }

    async fn ingest_message(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Reply {
        let started = Instant::now();
        let name = format!("message {}", transport.as_str());
        let span = tracing::info_span!("message", otel.name = name, otel.kind = "server");
        let reply = self.process_message(bytes, transport, sender).instrument(span).await;
        self.metrics.record_answer(transport, reply.code, started);
        reply
    }

    async fn process_message(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Reply {
        let message = match Message::read(bytes) {
            Ok(message) => message,
            Err(error) => {
                let fault = Fault::in_segment(Condition::UnsupportedType, "MSH", 1, error.to_string());
                return self.reject_unreadable(bytes, fault, transport, sender).await;
            }
        };
        let received = self.clock.now();
        let header = Header::of(&message);
        let registry = self.sources.current();
        let content = content_hash(bytes);
        let (system, verdict, mentions) = match domain::source_by_header(&registry, &header, sender) {
            Err(fault) => (None, Verdict::Refused(fault), Mentions::default()),
            Ok(system) => {
                let arrival = Arrival {
                    message: &message,
                    header: &header,
                    system,
                    received,
                    content: &content,
                    local_id_key: &self.local_id_key,
                };
                let verdict = map_catching_panics(|| domain::map(&arrival));
                let mentions = verdict.mentions(|| Mentions::of_message(&arrival));
                (Some(system), verdict, mentions)
            }
        };
        let row = new_row(received, transport, sender, &header, system, &content, bytes.len());
        let (row, verdict) = with_verdict(row, verdict);
        let fault = if let Verdict::Refused(fault) = &verdict { Some(fault.clone()) } else { None };
        let (id, text) = (row.id, row.outcome.clone());
        let stored = self.store_message(row, verdict, mentions, (bytes, sender)).await;
        let (code, text, fault) = acknowledge(stored, text, fault);
        let answer = Acknowledgement {
            code,
            control_id: &ack_control_id(id),
            at: self.clock.now(),
            text: &text,
            fault: fault.as_ref(),
        };
        Reply { bytes: answer.encode_for(&message), code, condition: fault.map(|fault| fault.condition) }
    }

    /// Stores bytes that are not an HL7 message, and acknowledges them with default delimiters.
    async fn reject_unreadable(&self, bytes: &[u8], fault: Fault, transport: Transport, sender: &Sender) -> Reply {
        let header = Header::default();
        let content = content_hash(bytes);
        let registry = self.sources.current();
        let system = domain::catch_all_source(&registry.systems);
        let row = new_row(self.clock.now(), transport, sender, &header, system, &content, bytes.len());
        let (mut row, verdict) = with_verdict(row, Verdict::Refused(fault.clone()));
        "unreadable".clone_into(&mut row.status);
        let id = row.id;
        let stored = self.store_message(row, verdict, Mentions::default(), (bytes, sender)).await;
        let (code, text, fault) = acknowledge(stored, fault.text.clone(), Some(fault));
        let answer = Acknowledgement {
            code,
            control_id: &ack_control_id(id),
            at: self.clock.now(),
            text: &text,
            fault: fault.as_ref(),
        };
        Reply { bytes: answer.encode_without_message(), code, condition: fault.map(|fault| fault.condition) }
    }

    /// Stores the beginning of a malformed frame. It gets no acknowledgement.
    async fn store_malformed(&self, head: &[u8], outcome: &str, sender: &Sender) {
        let content = content_hash(head);
        let registry = self.sources.current();
        let (system, now) = (domain::catch_all_source(&registry.systems), self.clock.now());
        let header = Header::default();
        let row = new_row(now, Transport::Mllp, sender, &header, system, &content, head.len());
        let row = Row { status: "unreadable".into(), outcome: outcome.to_owned(), ..row };
        let verdict = Verdict::Waits { reason: String::new(), location: None };
        if self.store_message(row, verdict, Mentions::default(), (head, sender)).await.is_err() {
            tracing::error!("a malformed frame could not be stored");
        }
    }
}

/// MSH-10 of our acknowledgement: the start (time) and the end of the message id. HL7 allows 20 characters.
fn ack_control_id(id: Uuid) -> String {
    let hex = id.simple().to_string();
    format!("{}{}", hex.get(..12).unwrap_or_default(), hex.get(24..).unwrap_or_default())
}

/// Chooses the acknowledgement by what the store did.
fn acknowledge(
    stored: Result<StoreOutcome, ()>,
    text: String,
    fault: Option<Fault>,
) -> (AckCode, String, Option<Fault>) {
    match (stored, fault) {
        // A message that is not stored is never accepted.
        (Err(()), _) | (Ok(StoreOutcome::Dropped), None) => {
            let text = "the message could not be stored: send it again".to_owned();
            (AckCode::Ar, text.clone(), Some(Fault::in_segment(Condition::Internal, "MSH", 1, text)))
        }
        (Ok(_), Some(fault)) => (ack_code(&fault), format!("{}: {}", fault.location(), fault.text), Some(fault)),
        (Ok(StoreOutcome::Duplicate), None) => (AckCode::Aa, "this message was accepted before".to_owned(), None),
        (Ok(StoreOutcome::New), None) => (AckCode::Aa, text, None),
        (Ok(StoreOutcome::Waits(text)), None) => (AckCode::Aa, text, None),
    }
}

impl From<&Caller> for Sender {
    fn from(caller: &Caller) -> Self {
        Self::Client { id: caller.actor.user.0.clone(), organisation: caller.actor.org.clone() }
    }
}
