//! Why a user who proved who they are is not signed in. The sign-in page says it in words. It must never say who they are.

use lcr_contracts::{Failure, FailureKind};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Their organisation is not in the registry. Only an administrator may sign in, to register it.
    NotRegistered,
    /// Their organisation has ended their access.
    Ended,
    /// Their organisation lets in only people of its directory.
    NotInDirectory,
    /// Neither their provider nor their organisation says what they do.
    NoRole,
    /// They proved who they are in a weaker way than needed.
    Assurance,
    /// NHS login has not fully proved who they are.
    NotProved,
    /// Their organisation is suspended. Its administrators may sign in.
    Suspended,
    /// Their organisation has left. Its administrators may sign in.
    Left,
    /// Their organisation changed or removed the provider while they signed in.
    ProviderChanged,
}

impl SignInRefusal {
    /// The value in the address of the sign-in page.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotRegistered => "not-registered",
            Self::Ended => "ended",
            Self::NotInDirectory => "not-in-directory",
            Self::NoRole => "no-role",
            Self::Assurance => "assurance",
            Self::NotProved => "not-proved",
            Self::Suspended => "suspended",
            Self::Left => "left",
            Self::ProviderChanged => "provider-changed",
        }
    }

    /// The refusal for a program, which has no page to read.
    pub fn failure(self) -> Failure {
        let (text, step) = match self {
            Self::NotRegistered => (
                "Your organisation's sign-in was not accepted. Start again.",
                "the organisation is not in the registry",
            ),
            Self::Ended => ("Your organisation has ended your access. Ask its administrator.", "access ended"),
            Self::NotInDirectory => {
                ("Your organisation's administrator has not added you. Ask them.", "not in the directory")
            }
            Self::NoRole => ("Your organisation's sign-in does not say what your role is.", "no known role"),
            Self::Assurance => ("Sign in with a stronger proof of who you are.", "the token's acr is not sufficient"),
            Self::NotProved => {
                ("NHS login has not fully proved who you are, so no record can be shown.", "less proof than P9")
            }
            Self::Suspended => (
                "Your organisation is suspended from the Leeds Care Record. Ask its administrator.",
                "the organisation is suspended",
            ),
            Self::Left => ("Your organisation has left the Leeds Care Record.", "the organisation has left"),
            Self::ProviderChanged => (
                "Your organisation has just changed how its staff sign in. Sign in again.",
                "the provider's row changed or is gone",
            ),
        };
        Failure::new(FailureKind::Unauthenticated, text).because(step)
    }
}
