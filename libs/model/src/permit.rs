//! The permit: consent's signed statement that a view may show people's data, signed only after audit has committed the
//! entry. `Permit::verify` is its only constructor; only consent holds the signer. Every function that returns patient
//! data must take a `&Permit`.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    Clearance, Dataset, KeySet, Label, OdsCode, PersonId, Purpose, Relationship, Role, ServiceName, SessionId,
    SourceId, UserId, ViewId,
};

/// The JWS type: another kind of token is never a permit.
pub const PERMIT_TYP: &str = "lcr-permit";
/// The longest life of a permit, in seconds.
pub const MAX_AGE_SECONDS: i64 = 60;
/// Clock tolerance between services, in seconds.
const LEEWAY_SECONDS: i64 = 2;

/// The signed content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermitClaims {
    pub iss: ServiceName,
    pub aud: ServiceName,
    pub sub: UserId,
    pub org: OdsCode,
    pub role: Role,
    pub session: SessionId,
    pub purpose: Purpose,
    pub view_id: ViewId,
    pub policy_version: String,
    /// Seconds since the epoch.
    pub iat: i64,
    pub exp: i64,
    pub people: Vec<PersonGrant>,
}

/// What may be shown of one person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonGrant {
    pub person: PersonId,
    pub index_version: i64,
    pub epoch: u64,
    /// The relationship that grants access. `None` if none is needed, as for a search.
    #[serde(with = "crate::relationship::or_empty")]
    pub relationship: Option<Relationship>,
    pub grants: BTreeSet<(SourceId, Dataset)>,
    pub withheld: Vec<(SourceId, Dataset, WithheldReason)>,
    pub clearances: BTreeSet<Clearance>,
    pub hide: BTreeSet<Hide>,
    /// Sources with any dataset open to the reader, asked for or not. `None`: not decided, or by an earlier version.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sharing: Option<BTreeSet<SourceId>>,
    /// The confidentiality labels that the reader may see past. An item with any other label is withheld.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub labels: BTreeSet<Label>,
    /// Further labels that the reader may see past in one dataset alone, because an override opened it beside another link.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub dataset_labels: BTreeSet<(Dataset, Label)>,
    /// Units of a granted source and dataset that are not yet switched on for this reader, such as one practice of a shared
    /// system.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed_units: BTreeSet<(SourceId, Dataset, OdsCode)>,
}

/// Why a source and dataset is withheld, if policy lets us say so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WithheldReason {
    Role,
    NotAgreed,
    NotConnected,
    /// The source gives it, and the agreement of the reader's organisation does not let the organisation receive it.
    NotReceived,
    /// Agreed, and not yet switched on for this reader.
    NotYetOn,
    OptedOut,
    LocationProtected,
    /// A discreet source. Every reader sees the same text.
    Discreet,
    /// A reason of a later version. It withholds too, and pages say "not shown".
    #[serde(other)]
    Other,
}

/// Demographic details to hide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Hide {
    Address,
    Phone,
    Gp,
    Location,
}

/// Why a permit was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum PermitError {
    #[error("the permit's signature does not hold")]
    Signature,
    #[error("the permit is for another service")]
    Audience,
    #[error("the permit has expired or is not valid yet")]
    Expired,
    #[error("the permit does not name this person")]
    Person,
}

/// A verified permit. It cannot be built or deserialised, only verified.
#[derive(Debug, Clone)]
pub struct Permit(PermitClaims);

impl Permit {
    /// Verifies signature, issuer, audience and times.
    pub fn verify(bytes: &str, keys: &KeySet, audience: ServiceName, now: Timestamp) -> Result<Self, PermitError> {
        let claims: PermitClaims = keys.verify(PERMIT_TYP, bytes).map_err(|_| PermitError::Signature)?;
        if claims.iss != ServiceName::Consent {
            return Err(PermitError::Signature);
        }
        if claims.aud != audience {
            return Err(PermitError::Audience);
        }
        let now = now.as_second();
        let lives = claims.exp.saturating_sub(claims.iat);
        let current = claims.iat <= now + LEEWAY_SECONDS && now < claims.exp;
        if !current || lives > MAX_AGE_SECONDS {
            return Err(PermitError::Expired);
        }
        Ok(Self(claims))
    }

    pub fn claims(&self) -> &PermitClaims {
        &self.0
    }

    /// The grant for `person`, if the permit names them.
    pub fn for_person(&self, person: PersonId) -> Result<&PersonGrant, PermitError> {
        self.0.people.iter().find(|grant| grant.person == person).ok_or(PermitError::Person)
    }
}

impl PersonGrant {
    /// Whether the reader may learn that this source knows the person: not of a discreet service.
    pub fn may_name(&self, source: &str) -> bool {
        let mut discreet = self.withheld.iter().filter(|(_, _, reason)| *reason == WithheldReason::Discreet);
        !discreet.any(|(one, _, _)| one.as_str() == source)
    }

    pub fn allows(&self, source: &SourceId, dataset: Dataset) -> bool {
        self.grants.contains(&(source.clone(), dataset))
    }

    /// Whether the reader may see past this label in items of the dataset.
    pub fn opens_label(&self, dataset: Dataset, label: &Label) -> bool {
        self.labels.contains(label) || self.dataset_labels.contains(&(dataset, label.clone()))
    }

    /// The units of the source's dataset that are not yet switched on for the reader.
    pub fn closed_units(&self, source: &SourceId, dataset: Dataset) -> BTreeSet<&OdsCode> {
        let of_dataset = self.closed_units.iter().filter(|(one, of, _)| one == source && *of == dataset);
        of_dataset.map(|(.., unit)| unit).collect()
    }

    /// Whether a clearance limits this dataset.
    pub fn limits(&self, dataset: Dataset) -> bool {
        self.clearances.iter().any(|clearance| clearance.limits(dataset))
    }

    pub fn hides(&self, what: Hide) -> bool {
        self.hide.contains(&what)
    }
}

#[cfg(test)]
#[path = "permit_tests.rs"]
mod tests;
