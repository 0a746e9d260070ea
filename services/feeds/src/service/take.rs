//! Taking HL7 v2: one frame or body, one or more messages, an answer to each. AA is written from what the store
//! says after its commit, and from nothing else.

use lcr_hl7::{Code, Condition, Fault, Header, Message, ack::Answer, mllp::Frame};
use lcr_store::WriteError;
use sea_orm::DbErr;
use tokio::time::Instant;
use tracing::Instrument;
use uuid::Uuid;

use super::{
    MOST_IN_A_BATCH, Service, Verdict, code, contained,
    publish::{self, Published},
    row::{duplicate, outcome, place, row},
    waiting,
};
use crate::{
    domain::{self, Arrival, Mentions, Sender, content},
    store::message::{self, Row, Seen},
};

/// How a message came.
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

/// The answer to a frame or body, and the worst that was said in it.
#[derive(Debug, Clone)]
pub struct Answered {
    pub bytes: Vec<u8>,
    pub code: Code,
    /// Why, where something was refused.
    pub condition: Option<Condition>,
}

impl Answered {
    /// This one and the next in one body.
    fn and(self, next: Self) -> Self {
        let condition = if next.code > self.code { next.condition } else { self.condition };
        let bytes = [self.bytes, next.bytes].concat();
        Self { bytes, condition, code: self.code.max(next.code) }
    }
}

/// What the store did with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Kept {
    New,
    /// An unknown sender's, beyond what is kept of them.
    Not,
    Duplicate,
    /// It was mapped, and yet waits: in the words of its row.
    Waits(String),
}

impl Service {
    /// The answers to a frame, one a message, each for a frame of its own; none where nobody is waiting for one.
    pub async fn frame(&self, frame: Frame, sender: &Sender) -> Vec<Answered> {
        match frame {
            Frame::Whole(bytes) => self.each(&bytes, Transport::Mllp, sender).await,
            Frame::TooLong(head) => {
                let fault =
                    Fault::in_segment(Condition::UnsupportedType, "MSH", 1, "the message is too long");
                vec![self.unreadable(&head, fault, Transport::Mllp, sender).await]
            }
            Frame::Broken(head) => {
                self.spoilt(&head, "the frame broke off: another began, or the connection ended", sender)
                    .await;
                vec![]
            }
            Frame::Unframed(head) => {
                self.spoilt(&head, "sent outside an MLLP frame", sender).await;
                vec![]
            }
        }
    }

