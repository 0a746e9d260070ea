//! Patient index: who is who. Search answers the identity stub that `access.md` lets every care role see;
//! resolve answers ids alone. Neither may answer without a permit.

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use lcr_model::{NhsNumber, PersonId, SourceId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Caller, Failure};

/// `POST /v1/people/search`. Any may be absent; an absent field never widens the search.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchQuery {
    pub nhs_number: Option<String>,
    pub family: Option<String>,
    pub given: Option<String>,
    pub birth_date: Option<String>,
    pub postcode: Option<String>,
    /// One box: an NHS number, a name and birth date, or a postcode.
    pub q: Option<String>,
}

impl std::fmt::Debug for SearchQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SearchQuery(…)")
    }
}

/// The identity stub: what search shows of a person to everybody who may search.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stub {
    pub id: PersonId,
    pub nhs_number: Option<NhsNumber>,
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<Date>,
    /// `female`, `male`, `other`, `unknown`.
    pub sex: String,
    pub died: bool,
    /// "Location details protected".
    pub location_protected: bool,
    /// First line and postcode, unless protected or withheld.
    pub address: Option<String>,
    /// Who asks has no relationship with the person: title and address are not theirs to see.
    #[serde(default)]
    pub address_withheld: bool,
    /// Why it matched, in words.
    pub matched_on: String,
}

impl std::fmt::Debug for Stub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stub({})", self.id)
    }
}

/// At most 20 people; `more` when the search was too wide to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchAnswer {
    pub people: Vec<Stub>,
    pub more: bool,
}

/// Where a person's data lives: ids alone, the NHS numbers among them, and no other demographics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resolved {
    /// The survivor, where the asked person was merged away.
    pub person: PersonId,
    pub version: i64,
    pub identities: Vec<SourceIdentity>,
    /// NHS numbers its sources give: some sources name an item's subject by the number alone.
    #[serde(default)]
    pub numbers: Vec<NhsNumber>,
    /// Sources with a record under the same NHS number that may be somebody else's.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
}

/// A record under the same NHS number with another first name. Whose it is, a data steward decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub source: SourceId,
    pub other_sex: bool,
    pub other_birth_date: bool,
}

/// One identity, with where its demographics came from (`GET /v1/people/{id}/identifiers`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identifier {
    pub source: String,
    pub linked_because: String,
    pub has_nhs_number: bool,
}

/// Whether two records of one NHS number are one person's: for data stewards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkReview {
    pub id: Uuid,
    pub opened_at: Timestamp,
    /// The source of the record in doubt.
    pub source: SourceId,
    /// What that record says.
    pub doubtful: Stub,
    /// The person who has the number.
    pub holder: Stub,
    pub holder_sources: Vec<SourceId>,
    pub other_sex: bool,
    pub other_birth_date: bool,
}

/// Open reviews, the oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReviewPage {
    pub reviews: Vec<LinkReview>,
    /// Reviews of this page about people who may not be shown.
    pub not_shown: u32,
    /// Where the next page goes on.
    pub after: Option<Uuid>,
}

/// What a data steward decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LinkDecision {
    /// Both are one person.
    Link,
    /// They are two people, and the number is not that of the record in doubt.
    Separate,
}

/// `POST /v1/reviews/{id}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DecideReview {
    pub decision: LinkDecision,
    /// At most 500 characters.
    pub reason: String,
}

impl std::fmt::Debug for DecideReview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DecideReview({:?})", self.decision)
    }
}

#[async_trait]
pub trait PatientIndex: Send + Sync {
    async fn search(&self, caller: &Caller, query: SearchQuery) -> Result<SearchAnswer, Failure>;
    /// The stub of one person, under a view that already has its decision or gets one.
    async fn stub(&self, caller: &Caller, person: PersonId, view: ViewId) -> Result<Stub, Failure>;
    /// For record-aggregation alone.
    async fn resolve(&self, caller: &Caller, person: PersonId) -> Result<Resolved, Failure>;
    /// The person a signed-in patient is, by the verified number their sign-in gave; `None` until it is linked.
    async fn own(&self, caller: &Caller) -> Result<Option<PersonId>, Failure>;
    async fn identifiers(&self, caller: &Caller, person: PersonId) -> Result<Vec<Identifier>, Failure>;
    /// Open reviews of doubtful links, for data stewards.
    async fn reviews(&self, caller: &Caller, after: Option<Uuid>) -> Result<ReviewPage, Failure>;
    /// Closes one with a decision. Returns once the decision is on disk and on the log.
    async fn decide_review(&self, caller: &Caller, id: Uuid, decision: DecideReview) -> Result<(), Failure>;
    /// People held, for `/readyz` and the start-up line.
    async fn count(&self) -> Result<u64, Failure>;
}
