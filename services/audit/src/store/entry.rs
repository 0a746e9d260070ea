//! Opened entries, the people they are about, and completions. A stored row must never be changed.

mod adoption;
mod append;
mod canonical;
mod complete;
mod query;
mod tables;

use std::collections::HashMap;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};
use serde::{Serialize, de::DeserializeOwned};
use uuid::Uuid;

use crate::domain::leaf::IndexTerms;

pub use adoption::{AdoptionIndex, adoption};
pub use append::{NewEntry, append, start_appends};
use canonical::to_canonical;
pub use canonical::{CanonicalRow, find_canonical};
pub use complete::{NewCompletion, append_completions, expects_completion};
pub use query::{Reader, choice_steps, claim_steps, find_concerning, find_entries, read_page};
pub use tables::{EntryPersonIndex, completion, concern, opened, subject};

pub(super) fn to_text<T: Serialize>(value: &T) -> Result<String, DbErr> {
    serde_json::to_string(value).map_err(|e| DbErr::Json(e.to_string()))
}

fn from_text<T: DeserializeOwned>(text: &str) -> Result<T, DbErr> {
    serde_json::from_str(text).map_err(|e| DbErr::Json(e.to_string()))
}

/// A value of a closed list, as its JSON string without quotes.
fn to_name<T: Serialize>(value: &T) -> Result<String, DbErr> {
    Ok(to_text(value)?.trim_matches('"').to_owned())
}

fn from_name<T: DeserializeOwned>(name: &str) -> Result<T, DbErr> {
    from_text(&format!("\"{name}\""))
}

/// The terms by which searches find these entries. Entries that are gone are left out.
pub async fn find_index_terms(db: &impl ConnectionTrait, ids: &[Uuid]) -> Result<HashMap<Uuid, IndexTerms>, DbErr> {
    let mut terms: HashMap<Uuid, IndexTerms> = HashMap::with_capacity(ids.len());
    for chunk in ids.chunks(500) {
        let orgs: Vec<(Uuid, String)> = opened::Entity::find()
            .select_only()
            .column(opened::Column::Id)
            .column(opened::Column::Org)
            .filter(opened::Column::Id.is_in(chunk.iter().copied()))
            .into_tuple()
            .all(db)
            .await?;
        let empty = |org| IndexTerms { org, people: vec![], concerned: vec![] };
        terms.extend(orgs.into_iter().map(|(id, org)| (id, empty(org))));
        let subjects = subject::Entity::find().filter(subject::Column::Entry.is_in(chunk.iter().copied()));
        for row in subjects.all(db).await? {
            if let Some(found) = terms.get_mut(&row.entry) {
                found.people.push(row.person);
            }
        }
        let concerns = concern::Entity::find().filter(concern::Column::Entry.is_in(chunk.iter().copied()));
        for row in concerns.all(db).await? {
            if let Some(found) = terms.get_mut(&row.entry) {
                found.concerned.push((row.org, row.person));
            }
        }
    }
    for found in terms.values_mut() {
        found.people.sort_unstable();
        found.concerned.sort_unstable();
    }
    Ok(terms)
}
