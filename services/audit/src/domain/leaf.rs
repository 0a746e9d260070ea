//! Leaves: a 32-byte salted commitment to half an entry. It must reveal nothing without the row and its salt. So a row can be
//! deleted at the end of its retention without breaking the tree.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

/// Separates these commitments from any other hash of the same bytes.
const HASH_DOMAIN: &[u8] = b"leedscarerecord.example/audit-entry/v1\0";

/// The kind of row that a leaf commits to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LeafKind {
    Opened,
    Completed,
    /// A sign-in was linked to a person, or unlinked.
    Login,
}

impl LeafKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Completed => "completed",
            Self::Login => "login",
        }
    }

    pub fn from_name(name: &str) -> Option<Self> {
        [Self::Opened, Self::Completed, Self::Login].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A leaf with its row and salt. For officers only, never public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenLeaf {
    pub index: u64,
    pub kind: LeafKind,
    pub id: Uuid,
    /// 16 bytes, base64url.
    pub salt: String,
    /// The current row in its hashed form. `None` after the end of its retention.
    pub canonical: Option<String>,
    /// The terms by which searches find the entry. `None` for completions.
    #[serde(default)]
    pub indexed: Option<IndexTerms>,
    /// The state that the log reports, for rows whose text the reader may not see.
    #[serde(default)]
    pub state: Option<RowState>,
}

/// The state of a row compared with its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RowState {
    Whole,
    Altered,
    Gone,
    /// The search index differs from the row.
    Misfiled,
}

impl RowState {
    pub fn description(self) -> &'static str {
        match self {
            Self::Whole => "is whole",
            Self::Altered => "was altered",
            Self::Gone => "is gone",
            Self::Misfiled => "is not found by what it says",
        }
    }
}

/// The terms by which searches find an entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IndexTerms {
    pub org: String,
    /// Sorted.
    pub people: Vec<Uuid>,
    /// The organisations concerned with their people, sorted.
    #[serde(default)]
    pub concerned: Vec<(String, Uuid)>,
}

impl IndexTerms {
    /// Clears `concerned` if the leaf commits to a form without it. Compares the terms with the whole row first.
    pub fn clear_uncommitted(&mut self, whole_text: &str, committed_text: &str) {
        if whole_text != committed_text && parse_index_terms(whole_text).is_some_and(|terms| terms == *self) {
            self.concerned.clear();
        }
    }
}

impl OpenLeaf {
    /// Whether the row still matches its leaf. False for a row that is gone.
    pub fn matches(&self, leaf: &[u8; 32]) -> bool {
        let salt = URL_SAFE_NO_PAD.decode(&self.salt);
        let row = self.canonical.as_ref();
        salt.is_ok_and(|salt| row.is_some_and(|text| commitment(&salt, text) == *leaf))
    }

    /// The state of the row, from its text. Without text, the state that the log reported.
    pub fn row_state(&self, leaf: &[u8; 32]) -> RowState {
        match (&self.canonical, self.state) {
            (None, Some(state)) => state,
            (None, None) => RowState::Gone,
            (Some(_), _) if !self.matches(leaf) => RowState::Altered,
            (Some(_), _) if !self.is_indexed_correctly() => RowState::Misfiled,
            (Some(_), _) => RowState::Whole,
        }
    }

    /// Removes the row's text, for readers who may not see it.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { canonical: None, indexed: None, ..self }
    }

    /// Whether the search index agrees with the row. True for a completion.
    pub fn is_indexed_correctly(&self) -> bool {
        let (Some(indexed), Some(canonical)) = (&self.indexed, &self.canonical) else { return true };
        parse_index_terms(canonical).is_some_and(|terms| terms == *indexed)
    }
}

/// The columns of a hashed entry that searches use. `entry_text` in `store/entry/canonical.rs` writes the columns: column 0 is the
/// kind of row, 13 the choice.
const ACTOR_COLUMN: usize = 5;
const PEOPLE_COLUMN: usize = 10;
const CONCERNED_COLUMN: usize = 14;

/// The index terms that follow from a hashed entry.
fn parse_index_terms(canonical: &str) -> Option<IndexTerms> {
    let columns: Vec<serde_json::Value> = serde_json::from_str(canonical).ok()?;
    let actor: serde_json::Value = serde_json::from_str(columns.get(ACTOR_COLUMN)?.as_str()?).ok()?;
    let mut people: Vec<Uuid> = serde_json::from_str(columns.get(PEOPLE_COLUMN)?.as_str()?).ok()?;
    people.sort_unstable();
    people.dedup();
    let concerned = columns.get(CONCERNED_COLUMN).and_then(serde_json::Value::as_str).unwrap_or("{}");
    let concerned: BTreeMap<String, Vec<Uuid>> = serde_json::from_str(concerned).ok()?;
    let pairs = concerned.into_iter().flat_map(|(org, people)| people.into_iter().map(move |one| (org.clone(), one)));
    let mut concerned: Vec<(String, Uuid)> = pairs.collect();
    concerned.sort_unstable();
    concerned.dedup();
    Some(IndexTerms { org: actor.get("org")?.as_str()?.to_owned(), people, concerned })
}

/// `SHA-256(domain || salt || canonical)`.
pub fn commitment(salt: &[u8], canonical: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(HASH_DOMAIN);
    hash.update(salt);
    hash.update(canonical.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_changes_with_the_salt_and_every_byte() {
        let one = commitment(b"0123456789abcdef", r#"["a",1]"#);
        assert_ne!(one, commitment(b"0123456789abcdeg", r#"["a",1]"#));
        assert_ne!(one, commitment(b"0123456789abcdef", r#"["a",2]"#));
        assert_eq!(one, commitment(b"0123456789abcdef", r#"["a",1]"#));
    }
}
