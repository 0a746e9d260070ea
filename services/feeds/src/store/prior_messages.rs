//! Finds which messages were accepted before, for all messages of a set at once. A message must count as a duplicate only
//! if its source, control id and bytes are the same.

use std::collections::HashSet;

use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QuerySelect};

use super::message::{
    Row,
    entity::{Column, Entity},
};

/// Messages per statement.
const BATCH_SIZE: usize = 500;
/// The most rows that are read for the control ids of a statement. A sender that always uses the same control id has
/// more, and then each message is searched for alone.
const MAX_FOUND: u64 = 1_000;

/// An earlier message with the same control id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PriorMessage {
    Absent,
    /// It had the same bytes and was accepted.
    Same,
    /// It had other bytes.
    ControlIdReused,
}

/// The accepted messages that share a control id or their bytes with the messages of a set.
#[derive(Default)]
pub struct PriorMessages {
    /// Digests of source, control id and content.
    once: HashSet<String>,
    /// Sources and control ids.
    control_ids: HashSet<(String, String)>,
}

impl PriorMessages {
    /// Reads the earlier messages of these rows.
    pub async fn of(tx: &impl ConnectionTrait, rows: &[&Row]) -> Result<Self, DbErr> {
        let accepted: Vec<&Row> = rows.iter().copied().filter(|row| row.once.is_some()).collect();
        let mut prior = Self::default();
        for chunk in accepted.chunks(BATCH_SIZE) {
            prior.once.extend(find_once(tx, chunk).await?);
            prior.control_ids.extend(find_control_ids(tx, chunk).await?);
        }
        Ok(prior)
    }

    pub fn find(&self, row: &Row) -> PriorMessage {
        match &row.once {
            Some(once) if self.once.contains(once) => PriorMessage::Same,
            Some(_) if source_and_id(row).is_some_and(|pair| self.control_ids.contains(&pair)) => {
                PriorMessage::ControlIdReused
            }
            _ => PriorMessage::Absent,
        }
    }

    /// Adds a message of the set itself: the later ones may repeat it.
    pub fn add(&mut self, row: &Row) {
        if let Some(once) = &row.once {
            self.once.insert(once.clone());
            self.control_ids.extend(source_and_id(row));
        }
    }
}

fn source_and_id(row: &Row) -> Option<(String, String)> {
    Some((row.source.clone()?, row.control_id.clone()))
}

async fn find_once(tx: &impl ConnectionTrait, rows: &[&Row]) -> Result<Vec<String>, DbErr> {
    let digests: Vec<&str> = rows.iter().filter_map(|row| row.once.as_deref()).collect();
    let find = Entity::find().select_only().column(Column::Once).filter(Column::Once.is_in(digests));
    let found: Vec<Option<String>> = find.into_tuple().all(tx).await?;
    Ok(found.into_iter().flatten().collect())
}

async fn find_control_ids(tx: &impl ConnectionTrait, rows: &[&Row]) -> Result<Vec<(String, String)>, DbErr> {
    let ids: HashSet<&str> = rows.iter().map(|row| row.control_id.as_str()).collect();
    let find = Entity::find()
        .select_only()
        .column(Column::Source)
        .column(Column::ControlId)
        .filter(Column::ControlId.is_in(ids))
        .filter(Column::Once.is_not_null())
        .limit(MAX_FOUND);
    let found: Vec<(Option<String>, String)> = find.into_tuple().all(tx).await?;
    if u64::try_from(found.len()).is_ok_and(|found| found < MAX_FOUND) {
        return Ok(found.into_iter().filter_map(|(source, id)| Some((source?, id))).collect());
    }
    let mut used = vec![];
    for row in rows {
        if is_control_id_used(tx, row).await? {
            used.extend(source_and_id(row));
        }
    }
    Ok(used)
}

async fn is_control_id_used(tx: &impl ConnectionTrait, row: &Row) -> Result<bool, DbErr> {
    let Some(source) = &row.source else { return Ok(false) };
    let same_id = Entity::find()
        .filter(Column::ControlId.eq(&row.control_id))
        .filter(Column::Source.eq(source))
        .filter(Column::Once.is_not_null());
    Ok(same_id.one(tx).await?.is_some())
}
