//! Events: `CloudEvents` 1.0 in structured JSON, type `uk.leedscarerecord.<context>.<event>.v1` (design section 7).
//! Bodies about people carry ids and names of what changed; demographic content is sealed.

use jiff::Timestamp;
use lcr_model::{LocalId, OdsCode, PersonId, SessionId, SourceId, SourceIdentity, SpellId, UserId, ViewId};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::{
    Moment,
    audit::Shown,
    identity::{Organisation, System},
    known,
    patient_index::LinkDecision,
    spell::{Named, Place},
    ward::Cell,
};

/// The streams. One subject space each: `lcr.<context>.<event>.<bucket>`.
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
    /// Extension (distributed tracing): the span that wrote it, where a trace was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
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

/// A hospital's word on a stay: a `spell::SpellMessage`, sealed for `feeds/encounter`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EncounterReceived {
    pub identity: SourceIdentity,
    pub spell: SpellId,
    /// When it was on disk, microseconds. Order within a spell is the fold's business, not this.
    pub version: i64,
    pub sealed: String,
}

impl EventBody for EncounterReceived {
    const STREAM: Stream = Stream::Feeds;
    const NAME: &'static str = "feeds.encounter";
    fn key(&self) -> String {
        format!("{}|{}", self.identity.source, self.identity.local_id.0)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A message waits to be read, or does not wait any longer. Ids alone: which stays and people it is about, as far as it
/// names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageWaits {
    pub message: Uuid,
    pub source: SourceId,
    pub received: Timestamp,
    /// False once it was read.
    pub waits: bool,
    pub identities: Vec<LocalId>,
    pub stays: Vec<SpellId>,
    /// Rises with each change of `waits`.
    pub version: i64,
}

impl EventBody for MessageWaits {
    const STREAM: Stream = Stream::Feeds;
    const NAME: &'static str = "feeds.waiting";
    fn key(&self) -> String {
        self.message.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// Somebody is about to be shown the identities that a message holds: on disk before they are. Ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRead {
    pub message: Uuid,
    pub by: UserId,
    pub at: Timestamp,
}

impl EventBody for MessageRead {
    const STREAM: Stream = Stream::Feeds;
    const NAME: &'static str = "feeds.message-read";
    fn key(&self) -> String {
        self.message.to_string()
    }
    fn version(&self) -> i64 {
        self.at.as_microsecond()
    }
}

/// What kind of pushed item an `ItemReceived` seals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pushed {
    Result,
    Document,
    Referral,
    Appointment,
}

/// A result, document, referral or appointment a source pushed: a `PushedItem`, sealed for `feeds/item`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ItemReceived {
    pub identity: SourceIdentity,
    pub kind: Pushed,
    /// The source's own key of the item: the newest version replaces an older one.
    pub item: String,
    /// The stay it belongs to, where the source said.
    pub spell: Option<SpellId>,
    /// The source's version (message time, microseconds).
    pub version: i64,
    pub sealed: String,
}

impl EventBody for ItemReceived {
    const STREAM: Stream = Stream::Feeds;
    const NAME: &'static str = "feeds.item";
    fn key(&self) -> String {
        format!("{}|{}", self.identity.source, self.identity.local_id.0)
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// What an `ItemReceived` seals: FHIR R4 resources as feeds mapped or received them, without a patient reference
/// of any other source.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct PushedItem {
    /// A report with its observations, a document reference (its content inline), a service request, an
    /// appointment; the first is the item itself.
    pub resources: Vec<serde_json::Value>,
    /// For results: the test's name, and whether the result is still awaited (OBR-25 or `status`).
    pub name: String,
    pub awaited: bool,
    /// For documents: a discharge summary or letter.
    pub discharge_letter: bool,
}

impl std::fmt::Debug for PushedItem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PushedItem({} resources)", self.resources.len())
    }
}

/// A choice of a person was made, changed or reviewed. Nothing of what it says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChoiceChanged {
    pub person: PersonId,
    pub version: i64,
}

