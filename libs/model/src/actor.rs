//! The actor of a request: role, organisation and purpose. What a role may see must be decided by policy, not here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{OdsCode, SessionId, UserId};

macro_rules! names {
    // `ToSchema` reads a name only as a plain token, not as a `literal` fragment.
    ($(#[$doc:meta])* $type:ident $error:literal { $($variant:ident $name:tt),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum $type { $(#[serde(rename = $name)] $variant),+ }

        impl $type {
            pub const ALL: &'static [$type] = &[$($type::$variant),+];
            pub fn as_str(self) -> &'static str {
                match self { $($type::$variant => $name),+ }
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $type {
            type Err = UnknownName;
            fn from_str(text: &str) -> Result<Self, UnknownName> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or(UnknownName($error))
            }
        }
    };
}

pub(crate) use names;

/// A name that is not in its closed list. Holds the name of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(pub &'static str);

names! {
    /// The roles (`services/consent/ACCESS.md`). `fhir-client` and `feeds-client` are machines.
    Role "role" {
        Gp "gp", PracticeManager "practice-manager", Receptionist "receptionist", Consultant "consultant",
        EdClinician "ed-clinician", WardNurse "ward-nurse", CommunityNurse "community-nurse",
        SocialWorker "social-worker", ChildrensSocialWorker "childrens-social-worker",
        MentalHealth "mental-health", Pharmacist "pharmacist", Paramedic "paramedic",
        OutOfHoursGp "out-of-hours-gp", CareHome "care-home", PrivacyOfficer "privacy-officer",
        CaldicottGuardian "caldicott-guardian", DataSteward "data-steward", OrgAdmin "org-admin",
        PlatformAdmin "platform-admin", Commissioner "commissioner", Patient "patient",
        ProxyParent "proxy-parent", FeedsClient "feeds-client", FhirClient "fhir-client",
    }
}

impl Role {
    /// The role as people read it, without an article.
    pub fn words(self) -> &'static str {
        match self {
            Self::Gp => "GP",
            Self::PracticeManager => "practice manager",
            Self::Receptionist => "receptionist",
            Self::Consultant => "hospital doctor",
            Self::EdClinician => "emergency department clinician",
            Self::WardNurse => "ward nurse",
            Self::CommunityNurse => "community nurse",
            Self::SocialWorker => "social worker",
            Self::ChildrensSocialWorker => "children's social worker",
            Self::MentalHealth => "mental health clinician",
            Self::Pharmacist => "pharmacist",
            Self::Paramedic => "paramedic",
            Self::OutOfHoursGp => "out-of-hours GP",
            Self::CareHome => "care home nurse",
            Self::PrivacyOfficer => "privacy officer",
            Self::CaldicottGuardian => "Caldicott guardian",
            Self::DataSteward => "data steward",
            Self::OrgAdmin => "administrator",
            Self::PlatformAdmin => "platform administrator",
            Self::Commissioner => "commissioner",
            Self::Patient => "patient",
            Self::ProxyParent => "parent",
            Self::FeedsClient | Self::FhirClient => "computer system",
        }
    }
}

names! {
    /// The purpose of access.
    Purpose "purpose" {
        DirectCare "direct-care", OwnRecord "own-record", Audit "audit",
        Stewardship "stewardship", Administration "administration", Feeds "feeds",
    }
}

names! {
    /// Person or machine; the log tells them apart.
    ActorKind "kind" { Person "person", Patient "patient", Client "client" }
}

names! {
    /// The services, which are also the audiences of service tokens and permits.
    ServiceName "service" {
        Gateway "gateway", Identity "identity", Consent "consent", PatientIndex "patient-index",
        RecordAggregation "record-aggregation", VirtualWard "virtual-ward", Audit "audit",
        Feeds "feeds", Operator "operator",
    }
}

/// A signed-in user, as identity vouches for the next five minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Actor {
    pub user: UserId,
    pub kind: ActorKind,
    /// A display name: "Dr Aisha Khan", or a patient's own name.
    pub name: String,
    pub org: OdsCode,
    pub role: Role,
    pub purpose: Purpose,
    pub session: SessionId,
}
