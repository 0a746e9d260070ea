//! How far an organisation has come, from its registration to its end. Pure; nothing here may depend on the time.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The state of an organisation. A row of the version before has none, and is live.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PartnerState {
    /// Registered; the agreement is not signed.
    Draft,
    /// All who must have signed the agreement.
    Agreed,
    /// A source system or a sign-in provider is set up, and has not passed its check.
    Connecting,
    /// What is set up has passed its check.
    Conformant,
    #[default]
    Live,
    Suspended,
    Left,
}

impl PartnerState {
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Agreed, Self::Connecting, Self::Conformant, Self::Live, Self::Suspended, Self::Left];

    /// Whether an organisation may move from this state to `next`. Who has left begins again as a draft, and signs again.
    pub fn may_become(self, next: Self) -> bool {
        use PartnerState::{Agreed, Conformant, Connecting, Draft, Left, Live, Suspended};
        match (self, next) {
            (Draft, Agreed)
            | (Agreed, Connecting)
            | (Connecting, Conformant)
            | (Conformant, Connecting | Live)
            | (Live, Suspended)
            | (Suspended, Live)
            | (Left, Draft) => true,
            (from, Left) => from != Left,
            _ => false,
        }
    }

    /// Whether its staff may see records and its sources are read, if its agreement is signed.
    pub fn is_live(&self) -> bool {
        *self == Self::Live
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Agreed => "agreed",
            Self::Connecting => "connecting",
            Self::Conformant => "conformant",
            Self::Live => "live",
            Self::Suspended => "suspended",
            Self::Left => "left",
        }
    }
}

impl std::fmt::Display for PartnerState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
#[path = "partner_state_tests.rs"]
mod tests;
