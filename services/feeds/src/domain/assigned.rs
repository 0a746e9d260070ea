//! The local id that a number of a source gives: the number, or a keyed hash where it holds an NHS number. An NHS number
//! must never leave as a local id.

use lcr_model::{LocalId, LocalIdKey, SourceId};

use super::identity::with_scope;

/// A local id, with the one in clear that versions before this rule gave to the same number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AssignedId {
    pub id: LocalId,
    /// `None` where the id is the number itself.
    pub in_clear: Option<LocalId>,
}

impl AssignedId {
    /// Of a number, with the name of its authority where the source alone does not say whose it is.
    pub fn of(key: &LocalIdKey, source: &SourceId, scope: Option<&str>, number: &str) -> Self {
        let plain = LocalId(with_scope(number, scope));
        match key.hash(source, scope, number) {
            Some(id) => Self { id, in_clear: Some(plain) },
            None => Self { id: plain, in_clear: None },
        }
    }

    /// Of a number that the sender says is an NHS number.
    pub fn of_nhs_number(key: &LocalIdKey, source: &SourceId, scope: Option<&str>, number: &str) -> Self {
        let in_clear = Some(LocalId(with_scope(number, scope)));
        Self { id: key.hash_any(source, scope, number), in_clear }
    }
}

#[cfg(test)]
#[path = "assigned_tests.rs"]
mod tests;