impl EventBody for ChoiceChanged {
    const STREAM: Stream = Stream::Consent;
    const NAME: &'static str = "consent.changed";
    fn key(&self) -> String {
        self.person.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A stay changed. `stay` seals a `Stay` for `ward/stay`: consent's admitted-here relationships come from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WardChanged {
    pub spell: SpellId,
    pub version: i64,
    pub sealed: String,
    /// An `OnRecord`, sealed for `ward/record`: what the person's record shows of the stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

impl EventBody for WardChanged {
    const STREAM: Stream = Stream::Ward;
    const NAME: &'static str = "ward.changed";
    fn key(&self) -> String {
        self.spell.to_string()
    }
    fn version(&self) -> i64 {
        self.version
    }
}

/// A stay as relationships need it: who, where, from when to when. Times and ids, nothing clinical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub person: Option<PersonId>,
    pub source: SourceId,
    /// The hospital's organisation.
    pub organisation: OdsCode,
    pub ward: Option<String>,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    /// False for a stay that was cancelled or never counts.
    pub counts: bool,
}

/// A stay as the person's record shows it: the hospital's own messages, folded by the ward.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OnRecord {
    pub person: Option<PersonId>,
    pub source: SourceId,
    pub visit: Option<String>,
    /// False for a stay that was cancelled, corrected to another person, or of somebody only expected.
    pub counts: bool,
    /// Somebody attends a clinic or an emergency department; false: in a bed.
    pub attends: bool,
    /// The patient class as sent.
    pub class: Option<String>,
    pub place: Option<Cell<Place>>,
    pub consultant: Option<Cell<Named>>,
    pub specialty: Option<Cell<Named>>,
    pub admitted: Option<Moment>,
    pub left: Option<Moment>,
    pub on_leave: bool,
    /// Where to, in words.
    pub destination: Option<String>,
    /// The hospital says that the person died.
    pub died: bool,
    /// When the hospital last said anything about the stay.
    pub last_told: Timestamp,
    /// What a reader should know of how it came about, in words.
    pub warnings: Vec<String>,
}

impl std::fmt::Debug for OnRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OnRecord({})", self.source)
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

/// A data steward decided whose a record in doubt is. Ids alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReviewDecided {
    pub review: Uuid,
    /// The view under which the log has it.
    pub view: ViewId,
    pub by: UserId,
    pub at: Timestamp,
    pub decision: LinkDecision,
    /// The person who has the number, and the person of the record in doubt.
    pub people: [PersonId; 2],
}

impl EventBody for ReviewDecided {
    const STREAM: Stream = Stream::Audit;
    const NAME: &'static str = "audit.acted";
    fn key(&self) -> String {
        self.view.to_string()
    }
    fn version(&self) -> i64 {
        self.at.as_microsecond()
    }
}

/// The source name of what a patient's own sign-in vouches for: local id is the user, so that the index links a
/// login to a person as it links everybody, and nobody else needs to.
pub const LOGIN_SOURCE: &str = "nhs-login";

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
    /// Local ids the source has merged into this one (A40): they are this person's.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replaces: Vec<LocalId>,
    /// False for a record its source no longer uses.
    #[serde(default = "in_use", skip_serializing_if = "Clone::clone")]
    pub active: bool,
    /// Other records of the same source that it says are the same person's.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "known::list")]
    pub links: Vec<PatientLink>,
}

fn in_use() -> bool {
    true
}

/// What a demographics event seals where the local id is a hash: the Patient, and what stands behind the hash. Who needs
/// no more than the Patient reads a `SourcePatient`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HashedPatient {
    #[serde(flatten)]
    pub patient: SourcePatient,
    /// The id that the source itself knows the person by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub own_id: Option<String>,
}

impl std::fmt::Debug for HashedPatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "HashedPatient({})", self.patient.source)
    }
}

impl SourcePatient {
    /// Whether its source no longer uses this record: not active, or replaced by another.
    pub fn is_retired(&self) -> bool {
        !self.active || self.links.iter().any(|link| link.kind == PatientLinkKind::ReplacedBy)
    }
}

/// FHIR `Patient.link`, within one source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PatientLink {
    pub kind: PatientLinkKind,
    pub other: LocalId,
}

/// What one record says of the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PatientLinkKind {
    /// The other is used in place of this one.
    ReplacedBy,
    /// This one is used in place of the other.
    Replaces,
    /// The other is the main record.
    Refer,
    /// The other is as good as this one.
    Seealso,
}

impl std::fmt::Debug for SourcePatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SourcePatient({})", self.source)
    }
}
