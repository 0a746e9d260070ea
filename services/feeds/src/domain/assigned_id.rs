//! Makes the local id of a source's number: the number itself, or a keyed hash if it contains an NHS number. An NHS
//! number must never leave as a local id.

use lcr_model::{LocalId, LocalIdKey, NhsNumber, SourceId};

use super::identity::with_scope;

/// A local id, with the ids in clear that older versions gave to the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedId {
    pub id: LocalId,
    /// First as sent, then in the usual spellings of an NHS number. Empty if the id is not a hash.
    pub in_clear: Vec<LocalId>,
}

impl AssignedId {
    /// The id of a number. `scope` names its authority, unless that is the source.
    pub fn of(key: &LocalIdKey, source: &SourceId, scope: Option<&str>, number: &str) -> Self {
        match key.hash(source, scope, number) {
            Some(id) => Self { id, in_clear: in_clear(scope, number) },
            None => Self { id: LocalId(with_scope(number, scope)), in_clear: vec![] },
        }
    }

    /// The id of a number that the sender marks as an NHS number, even if its check digit is wrong.
    pub fn of_nhs_number(key: &LocalIdKey, source: &SourceId, scope: Option<&str>, number: &str) -> Self {
        Self { id: key.hash_any(source, scope, number), in_clear: in_clear(scope, number) }
    }
}

fn in_clear(scope: Option<&str>, number: &str) -> Vec<LocalId> {
    let spellings = NhsNumber::parse(number).map_or_else(
        |_| vec![],
        |number| {
            let spaced = number.spaced();
            vec![number.as_str().to_owned(), spaced.replace(' ', "-"), spaced]
        },
    );
    let mut all = vec![LocalId(with_scope(number, scope))];
    for spelling in spellings {
        let id = LocalId(with_scope(&spelling, scope));
        if !all.contains(&id) {
            all.push(id);
        }
    }
    all
}

#[cfg(test)]
#[path = "assigned_id_tests.rs"]
mod tests;
