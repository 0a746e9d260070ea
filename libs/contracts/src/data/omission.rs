//! Items that no list shows, counted by reason. The words of a reason are part of the JSON form and must not change.

use lcr_model::{Dataset, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Items of a source that no list shows, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct NotShown {
    pub source: SourceId,
    pub dataset: Dataset,
    pub reason: Omission,
    pub count: u32,
    /// Ids for reading the items as sent; at most `MOST_OMITTED_IDS`.
    #[serde(default)]
    pub items: Vec<String>,
}

/// The most ids in `NotShown`.
pub const MAX_OMITTED_IDS: usize = 20;

// `ToSchema` reads the words only as a plain token, not as a `literal` fragment.
macro_rules! omissions {
    ($($(#[$doc:meta])* $name:ident $words:tt,)+) => {
        /// Why no list shows an item. In JSON it is its words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
        pub enum Omission {
            $($(#[$doc])* #[serde(rename = $words)] $name,)+
            /// A reason of a later version.
            #[serde(other, rename = "for a reason not known here")]
            Unknown,
        }
        impl Omission {
            /// Every reason of this version.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ Self::Unknown => "for a reason not known here" }
            }
        }
    };
}

omissions! {
    EnteredInError "entered in error",
    /// A document that its author cancelled (HL7 v2 T11, TXA-17 and TXA-19) or marked as an error.
    Withdrawn "withdrawn, or entered in error",
    CouldNotBeRead "could not be read",
    /// An unknown `modifierExtension`, which may reverse its meaning.
    UnknownModifier "changed by a rule we do not know",
    RuledOut "ruled out",
    FamilyHistory "family history",
    Replaced "replaced by a newer version",
    Cancelled "cancelled",
    NotDone "not done",
    /// A contact or record that its source no longer uses.
    Inactive "no longer in use",
    /// It names another NHS number than the person's.
    OtherPerson "about another person",
    NotForTheRole "not shown to your role",
    /// Its source labels it as confidential. Nobody sees it until rules exist for such labels.
    Confidential "withheld, marked as confidential by its source",
    /// It is of a unit that is not yet switched on for this reader.
    NotYetOn "not yet switched on for you",
}

impl Omission {
    /// Whether the list may be wrong without the item, such as an unreadable allergy.
    pub fn hides_a_fact(self) -> bool {
        matches!(
            self,
            Self::CouldNotBeRead | Self::UnknownModifier | Self::Confidential | Self::NotYetOn | Self::Unknown
        )
    }
}

impl std::fmt::Display for Omission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words())
    }
}
