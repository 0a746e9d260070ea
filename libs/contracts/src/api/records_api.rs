//! Record aggregation: one person's record from every permitted source, whole or as a stream. Every method must decide
//! and record first; an update after an objection must be refused.

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::Timestamp;
use lcr_model::{Dataset, PersonId, SourceId, ViewId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Caller, Failure,
    audit::AccessKind,
    record::Record,
    vocabulary::{QueryState, SystemKind},
};

/// A request to view a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ViewRequest {
    pub person: PersonId,
    /// The same id continues a view: no new entry while the decision holds.
    pub view: ViewId,
    /// `None`: every dataset that the reader's role may see.
    pub datasets: Option<Vec<Dataset>>,
    pub what: AccessKind,
    /// Keeps the stream open after all sources answered, for pushed items, until the record may no longer be shown.
    pub live: bool,
}

/// A step of a streamed view.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Update {
    /// The record so far; `complete` is set on the last one.
    Record(Box<Record>),
    /// The record may no longer be shown.
    Closed { at: Timestamp, failure: Failure },
}

/// A source as `/sources` shows it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceStatus {
    pub source: SourceId,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: SystemKind,
    pub datasets: Vec<Dataset>,
    pub rhythm: String,
    #[schema(value_type = String)]
    pub state: QueryState,
    pub last_answer: Option<Timestamp>,
    /// People read from its list so far, and whether that is finished.
    pub people_loaded: u64,
    pub loaded: bool,
    pub discreet: bool,
}

/// Selects a file of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "DocumentWire", into = "DocumentWire")]
pub struct DocumentRequest {
    /// The entry's id in the record.
    pub entry: String,
    /// The index among the entry's files, from 0.
    pub file: usize,
}

/// The previous version knows one file per entry and sends only the entry.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum DocumentWire {
    First(String),
    File { entry: String, file: usize },
}

impl From<DocumentWire> for DocumentRequest {
    fn from(wire: DocumentWire) -> Self {
        match wire {
            DocumentWire::First(entry) => Self { entry, file: 0 },
            DocumentWire::File { entry, file } => Self { entry, file },
        }
    }
}

impl From<DocumentRequest> for DocumentWire {
    fn from(ask: DocumentRequest) -> Self {
        if ask.file == 0 { Self::First(ask.entry) } else { Self::File { entry: ask.entry, file: ask.file } }
    }
}

/// An item as its source sent it. Holds clinical content: must never be printed.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceItem {
    pub source: SourceId,
    pub name: String,
    pub dataset: Dataset,
    /// The unchanged FHIR resource.
    #[schema(value_type = Object)]
    pub resource: serde_json::Value,
}

impl std::fmt::Debug for SourceItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourceItem({})", self.source)
    }
}

/// A document's bytes, under a view of its own.
#[derive(Clone, Serialize, Deserialize)]
pub struct DocumentContent {
    pub title: String,
    pub content_type: String,
    /// Base64 in JSON.
    #[serde(with = "as_base64")]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for DocumentContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DocumentContent({} bytes)", self.bytes.len())
    }
}

#[async_trait]
pub trait Records: Send + Sync {
    /// Decides and records, then sends what is known at once, and more as sources answer.
    async fn view(&self, caller: &Caller, ask: ViewRequest) -> Result<BoxStream<'static, Update>, Failure>;
    /// The record once every source has answered or the deadline has passed.
    async fn whole(&self, caller: &Caller, ask: ViewRequest) -> Result<Record, Failure>;
    /// One file of one entry.
    async fn document(
        &self,
        caller: &Caller,
        ask: ViewRequest,
        file: DocumentRequest,
    ) -> Result<DocumentContent, Failure>;
    /// An item as its source sent it. `entry` is the id in the record, or one of `NotShown::items`.
    async fn item(&self, caller: &Caller, ask: ViewRequest, entry: &str) -> Result<SourceItem, Failure>;
    async fn sources(&self, caller: &Caller) -> Result<Vec<SourceStatus>, Failure>;
}

mod as_base64 {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub fn serialize<S: Serializer>(bytes: &[u8], to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(&STANDARD.encode(bytes))
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(from)?;
        STANDARD.decode(text).map_err(|_| D::Error::custom("not base64"))
    }
}
