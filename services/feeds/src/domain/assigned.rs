//! The local id that a number of a source gives: the number, or a keyed hash where it holds an NHS number. An NHS number
//! must never leave as a local id.

use lcr_model::{LocalId, LocalIdKey, NhsNumber, SourceId};

use super::identity::with_scope;

/// A local id, with those in clear that versions before this rule gave to the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedId {
    pub id: LocalId,
    /// As it is written first, then as people write an NHS number; none where the id is the number itself.
    pub in_clear: Vec<LocalId>,
}

impl AssignedId {
    /// Of a number, with the name of its authority where the source alone does not say whose it is.
    pub fn of(key: &LocalIdKey, source: &SourceId, scope: Option<&str>, number: &str) -> Self {
        match key.hash(source, scope, number) {
            Some(id) => Self { id, in_clear: in_clear(scope, number) },
            None => Self { id: LocalId(with_scope(number, scope)), in_clear: vec![] },
        }
    }

    /// Of a number that the sender says is an NHS number.
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
#[path = "assigned_tests.rs"]
mod tests;
