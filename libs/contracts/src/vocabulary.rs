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

/// The roles of every organisation.
pub const SHARED_ROLES: [Role; 3] = [Role::OrgAdmin, Role::PrivacyOfficer, Role::CaldicottGuardian];

impl OrganisationKind {
    /// The roles that an organisation of this kind may give to its people: its own, and then the shared ones. One of a kind that
    /// this version does not know has the shared ones alone. No role of the platform is among them.
    pub fn roles(&self) -> Vec<Role> {
        self.own_roles().iter().copied().chain(SHARED_ROLES).collect()
    }

    /// The roles beside the shared ones. Empty if this version knows none.
    pub fn own_roles(&self) -> &'static [Role] {
        match self {
            Self::GpPractice => {
                &[Role::Gp, Role::PracticeManager, Role::Receptionist, Role::Pharmacist, Role::CommunityNurse]
            }
            Self::NeighbourhoodTeam => &[
                Role::Gp,
                Role::CommunityNurse,
                Role::SocialWorker,
                Role::MentalHealth,
                Role::Pharmacist,
                Role::Receptionist,
            ],
            Self::Acute | Self::HospitalSite => {
                &[Role::Consultant, Role::EdClinician, Role::WardNurse, Role::Pharmacist]
            }
            Self::Community => &[Role::CommunityNurse, Role::Consultant, Role::Pharmacist, Role::WardNurse],
            Self::MentalHealth => {
                &[Role::MentalHealth, Role::Consultant, Role::WardNurse, Role::CommunityNurse, Role::Pharmacist]
            }
            Self::SocialCare => &[Role::SocialWorker, Role::ChildrensSocialWorker],
            Self::SexualHealth => &[Role::Consultant, Role::CommunityNurse, Role::Pharmacist],
            Self::OutOfHours => &[Role::OutOfHoursGp, Role::CommunityNurse, Role::Receptionist],
            Self::Ambulance => &[Role::Paramedic],
            Self::Pharmacy => &[Role::Pharmacist],
            Self::CareHome => &[Role::CareHome],
            Self::Commissioner => &[Role::Commissioner],
            Self::RecordOffice => &[Role::DataSteward],
            Self::Authority | Self::Added | Self::Other(_) => &[],
        }
    }
}

#[cfg(test)]
#[path = "vocabulary_tests.rs"]
mod tests;
