//! The version of a rule whose results are stored. They are computed again when this version's rule is another one.

use lcr_store::StoreError;
use sea_orm::{
    ConnectionTrait, DbErr, EntityTrait, Set,
    sea_query::{OnConflict, Table},
};
use sea_orm_migration::{MigrationName, MigrationTrait, SchemaManager, schema::string};

/// When care links count.
pub const CARE_LINKS: &str = "care-links";

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "rule_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub rule: String,
        pub version: String,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

use entity::{ActiveModel, Column, Entity};

/// The version with which the results were computed. `None` if that was before versions were stored.
pub async fn read(db: &impl ConnectionTrait, rule: &str) -> Result<Option<String>, StoreError> {
    Ok(Entity::find_by_id(rule).one(db).await?.map(|row| row.version))
}

pub async fn write(tx: &impl ConnectionTrait, rule: &str, version: String) -> Result<(), DbErr> {
    let row = ActiveModel { rule: Set(rule.to_owned()), version: Set(version) };
    let on_conflict = OnConflict::column(Column::Rule).update_column(Column::Version).to_owned();
    Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx).await.map(|_| ())
}

pub(super) struct RuleVersions;

impl MigrationName for RuleVersions {
    fn name(&self) -> &'static str {
        "m20261202_000010_rule_versions"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for RuleVersions {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let table = Table::create()
            .table(Entity)
            .col(string(Column::Rule).primary_key())
            .col(string(Column::Version))
            .to_owned();
        manager.create_table(table).await
    }
}
