//! Messages of hospitals that wait to be read, for those whose desk that is. A list says what a message is about by ids;
//! its text is shown as far as the reader's role allows: identities and times, nothing clinical.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_model::{SourceId, SourceIdentity};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Caller, Failure};

/// Which messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingQuery {
    pub source: Option<SourceId>,
    /// The reason in the words of `WaitingMessage::reason`.
    pub reason: Option<String>,
    /// The last message of the page before.
    pub after: Option<Uuid>,
}

/// One message that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingMessage {
    pub id: Uuid,
    pub received: Timestamp,
    pub source: Option<SourceId>,
    /// `ADT^A50`, `Bundle`.
    pub kind: String,
    pub control_id: String,
    /// Why it waits, in words.
    pub reason: String,
    /// Where, by segment and field.
    pub failed_at: Option<String>,
    /// Whom it is about, as far as it names them.
    pub people: Vec<SourceIdentity>,
    /// The visit numbers that it names.
    pub visits: Vec<String>,
    /// Whom and which visits it names is not for this reader: both lists are empty.
    #[serde(default)]
    pub withheld: bool,
}

/// How many messages of one hospital wait for one reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingCount {
    pub source: Option<SourceId>,
    pub reason: String,
    pub count: u64,
    pub oldest: Timestamp,
}

/// A page of waiting messages, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingPage {
    pub counts: Vec<WaitingCount>,
    pub messages: Vec<WaitingMessage>,
    /// Where the next page goes on.
    pub after: Option<Uuid>,
}

/// A message with its text.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageText {
    pub message: WaitingMessage,
    /// It still waits.
    pub waits: bool,
    /// A segment or resource a line; what the reader may not see stands as its name and "not shown".
    pub lines: Vec<String>,
}

impl std::fmt::Debug for MessageText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MessageText({})", self.message.id)
    }
}

/// What came of reading a message again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replayed {
    pub waits: bool,
    /// In words.
    pub outcome: String,
}

#[async_trait]
pub trait Messages: Send + Sync {
    async fn waiting(&self, caller: &Caller, query: WaitingQuery) -> Result<WaitingPage, Failure>;
    async fn text(&self, caller: &Caller, id: Uuid) -> Result<MessageText, Failure>;
    /// Reads a waiting message again, with the rules and the registry of now.
    async fn replay(&self, caller: &Caller, id: Uuid) -> Result<Replayed, Failure>;
}