    /// One body: each message in order; the answers follow one another as the messages did.
    pub async fn take(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Answered {
        let all = self.each(bytes, transport, sender).await.into_iter().reduce(Answered::and);
        all.unwrap_or(Answered { bytes: vec![], code: Code::Ar, condition: None })
    }

    /// Each message of a body in order, with its own answer; at least one.
    async fn each(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Vec<Answered> {
        let messages = lcr_hl7::messages(bytes);
        if messages.is_empty() || messages.len() > MOST_IN_A_BATCH {
            let words =
                if messages.is_empty() { "nothing was sent" } else { "too many messages in one batch" };
            let fault = Fault::in_segment(Condition::UnsupportedType, "MSH", 1, words);
            return vec![self.unreadable(bytes, fault, transport, sender).await];
        }
        let mut all = Vec::with_capacity(messages.len());
        for one in messages {
            all.push(self.one(one, transport, sender).await);
        }
        all
    }

    async fn one(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Answered {
        let started = Instant::now();
        let name = format!("message {}", transport.as_str());
        let span = tracing::info_span!("message", otel.name = name, otel.kind = "server");
        let answered = self.judged(bytes, transport, sender).instrument(span).await;
        self.numbers.answered(transport, answered.code, started);
        answered
    }

    async fn judged(&self, bytes: &[u8], transport: Transport, sender: &Sender) -> Answered {
        let message = match Message::read(bytes) {
            Ok(message) => message,
            Err(why) => {
                let fault = Fault::in_segment(Condition::UnsupportedType, "MSH", 1, why.to_string());
                return self.unreadable(bytes, fault, transport, sender).await;
            }
        };
        let received = self.clock.now();
        let header = Header::of(&message);
        let systems = self.sources.now();
        let content = content(bytes);
        let (system, verdict, mentions) = match domain::source_of(&systems, &header, sender) {
            Err(fault) => (None, Verdict::Refused(fault), Mentions::default()),
            Ok(system) => {
                let arrival = Arrival {
                    message: &message,
                    header: &header,
                    system,
                    received,
                    content: &content,
                    local_ids: &self.local_ids,
                };
                let verdict = contained(|| domain::map(&arrival));
                let mentions = verdict.mentions(|| Mentions::of_message(&arrival));
                (Some(system), verdict, mentions)
            }
        };
        let row = row(received, transport, sender, &header, system, &content, bytes.len());
        let (row, verdict) = outcome(row, verdict);
        let fault = if let Verdict::Refused(fault) = &verdict { Some(fault.clone()) } else { None };
        let (id, words) = (row.id, row.outcome.clone());
        let kept = self.keep(row, verdict, mentions, (bytes, sender)).await;
        let (code, words, fault) = told(kept, words, fault);
        let answer = Answer {
            code,
            control_id: &own_id(id),
            at: self.clock.now(),
            words: &words,
            fault: fault.as_ref(),
        };
        Answered { bytes: answer.to(&message), code, condition: fault.map(|fault| fault.condition) }
    }

    /// Keeps what cannot be read, and answers from defaults.
    async fn unreadable(
        &self,
        bytes: &[u8],
        fault: Fault,
        transport: Transport,
        sender: &Sender,
    ) -> Answered {
        let header = Header::default();
        let content = content(bytes);
        let systems = self.sources.now();
        let system = domain::open_to_all(&systems);
        let row = row(self.clock.now(), transport, sender, &header, system, &content, bytes.len());
        let (mut row, verdict) = outcome(row, Verdict::Refused(fault.clone()));
        "unreadable".clone_into(&mut row.status);
        let id = row.id;
        let kept = self.keep(row, verdict, Mentions::default(), (bytes, sender)).await;
        let (code, words, fault) = told(kept, fault.words.clone(), Some(fault));
        let answer = Answer {
            code,
            control_id: &own_id(id),
            at: self.clock.now(),
            words: &words,
            fault: fault.as_ref(),
        };
        Answered { bytes: answer.to_nobody(), code, condition: fault.map(|fault| fault.condition) }
    }

    /// Keeps the beginning of what nobody waits to have answered.
    async fn spoilt(&self, head: &[u8], words: &str, sender: &Sender) {
        let content = content(head);
        let systems = self.sources.now();
        let (system, now) = (domain::open_to_all(&systems), self.clock.now());
        let header = Header::default();
        let row = row(now, Transport::Mllp, sender, &header, system, &content, head.len());
        let row = Row { status: "unreadable".into(), outcome: words.to_owned(), ..row };
        let verdict = Verdict::Waits { words: String::new(), place: None };
        if self.keep(row, verdict, Mentions::default(), (head, sender)).await.is_err() {
            tracing::error!("a spoilt frame could not be kept");
        }
    }

    /// One transaction: whether it came before, the message, its events. Nothing is answered before it commits.
    pub(super) async fn keep(
        &self,
        mut row: Row,
        verdict: Verdict,
        mentions: Mentions,
        (bytes, sender): (&[u8], &Sender),
    ) -> Result<Kept, ()> {
        let unknown = row.source.is_none() && matches!(sender, Sender::Listener);
        if unknown && !self.unknown.may_be_kept() {
            return Ok(Kept::Not);
        }
        let sealed = self.keys.seal(&place(row.id), bytes);
        row.sealed = Some(sealed.map_err(|_| tracing::error!("a message could not be sealed"))?);
        let (keys, now) = (self.keys.clone(), self.clock.now());
        let kept = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                match message::seen(tx, &row).await? {
                    Seen::Same => {
                        message::keep(tx, duplicate(row)).await?;
                        return Ok(Kept::Duplicate);
                    }
                    Seen::ControlId => {
                        tracing::warn!(alarm = "control-id-reused", message = %row.id, "a control id came again with another message");
                    }
                    Seen::Never => {}
                }
                let mut kept = Kept::New;
                if let Verdict::Mapped(mapped) = verdict {
                    match publish::publish(tx, &keys, now, mapped).await? {
                        Published::Events(events) => row.events = events,
                        Published::Waits { words, place } => {
                            row = outcome(row, Verdict::Waits { words, place }).0;
                            kept = Kept::Waits(row.outcome.clone());
                        }
                    }
                }
                if row.status == "dead-letter" {
                    waiting::begin(tx, &keys, now, &mut row, &mentions).await?;
                }
                message::keep(tx, row).await?;
                Ok(kept)
            })
        });
        kept.await.map_err(|error| {
            let cause = match &error {
                WriteError::Work(error) => lcr_store::kind_of(error),
                WriteError::NotCommitted => "not committed",
            };
            tracing::error!(cause, "a message could not be kept, and was answered so");
        })
    }
}

/// MSH-10 of our answers, at most 20 characters: the message's own id, its time and its end.
fn own_id(id: Uuid) -> String {
    let hex = id.simple().to_string();
    format!("{}{}", hex.get(..12).unwrap_or_default(), hex.get(24..).unwrap_or_default())
}

/// What is said once the store has spoken.
fn told(kept: Result<Kept, ()>, words: String, fault: Option<Fault>) -> (Code, String, Option<Fault>) {
    match (kept, fault) {
        // What was not kept is never accepted.
        (Err(()), _) | (Ok(Kept::Not), None) => {
            let words = "the message could not be kept: send it again".to_owned();
            (Code::Ar, words.clone(), Some(Fault::in_segment(Condition::Internal, "MSH", 1, words)))
        }
        (Ok(_), Some(fault)) => (code(&fault), format!("{}: {}", fault.place(), fault.words), Some(fault)),
        (Ok(Kept::Duplicate), None) => (Code::Aa, "this message was accepted before".to_owned(), None),
        (Ok(Kept::New), None) => (Code::Aa, words, None),
        (Ok(Kept::Waits(words)), None) => (Code::Aa, words, None),
    }
}
