//! The form of a row that is hashed into the tree. It must never change for a stored row.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter};
use uuid::Uuid;

use super::{
    tables::{completion, opened},
    to_text,
};
use crate::domain::{
    leaf::{LeafKind, commitment},
    row_code::RowKey,
};

/// A row in the form that is hashed into the tree, with its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CanonicalRow {
    /// The columns in order, as a JSON array.
    pub text: String,
    /// The form of the previous version, without the organisations concerned.
    pub previous_text: Option<String>,
    pub code: Option<Vec<u8>>,
}

impl CanonicalRow {
    /// The form that was hashed into the leaf with `salt`. A leaf of the previous version's sequencer is accepted if the
    /// log's code covers the whole row. If neither form matches the leaf, this is the whole row.
    pub fn committed_text(&self, key: &RowKey, salt: &[u8], leaf: &[u8]) -> &str {
        let matches = |text: &str| commitment(salt, text)[..] == *leaf;
        let has_valid_code = || self.code.as_ref().is_some_and(|code| key.verify(&self.text, code));
        match &self.previous_text {
            Some(previous) if !matches(&self.text) && matches(previous) && has_valid_code() => previous,
            _ => &self.text,
        }
    }
}

/// The rows of leaves in their hashed form. Rows that are gone are left out.
pub async fn find_canonical(
    db: &impl ConnectionTrait,
    leaves: &[(LeafKind, Uuid)],
) -> Result<HashMap<(LeafKind, Uuid), CanonicalRow>, DbErr> {
    let mut rows = HashMap::with_capacity(leaves.len());
    for chunk in leaves.chunks(500) {
        let ids_of =
            |kind: LeafKind| chunk.iter().filter(move |leaf| leaf.0 == kind).map(|leaf| leaf.1).collect::<Vec<Uuid>>();
        let opened = ids_of(LeafKind::Opened);
        if !opened.is_empty() {
            for row in opened::Entity::find().filter(opened::Column::Id.is_in(opened)).all(db).await? {
                rows.insert((LeafKind::Opened, row.id), to_canonical(row)?);
            }
        }
        let completed = ids_of(LeafKind::Completed);
        if !completed.is_empty() {
            for row in completion::Entity::find().filter(completion::Column::Id.is_in(completed)).all(db).await? {
                rows.insert((LeafKind::Completed, row.id), completion_to_canonical(row)?);
            }
        }
        let logins = ids_of(LeafKind::Login);
        if !logins.is_empty() {
            let found = crate::store::login_claim::find_canonical(db, logins).await?;
            rows.extend(found.into_iter().map(|(id, row)| ((LeafKind::Login, id), row)));
        }
    }
    Ok(rows)
}

fn completion_to_canonical(mut row: completion::Model) -> Result<CanonicalRow, DbErr> {
    Ok(CanonicalRow { code: row.code.take(), text: completion_text(row)?, previous_text: None })
}

pub(super) fn to_canonical(mut row: opened::Model) -> Result<CanonicalRow, DbErr> {
    let code = row.code.take();
    let previous = row.concerned.is_some().then(|| entry_text(opened::Model { concerned: None, ..row.clone() }));
    Ok(CanonicalRow { previous_text: previous.transpose()?, text: entry_text(row)?, code })
}

pub(super) fn completion_text(r: completion::Model) -> Result<String, DbErr> {
    to_text(&("completed", r.id, r.view, r.person, r.at, r.shown))
}

/// An entry's columns in order. An entry about a choice has one more column, and one that concerns organisations two more.
/// No other form may change, or older leaves no longer match. `domain/leaf.rs` numbers the columns.
pub(super) fn entry_text(r: opened::Model) -> Result<String, DbErr> {
    let columns = (
        "opened",
        r.id,
        r.view,
        r.at,
        r.user,
        r.actor,
        r.audience,
        r.what,
        r.outcome,
        r.reason,
        r.people,
        r.datasets,
        r.policy_version,
    );
    let mut text = to_text(&columns)?;
    if r.choice.is_some() || r.concerned.is_some() {
        text.pop();
        text.extend([",", to_text(&r.choice)?.as_str()]);
        if let Some(concerned) = r.concerned {
            text.extend([",", to_text(&concerned)?.as_str()]);
        }
        text.push(']');
    }
    Ok(text)
}
