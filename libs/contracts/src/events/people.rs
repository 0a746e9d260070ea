//! Events of patient-index: people and their identities. They must hold only ids and marks.

use lcr_model::{OdsCode, PersonId, SourceIdentity};
use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};

lcr_model::open_names! {
    /// What the demographics authority states of a person.
    PersonMark { Restricted "restricted", Died "died" }
}

impl PersonMark {
    /// The marks as one text, for a database.
    pub fn join(marks: &[Self]) -> String {
        marks.iter().map(Self::as_str).collect::<Vec<_>>().join(",")
    }

    /// Whether a text of `join` has this mark.
    pub fn is_in(&self, joined: &str) -> bool {
        joined.split(',').any(|mark| mark == self.as_str())
    }
}

/// A person was linked, updated or merged. Only ids and marks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PersonChanged {
    pub person: PersonId,
    pub version: i64,
    pub identities: Vec<SourceIdentity>,
    /// The registered practice, from the demographics authority or the GP system.
    pub practice: Option<OdsCode>,
    pub marks: Vec<PersonMark>,
}

event!(PersonChanged, People, "people.updated", |event| event.person.to_string(), |event| event.version);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found_in_their_database_text() {
        let text = PersonMark::join(&[PersonMark::Restricted, PersonMark::from("of-a-later-version")]);
        assert_eq!(text, "restricted,of-a-later-version");
        assert!(PersonMark::Restricted.is_in(&text) && !PersonMark::Died.is_in(&text) && !PersonMark::Died.is_in(""));
    }
}
