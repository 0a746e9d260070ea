//! The seventeen datasets: the unit of agreements, decisions and record sections. The names must not change: tokens,
//! agreements and URLs hold them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! datasets {
    // `ToSchema` reads a name only as a plain token, not as a `literal` fragment.
    ($($variant:ident $name:tt $title:literal),+ $(,)?) => {
        /// The kind of information of an entry, in the order of a record.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        pub enum Dataset { $(#[serde(rename = $name)] $variant),+ }

        impl Dataset {
            pub const ALL: &'static [Dataset] = &[$(Dataset::$variant),+];

            /// The fixed name, as in URLs and agreements.
            pub fn as_str(self) -> &'static str {
                match self { $(Dataset::$variant => $name),+ }
            }

            /// The name on pages.
            pub fn title(self) -> &'static str {
                match self { $(Dataset::$variant => $title),+ }
            }
        }
    };
}

datasets! {
    Demographics "demographics" "Demographics",
    Alerts "alerts" "Alerts",
    Allergies "allergies" "Allergies",
    Medications "medications" "Medications",
    Diagnoses "diagnoses" "Diagnoses",
    Results "results" "Results",
    Documents "documents" "Documents",
    Encounters "encounters" "Encounters",
    Referrals "referrals" "Referrals",
    Appointments "appointments" "Appointments",
    Procedures "procedures" "Procedures",
    Immunisations "immunisations" "Immunisations",
    Contacts "contacts" "Contacts",
    SocialCare "social-care" "Social care",
    CarePlans "care-plans" "Care plans",
    EndOfLife "end-of-life" "End of life",
    Safeguarding "safeguarding" "Safeguarding",
}

impl fmt::Display for Dataset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// No dataset has this name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no dataset has this name")]
pub struct UnknownDataset;

impl FromStr for Dataset {
    type Err = UnknownDataset;
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|dataset| dataset.as_str() == text).ok_or(UnknownDataset)
    }
}
