//! Events: `CloudEvents` 1.0 in structured JSON, type `uk.leedscarerecord.<context>.<event>.v1` (design section 7).
//! Bodies about people carry ids and names of what changed; demographic content is sealed.

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId, SessionId, SourceId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    audit::Shown,
    identity::{Organisation, System},
};

/// The streams. One subject space each: `lcr.<context>.<event>.<bucket>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Stream {
    Feeds,
    People,
    Partners,
    Identity,
    Audit,
}

impl Stream {
    pub fn name(self) -> &'static str {
        match self {
            Self::Feeds => "FEEDS",
            Self::People => "PEOPLE",
            Self::Partners => "PARTNERS",
            Self::Identity => "IDENTITY",
            Self::Audit => "AUDIT",
        }
    }
}

/// What an event is called and keyed by.
pub trait EventBody: Serialize + DeserializeOwned + Send + Sync {
    const STREAM: Stream;
    /// `<context>.<event>`.
    const NAME: &'static str;
    /// The aggregate the event is about.
    fn key(&self) -> String;
    /// The aggregate's version; consumers ignore older ones.
    fn version(&self) -> i64;
}

/// The envelope as it travels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CloudEvent {
    pub specversion: String,
    pub id: Uuid,
    /// The service that owns the log it comes from.
    pub source: String,
    #[serde(rename = "type")]
    pub event_type: String,
    /// The aggregate's key.
    pub subject: String,
    pub time: Timestamp,
    pub datacontenttype: String,
    /// Extension: the aggregate's version.
    pub lcrversion: i64,
    pub data: serde_json::Value,
}

impl CloudEvent {
    /// The body, if this is an event of type `T`.
    pub fn body<T: EventBody>(&self) -> Option<Result<T, serde_json::Error>> {
        (self.event_type == event_type::<T>()).then(|| serde_json::from_value(self.data.clone()))
    }
}

/// The full type name of an event.
pub fn event_type<T: EventBody>() -> String {
    format!("uk.leedscarerecord.{}.v1", T::NAME)
}

/// A source's word on who a person is. The body is sealed for `feeds/demographics`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemographicsReceived {
    pub identity: SourceIdentity,
    /// The source's version of the person (last update, microseconds).
    pub version: i64,
    pub sealed: String,
}

impl EventBody for DemographicsReceived {
    const STREAM: Stream = Stream::Feeds;
    const NAME: &'static str = "feeds.demographics";
    fn key(&self) -> String {
        format!("{}|{}", self.identity.source, self.identity.local_id.0)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A person was linked, updated or merged: ids and marks only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonChanged {
    pub person: PersonId,
    pub version: i64,
    pub identities: Vec<SourceIdentity>,
    /// The organisation id of the registered practice, by the authority or the GP system.
    pub practice: Option<OdsCode>,
    /// Names of what is marked: `restricted`, `died`.
    pub marks: Vec<String>,
}

impl EventBody for PersonChanged {
    const STREAM: Stream = Stream::People;
    const NAME: &'static str = "people.updated";
    fn key(&self) -> String {
        self.person.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A row of the registry changed. No patient data.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PartnersChanged {
    pub version: i64,
    pub organisation: Option<Organisation>,
    pub system: Option<System>,
}

impl EventBody for PartnersChanged {
    const STREAM: Stream = Stream::Partners;
    const NAME: &'static str = "partners.changed";
    fn key(&self) -> String {
        match (&self.organisation, &self.system) {
            (Some(organisation), _) => format!("organisation/{}", organisation.ods),
            (_, Some(system)) => format!("system/{}", system.id),
            _ => String::new(),
        }
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A session ended: sign-out, idle, back-channel or leaver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SessionEnded {
    pub session: SessionId,
    pub at: Timestamp,
}

impl EventBody for SessionEnded {
    const STREAM: Stream = Stream::Identity;
    const NAME: &'static str = "identity.session-ended";
    fn key(&self) -> String {
        self.session.to_string()
    }
    fn version(&self) -> i64 {
        self.at.as_microsecond()
    }
}

/// A view was completed with this.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ViewCompleted {
    pub view: ViewId,
    pub person: PersonId,
    pub at: Timestamp,
    pub shown: Vec<Shown>,
}

impl EventBody for ViewCompleted {
    const STREAM: Stream = Stream::Audit;
    const NAME: &'static str = "audit.completed";
    fn key(&self) -> String {
        self.view.to_string()
    }
    fn version(&self) -> i64 {
        self.at.as_microsecond()
    }
}

/// What a demographics event seals: one source's Patient, as far as linking and search need it.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SourcePatient {
    pub source: SourceId,
    pub nhs_number: Option<String>,
    /// The source says the number was verified (status 01).
    pub nhs_number_verified: bool,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<jiff::civil::Date>,
    pub gender: String,
    pub address: Option<String>,
    pub postcode: Option<String>,
    pub practice: Option<OdsCode>,
    pub died: bool,
    pub restricted: bool,
    /// Word of the demographics authority.
    pub authority: bool,
    /// A GP system's own registration.
    pub gp_registration: bool,
}

impl std::fmt::Debug for SourcePatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourcePatient({})", self.source)
    }
}
