//! Events of feeds: what sources sent. Demographic and clinical content must be sealed.

use jiff::Timestamp;
use lcr_model::{CareLinkKind, LocalId, OdsCode, SourceId, SourceIdentity, SpellId, UserId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{EventBody, Stream};

/// A source's demographics of a person. The body is a `SourcePatient`, sealed for `feeds/demographics`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemographicsReceived {
    pub identity: SourceIdentity,
    /// The source's version of the person (last update, microseconds).
    pub version: i64,
    pub sealed: String,
}

event!(
    DemographicsReceived,
    Feeds,
    "feeds.demographics",
    |event| format!("{}|{}", event.identity.source, event.identity.local_id.0),
    |event| event.version
);

/// A hospital's message about a stay: a `spell::SpellMessage`, sealed for `feeds/encounter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncounterReceived {
    pub identity: SourceIdentity,
    pub spell: SpellId,
    /// When it was stored, in microseconds. It does not order the messages of a spell; the fold does.
    pub version: i64,
    pub sealed: String,
}

event!(
    EncounterReceived,
    Feeds,
    "feeds.encounter",
    |event| format!("{}|{}", event.identity.source, event.identity.local_id.0),
    |event| event.version
);

/// A message waits to be processed, or no longer waits. Holds only the ids of the stays and people it names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageWaits {
    pub message: Uuid,
    pub source: SourceId,
    pub received: Timestamp,
    /// False once it was processed.
    pub waits: bool,
    pub identities: Vec<LocalId>,
    pub stays: Vec<SpellId>,
    /// Rises with each change of `waits`.
    pub version: i64,
}

event!(MessageWaits, Feeds, "feeds.waiting", |event| event.message.to_string(), |event| event.version);

/// A user is about to see the identities in a message. Stored before they are shown; holds only ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRead {
    pub message: Uuid,
    pub by: UserId,
    pub at: Timestamp,
}

event!(MessageRead, Feeds, "feeds.message-read", |event| event.message.to_string(), |event| event.at.as_microsecond());

/// The kind of a pushed item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PushedKind {
    Result,
    Document,
    Referral,
    Appointment,
}

impl PushedKind {
    /// The name in database keys. It must never change.
    pub fn key(self) -> &'static str {
        match self {
            Self::Result => "Result",
            Self::Document => "Document",
            Self::Referral => "Referral",
            Self::Appointment => "Appointment",
        }
    }
}

/// A result, document, referral or appointment that a source pushed: a `PushedItem`, sealed for `feeds/item`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemReceived {
    pub identity: SourceIdentity,
    pub kind: PushedKind,
    /// The source's key of the item. A newer version replaces an older one.
    pub item: String,
    /// The stay it belongs to, if the source names one.
    pub spell: Option<SpellId>,
    /// The source's version (message time, microseconds).
    pub version: i64,
    pub sealed: String,
}

event!(
    ItemReceived,
    Feeds,
    "feeds.item",
    |event| format!("{}|{}", event.identity.source, event.identity.local_id.0),
    |event| event.version
);

/// Evidence from a source that an organisation cares for a person. `sealed` is a `CareLink` for `feeds/care-link`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CareLinkReceived {
    /// The person as the source knows them.
    pub identity: SourceIdentity,
    /// The source's key of the evidence, unique within the source. A newer version replaces an older one, also if it
    /// names another person.
    pub link: String,
    /// The source's version (last update or message time, microseconds).
    pub version: i64,
    pub sealed: String,
}

event!(
    CareLinkReceived,
    Feeds,
    "feeds.care-link",
    |event| format!("{}|{}", event.identity.source, event.identity.local_id.0),
    |event| event.version
);

/// The sealed body of a `CareLinkReceived`. It holds nothing clinical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CareLink {
    pub kind: CareLinkKind,
    /// The organisation that cares for the person.
    pub organisation: OdsCode,
    /// The team within it, as the source names it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub team: Option<String>,
    /// `None` if the source gives no start: the link counts from its arrival.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Timestamp>,
    /// Exclusive. `None` while it is open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Timestamp>,
    /// False once the source cancelled it, entered it in error, or took the person off the list.
    pub stands: bool,
}

/// The sealed body of an `ItemReceived`: FHIR R4 resources that feeds mapped or received, without patient references to
/// another source.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PushedItem {
    /// A report with its observations, a document reference with inline content, a service request, or an appointment.
    /// The first resource is the item itself.
    pub resources: Vec<serde_json::Value>,
    /// For results: the name of the test; `awaited` says whether the result is outstanding (OBR-25 or `status`).
    pub name: String,
    pub awaited: bool,
    /// For documents: whether it is a discharge summary or letter.
    pub discharge_letter: bool,
}

impl std::fmt::Debug for PushedItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushedItem({} resources)", self.resources.len())
    }
}
