//! Patient index: who is who. Search returns the summary that every care role may see; `resolve` returns only ids.
//! Neither may answer without a permit (`services/consent/ACCESS.md`).

use async_trait::async_trait;
use jiff::{Timestamp, civil::Date};
use lcr_model::{NhsNumber, PersonId, SourceId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use crate::{Caller, Failure};

/// `POST /v1/people/search`. Every field is optional; a missing field never widens the search.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub nhs_number: Option<String>,
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub family: Option<String>,
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub given: Option<String>,
    /// `14-Jul-1945`, `14/07/1945` or `1945-07-14`.
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub birth_date: Option<String>,
    #[schema(max_length = 100)]
    #[param(max_length = 100)]
    pub postcode: Option<String>,
    /// Free text of at most 20 words: an NHS number, a name and birth date, or a postcode.
    #[schema(max_length = 200)]
    #[param(max_length = 200)]
    pub q: Option<String>,
}

impl std::fmt::Debug for SearchQuery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SearchQuery(…)")
    }
}

/// What search shows of a person to every user who may search.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientSummary {
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
    /// The caller has no relationship with the person: title and address are hidden.
    #[serde(default)]
    pub address_withheld: bool,
    /// Why it matched, in words.
    pub matched_on: String,
}

impl std::fmt::Debug for PatientSummary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PatientSummary({})", self.id)
    }
}

/// At most 20 people. `more` if the search was too broad to list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SearchAnswer {
    pub people: Vec<PatientSummary>,
    pub more: bool,
}

/// Where a person's data is: only ids, including NHS numbers, and no other demographics.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonIdentities {
    /// The survivor, if the person was merged.
    pub person: PersonId,
    pub version: i64,
    pub identities: Vec<SourceIdentity>,
    /// NHS numbers from the person's sources: some sources name an item's subject only by number.
    #[serde(default)]
    pub numbers: Vec<NhsNumber>,
    /// Sources with a record under the same NHS number that may belong to another person.
    #[serde(default)]
    pub doubts: Vec<Doubt>,
}

/// A record under the same NHS number with another first name. A data steward decides whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    pub source: SourceId,
    pub other_sex: bool,
    pub other_birth_date: bool,
}

/// An identity and the source of its demographics (`GET /v1/people/{id}/identifiers`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    pub source: String,
    pub linked_because: String,
    pub has_nhs_number: bool,
}

/// A review: whether two records with one NHS number belong to one person. For data stewards.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LinkReview {
    pub id: Uuid,
    pub opened_at: Timestamp,
    /// The source of the doubtful record.
    pub source: SourceId,
    /// What that record says.
    pub doubtful: PatientSummary,
    /// The person who has the number.
    pub holder: PatientSummary,
    pub holder_sources: Vec<SourceId>,
    pub other_sex: bool,
    pub other_birth_date: bool,
}

/// Open reviews, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ReviewPage {
    pub reviews: Vec<LinkReview>,
    /// Reviews of this page about people who may not be shown.
    pub not_shown: u32,
    /// Where the next page starts.
    pub after: Option<Uuid>,
}

/// A data steward's decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LinkDecision {
    /// The records belong to one person.
    Link,
    /// The records belong to two people, and the number is not the doubtful record's.
    Separate,
}

/// `POST /v1/reviews/{id}`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecideReview {
    pub decision: LinkDecision,
    /// At most 500 characters.
    #[schema(min_length = 1, max_length = 500)]
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
    /// The summary of one person, under a view that has its decision or gets one.
    async fn summary(&self, caller: &Caller, person: PersonId, view: ViewId) -> Result<PatientSummary, Failure>;
    /// The summaries of people on the caller's care list, in the order asked. People whom the caller may not open are left
    /// out. At most [`MAX_LISTED`](crate::care_list::MAX_LISTED) people.
    async fn summaries(
        &self,
        caller: &Caller,
        people: Vec<PersonId>,
        view: ViewId,
    ) -> Result<Vec<PatientSummary>, Failure> {
        let _ = (caller, people, view);
        Err(Failure::not_found())
    }
    /// The person whom a source knows by this id, for a launch from the source's own system. Decided and recorded like a
    /// search. `None` if there is none.
    async fn person_of(&self, caller: &Caller, identity: SourceIdentity) -> Result<Option<PatientSummary>, Failure> {
        let _ = (caller, identity);
        Err(Failure::not_found())
    }
    /// Only for record-aggregation.
    async fn resolve(&self, caller: &Caller, person: PersonId) -> Result<PersonIdentities, Failure>;
    /// The person that a signed-in patient is, by the verified number of their sign-in. `None` until it is linked.
    async fn own(&self, caller: &Caller) -> Result<Option<PersonId>, Failure>;
    async fn identifiers(&self, caller: &Caller, person: PersonId) -> Result<Vec<Identifier>, Failure>;
    /// Open reviews of doubtful links, for data stewards.
    async fn reviews(&self, caller: &Caller, after: Option<Uuid>) -> Result<ReviewPage, Failure>;
    /// Decides a review. Returns once the decision is on disk and on the log.
    async fn decide_review(&self, caller: &Caller, id: Uuid, decision: DecideReview) -> Result<(), Failure>;
    /// The number of people, for `/readyz` and the start-up line.
    async fn count(&self) -> Result<u64, Failure>;
}
