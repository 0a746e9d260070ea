//! Who is asking, in which role, for which organisation and why. What a role may see is policy, not here.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use crate::{OdsCode, SessionId, UserId};

macro_rules! names {
    ($(#[$doc:meta])* $type:ident $error:literal { $($variant:ident $name:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
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

/// A name outside its closed list; says which list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("unknown {0}")]
pub struct UnknownName(pub &'static str);

names! {
    /// The roles of `access.md`. `fhir-client` and `feeds-client` are machines.
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

names! {
    /// Why data is looked at.
    Purpose "purpose" {
        DirectCare "direct-care", OwnRecord "own-record", Audit "audit",
        Stewardship "stewardship", Administration "administration", Feeds "feeds",
    }
}

names! {
    /// Person or machine (Q-26: the log tells them apart).
    ActorKind "kind" { Person "person", Patient "patient", Client "client" }
}

names! {
    /// The services; also the audiences of service tokens and permits.
    ServiceName "service" {
        Gateway "gateway", Identity "identity", Consent "consent", PatientIndex "patient-index",
        RecordAggregation "record-aggregation", VirtualWard "virtual-ward", Audit "audit",
        Feeds "feeds", Operator "operator",
    }
}

/// Somebody signed in, as identity vouches for them for the next few minutes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Actor {
    pub user: UserId,
    pub kind: ActorKind,
    /// A display name of staff ("Dr Aisha Khan"); for patients their own.
    pub name: String,
    pub org: OdsCode,
    pub role: Role,
    pub purpose: Purpose,
    pub session: SessionId,
}
