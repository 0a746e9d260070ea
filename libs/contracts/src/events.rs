//! Events: `CloudEvents` 1.0 as structured JSON, type `uk.leedscarerecord.<context>.<event>.v1`, one file per publisher.
//! Bodies about people hold ids and names of what changed; demographic content must be sealed.

use jiff::Timestamp;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

/// Names an event: type, stream, `<context>.<event>`, key, and the version of its aggregate. The version of its type is in
/// `event_type`.
macro_rules! event {
    ($body:ty, $stream:ident, $name:literal, $key:expr, $version:expr) => {
        impl EventBody for $body {
            const STREAM: Stream = Stream::$stream;
            const NAME: &'static str = $name;
            fn key(&self) -> String {
                let key: fn(&Self) -> String = $key;
                key(self)
            }
            fn version(&self) -> i64 {
                let version: fn(&Self) -> i64 = $version;
                version(self)
            }
        }
    };
}

mod audit;
mod consent;
mod feeds;
mod identity;
mod partners;
mod people;
mod source_patient;
mod ward;

pub use audit::{ReviewDecided, ViewCompleted};
pub use consent::ChoiceChanged;
pub use feeds::{
    CareLink, CareLinkReceived, DemographicsReceived, EncounterReceived, ItemReceived, MessageRead, MessageWaits,
    PushedItem, PushedKind,
};
pub use identity::SessionEnded;
pub use partners::PartnersChanged;
pub use people::{PersonChanged, PersonMark};
pub use source_patient::{HashedPatient, LOGIN_SOURCE, PatientLink, PatientLinkKind, SourcePatient};
pub use ward::{OnRecord, Stay, WardChanged};

/// The streams. Each has its own subjects: `lcr.<context>.<event>.<bucket>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Stream {
    Feeds,
    People,
    Consent,
    Partners,
    Identity,
    Ward,
    Audit,
}

impl Stream {
    pub const ALL: [Self; 7] =
        [Self::Feeds, Self::People, Self::Consent, Self::Partners, Self::Identity, Self::Ward, Self::Audit];

    pub fn name(self) -> &'static str {
        match self {
            Self::Feeds => "FEEDS",
            Self::People => "PEOPLE",
            Self::Consent => "CONSENT",
            Self::Partners => "PARTNERS",
            Self::Identity => "IDENTITY",
            Self::Ward => "WARD",
            Self::Audit => "AUDIT",
        }
    }

    /// The stream with this name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.name() == name)
    }
}

/// The body of an event, with its name and key.
pub trait EventBody: Serialize + DeserializeOwned + Send + Sync {
    const STREAM: Stream;
    /// `<context>.<event>`.
    const NAME: &'static str;
    /// The key of the aggregate.
    fn key(&self) -> String;
    /// The version of the aggregate. Consumers ignore older ones.
    fn version(&self) -> i64;
}

/// The envelope of an event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    pub specversion: String,
    pub id: Uuid,
    /// The service that published it.
    pub source: String,
    #[serde(rename = "type")]
    pub event_type: String,
    /// The aggregate's key.
    pub subject: String,
    pub time: Timestamp,
    pub datacontenttype: String,
    /// Extension: the aggregate's version.
    pub lcrversion: i64,
    /// Extension (distributed tracing): the span that wrote it, if there was a trace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    pub data: serde_json::Value,
}

impl CloudEvent {
    /// The body, if this event has type `T`.
    pub fn body<T: EventBody>(&self) -> Option<Result<T, serde_json::Error>> {
        (self.event_type == event_type::<T>()).then(|| serde_json::from_value(self.data.clone()))
    }
}

/// The full type name of an event.
pub fn event_type<T: EventBody>() -> String {
    format!("uk.leedscarerecord.{}.v1", T::NAME)
}
