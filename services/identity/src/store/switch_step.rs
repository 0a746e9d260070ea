//! The steps of the staged switch-on: who switched what for whom, who signed it off, and what users said (Q-15, S-83). Each is
//! also the notice to those it reaches. A row must never change or be deleted.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::{
    partners::system::{Notice, SwitchStep},
    registry::Stage,
};
use lcr_model::{Dataset, OdsCode, SourceId, UserId};
use lcr_store::StoreError;
use sea_orm::{ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Set};
use uuid::Uuid;

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "switch_step")]
    pub struct Model {
        /// A time-ordered UUID, so that equal times keep their order.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: String,
        pub at: i64,
        pub system: String,
        pub dataset: String,
        pub unit: Option<String>,
        /// The organisation that the step is for. Empty: all.
        pub receiver: Option<String>,
        pub from_stage: String,
        pub to_stage: String,
        pub made_by: String,
        pub user: String,
        pub signed_off_by: String,
        pub user_view: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity, Model};

/// A step to store.
#[derive(Debug, Clone)]
pub struct NewStep<'s> {
    pub id: Uuid,
    pub at: Timestamp,
    pub step: &'s SwitchStep,
    pub from: Stage,
    pub by: String,
    pub user: &'s UserId,
}

pub async fn insert(tx: &impl ConnectionTrait, new: NewStep<'_>) -> Result<(), DbErr> {
    let NewStep { id, at, step, from, by, user } = new;
    let row = ActiveModel {
        id: Set(id.to_string()),
        at: Set(at.as_microsecond()),
        system: Set(step.system.to_string()),
        dataset: Set(step.rule.dataset.as_str().to_owned()),
        unit: Set(step.rule.unit.as_ref().map(ToString::to_string)),
        receiver: Set(step.rule.receiver.as_ref().map(ToString::to_string)),
        from_stage: Set(from.as_str().to_owned()),
        to_stage: Set(step.rule.stage.as_str().to_owned()),
        made_by: Set(by),
        user: Set(user.to_string()),
        signed_off_by: Set(step.signed_off_by.trim().to_owned()),
        user_view: Set(step.user_view.trim().to_owned()),
    };
    Entity::insert(row).exec_without_returning(tx).await.map(|_| ())
}

/// The newest steps of these systems that reach an organisation: those for it, and those for all. `names` has the name of each
/// system and its organisation.
pub async fn list_for(
    db: &impl ConnectionTrait,
    names: &BTreeMap<SourceId, String>,
    receiver: &OdsCode,
    most: u64,
) -> Result<Vec<Notice>, StoreError> {
    let ids = names.keys().map(SourceId::as_str);
    let reaches = Condition::any().add(Column::Receiver.is_null()).add(Column::Receiver.eq(receiver.as_str()));
    let rows = Entity::find()
        .filter(Column::System.is_in(ids))
        .filter(reaches)
        .order_by_desc(Column::At)
        .order_by_desc(Column::Id)
        .limit(most)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| to_notice(row, names)).collect::<Result<_, DbErr>>()?)
}

fn to_notice(row: Model, names: &BTreeMap<SourceId, String>) -> Result<Notice, DbErr> {
    let system = SourceId::new(row.system);
    Ok(Notice {
        id: row.id.parse().map_err(|_| DbErr::Type("the id of a step is no UUID".to_owned()))?,
        at: Timestamp::from_microsecond(row.at).map_err(|e| DbErr::Type(e.to_string()))?,
        source: names.get(&system).cloned().unwrap_or_default(),
        system,
        dataset: row.dataset.parse::<Dataset>().map_err(|e| DbErr::Type(e.to_string()))?,
        unit: row.unit.map(OdsCode::new),
        from: to_stage(&row.from_stage)?,
        to: to_stage(&row.to_stage)?,
        by: row.made_by,
        signed_off_by: row.signed_off_by,
        user_view: row.user_view,
        // The registry says it.
        declined: false,
    })
}

fn to_stage(name: &str) -> Result<Stage, DbErr> {
    let known = [Stage::Off, Stage::SafetyTesters, Stage::PilotTeams, Stage::On];
    let found = known.into_iter().find(|stage| stage.as_str() == name);
    found.ok_or_else(|| DbErr::Type("a stage of another version".to_owned()))
}
