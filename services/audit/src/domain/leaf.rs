//! What stands in the tree for an entry: 32 bytes that give nothing away and can be opened by whoever holds the
//! entry and its salt (design section 8). An entry can reach its retention end without breaking the tree.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

/// Keeps these commitments apart from any other hash of the same bytes.
const DOMAIN: &[u8] = b"leedscarerecord.example/audit-entry/v1\0";

/// Which half of an entry a leaf stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeafKind {
    Opened,
    Completed,
    /// A sign-in became or stopped being a person's.
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

    pub fn of_name(name: &str) -> Option<Self> {
        [Self::Opened, Self::Completed, Self::Login].into_iter().find(|kind| kind.as_str() == name)
    }
}

/// A leaf with what opens it: for those whose desk the log is, never public.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenLeaf {
    pub index: u64,
    pub kind: LeafKind,
    pub id: Uuid,
    /// 16 bytes, base64url.
    pub salt: String,
    /// The row as it is now, in the form that was hashed; `None` once its retention ended.
    pub canonical: Option<String>,
    /// What searches find an entry by, beside the row: organisation and people. `None` for completions.
    #[serde(default)]
    pub indexed: Option<Indexed>,
    /// What the log itself says of the row: for rows whose text the reader may not have.
    #[serde(default)]
    pub state: Option<RowState>,
}

/// How a row stands to its leaf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RowState {
    Whole,
    Altered,
    Gone,
    /// Searches do not find it by what it says.
    Misfiled,
}

impl RowState {
    pub fn words(self) -> &'static str {
        match self {
            Self::Whole => "is whole",
            Self::Altered => "was altered",
            Self::Gone => "is gone",
            Self::Misfiled => "is not found by what it says",
        }
    }
}

/// What the log is searched by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Indexed {
    pub org: String,
    /// Sorted.
    pub people: Vec<Uuid>,
    /// Organisations and those of their people that it is about, sorted.
    #[serde(default)]
    pub concerned: Vec<(String, Uuid)>,
}

impl Indexed {
    /// Where the leaf has another form of the row than the whole one, it says nothing of whose people it is about: what
    /// searches find it by is held against the whole row here, and left out.
    pub fn leave_out_unsaid(&mut self, whole: &str, hashed: &str) {
        if whole != hashed && said(whole).is_some_and(|said| said == *self) {
            self.concerned.clear();
        }
    }
}

impl OpenLeaf {
    /// Whether the row still opens its leaf; no, for one that is gone.
    pub fn opens(&self, leaf: &[u8; 32]) -> bool {
        let salt = URL_SAFE_NO_PAD.decode(&self.salt);
        let row = self.canonical.as_ref();
        salt.is_ok_and(|salt| row.is_some_and(|text| commitment(&salt, text) == *leaf))
    }
}

impl OpenLeaf {
    /// How the row stands to `leaf`: worked out from its text, or taken from the log where the reader has no text.
    pub fn stands(&self, leaf: &[u8; 32]) -> RowState {
        match (&self.canonical, self.state) {
            (None, Some(state)) => state,
            (None, None) => RowState::Gone,
            (Some(_), _) if !self.opens(leaf) => RowState::Altered,
            (Some(_), _) if !self.is_found_as_said() => RowState::Misfiled,
            (Some(_), _) => RowState::Whole,
        }
    }

    /// The same leaf without the row's text, for those who may not read it.
    #[must_use]
    pub fn without_text(self) -> Self {
        Self { canonical: None, indexed: None, ..self }
    }

    /// Whether searches find the entry by what it says; yes, for a completion.
    pub fn is_found_as_said(&self) -> bool {
        let (Some(indexed), Some(canonical)) = (&self.indexed, &self.canonical) else { return true };
        said(canonical).is_some_and(|said| said == *indexed)
    }
}

/// What an entry is found by, as the hashed row has it: column 5 is the actor, 10 the people, 14 whose they are, counted
/// from 0.
fn said(canonical: &str) -> Option<Indexed> {
    let columns: Vec<serde_json::Value> = serde_json::from_str(canonical).ok()?;
    let actor: serde_json::Value = serde_json::from_str(columns.get(5)?.as_str()?).ok()?;
    let mut people: Vec<Uuid> = serde_json::from_str(columns.get(10)?.as_str()?).ok()?;
    people.sort_unstable();
    people.dedup();
    let concerned = columns.get(14).and_then(serde_json::Value::as_str).unwrap_or("{}");
    let concerned: BTreeMap<String, Vec<Uuid>> = serde_json::from_str(concerned).ok()?;
    let pairs =
        concerned.into_iter().flat_map(|(org, people)| people.into_iter().map(move |one| (org.clone(), one)));
    let mut concerned: Vec<(String, Uuid)> = pairs.collect();
    concerned.sort_unstable();
    concerned.dedup();
    Some(Indexed { org: actor.get("org")?.as_str()?.to_owned(), people, concerned })
}

/// `SHA-256(domain || salt || canonical)`.
pub fn commitment(salt: &[u8], canonical: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(DOMAIN);
    hash.update(salt);
    hash.update(canonical.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_changes_with_salt_and_with_every_byte() {
        let one = commitment(b"0123456789abcdef", r#"["a",1]"#);
        assert_ne!(one, commitment(b"0123456789abcdeg", r#"["a",1]"#));
        assert_ne!(one, commitment(b"0123456789abcdef", r#"["a",2]"#));
        assert_eq!(one, commitment(b"0123456789abcdef", r#"["a",1]"#));
    }
}
