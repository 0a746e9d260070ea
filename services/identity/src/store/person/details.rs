//! What the directory says of a person, and its words for where it came from.

use serde::{Deserialize, Serialize};

/// Who made a person's row, or changed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PersonSource {
    SignIn,
    Scim,
    Portal,
    /// A granted request for access.
    Request,
}

impl PersonSource {
    const ALL: [Self; 4] = [Self::SignIn, Self::Scim, Self::Portal, Self::Request];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::SignIn => "sign-in",
            Self::Scim => "scim",
            Self::Portal => "portal",
            Self::Request => "request",
        }
    }

    pub(super) fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == name)
    }
}

/// An e-mail address as the organisation's directory states it. No mail is ever sent to it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Email {
    pub value: String,
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(default)]
    pub primary: bool,
}

/// The sealed part of a row.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonDetails {
    /// The name that they sign in with. Empty if it is not known.
    #[serde(default)]
    pub user_name: String,
    /// The provider's own id of the person.
    #[serde(default)]
    pub external_id: Option<String>,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub given_name: String,
    #[serde(default)]
    pub family_name: String,
    #[serde(default)]
    pub emails: Vec<Email>,
}
