//! The closed lists of names that services exchange, in one place to search: kinds of systems and organisations here, the
//! others re-exported. A name of another version must neither fail a message nor be lost.

pub use lcr_model::{
    CareLinkKind, ClaimReason, Clearance, Dataset, Label, OverrideReason, Permission, Purpose, Relationship,
    RelationshipKind, Role, SourceState,
};

pub use crate::{
    audit::{AccessKind, Outcome},
    choices::{ChoiceMaker, ChoiceStatus, Direction},
    claims::ClaimOutcome,
    consent::Refusal,
    data::reason::ReasonCode,
    events::PersonMark,
    failure::FailureKind,
    partners::organisation::Duty,
    record::{Mark, MissingReason, Omission},
    registry::{DatasetSwitch, FurtherKind, PartnerState, Stage},
};

lcr_model::open_names! {
    /// The kind of care that a source system holds. `added` is a system of `lcr up --source`.
    SystemKind {
        Gp "gp", Hospital "hospital", Community "community", MentalHealth "mental-health", SocialCare "social-care",
        Pharmacy "pharmacy", Authority "authority", Discreet "discreet", Added "added",
    }
}

lcr_model::open_names! {
    /// The kind of an organisation.
    OrganisationKind {
        GpPractice "gp-practice", NeighbourhoodTeam "neighbourhood-team", Acute "acute", HospitalSite "hospital-site",
        Community "community", MentalHealth "mental-health", SocialCare "social-care", SexualHealth "sexual-health",
        OutOfHours "out-of-hours", Ambulance "ambulance", Pharmacy "pharmacy", CareHome "care-home",
        Commissioner "commissioner", Authority "authority", RecordOffice "record-office", Added "added",
    }
}

lcr_model::open_names! {
    /// How queries to a source go.
    QueryState {
        Answering "answering", Failing "failing",
        /// Not queried for a while after failures.
        Paused "paused",
        NotAskedYet "not-asked-yet", Suspended "suspended",
    }
}

#[cfg(test)]
#[path = "vocabulary_tests.rs"]
mod tests;
