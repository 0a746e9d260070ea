//! Every id in one table, each a type of its own so that one cannot be passed for another.
//! None may carry meaning a reader could decode, but for the source's own local ids, which print redacted.
//!
//! | id | made by | form |
//! |---|---|---|
//! | `PersonId` | patient-index | `UUIDv7`, never reused |
//! | `SourceIdentity` | the source | (source, local id) |
//! | `ViewId` | the data service | `UUIDv7` |
//! | `SpellId` | feeds | hash(source, visit number) |
//! | `SessionId`, `UserId` | identity | `UUIDv7` |
//! | `OdsCode` | NHS ODS | 3–12 letters and digits |

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, ordered by the time it was made.
            #[allow(clippy::new_without_default, reason = "an id is made on purpose, never by default")]
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    };
}

uuid_id!(
    /// A person as patient-index knows them. A merged one answers with its survivor.
    PersonId
);
uuid_id!(
    /// One view of one or more people's data: the thread through permit, audit and completion.
    ViewId
);
uuid_id!(
    /// A signed-in session.
    SessionId
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            pub fn new(text: impl Into<String>) -> Self {
                Self(text.into())
            }
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text_id!(
    /// A stay in hospital: a hash over the source and its visit number, or its local id and admission time.
    SpellId
);
text_id!(
    /// A source system in the registry, e.g. `st-hildas`.
    SourceId
);
text_id!(
    /// An organisation's ODS code.
    OdsCode
);
text_id!(
    /// A user: the id identity gave to (issuer, subject).
    UserId
);

/// A source's own id for a person or item. Printed redacted: hospital numbers identify people.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalId(pub String);

impl fmt::Debug for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalId(…)")
    }
}

/// A person as one source knows them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceIdentity {
    pub source: SourceId,
    pub local_id: LocalId,
}
