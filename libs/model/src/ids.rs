//! All ids, each with its own type so that they cannot be confused. No id may carry meaning that a reader could decode,
//! except a source's local ids, which print redacted.
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
use utoipa::ToSchema;
use uuid::Uuid;

macro_rules! uuid_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id, ordered by creation time.
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
    /// A person in patient-index. A merged id answers with its survivor.
    PersonId
);
uuid_id!(
    /// A view of one or more people's data. Links permit, audit entry and completion.
    ViewId
);
uuid_id!(
    /// A signed-in session.
    SessionId
);

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
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
    /// A stay in hospital: a hash of the source and its visit number, or of its local id and admission time.
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

impl OdsCode {
    /// Parses a code that a person typed: 3 to 12 letters and digits, in either case (NHS ODS).
    pub fn parse(text: &str) -> Option<Self> {
        let is_valid = (3..=12).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        is_valid.then(|| Self(text.to_ascii_uppercase()))
    }
}

text_id!(
    /// A user: identity's id for (issuer, subject).
    UserId
);

/// A source's own id of a person or item. Printed redacted, because hospital numbers identify people.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalId(pub String);

impl fmt::Debug for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LocalId(…)")
    }
}

/// A person in one source.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SourceIdentity {
    pub source: SourceId,
    pub local_id: LocalId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ods_code_has_three_to_twelve_letters_and_digits() {
        assert_eq!(OdsCode::parse("y90001"), Some(OdsCode::new("Y90001")));
        for wrong in ["", "RR", "ABCDEFGHIJKLM", "RR8-1", "RR8 ", "ÄRR"] {
            assert_eq!(OdsCode::parse(wrong), None, "{wrong}");
        }
    }
}
