//! Which signed-in patient is which person: a copy from the index's events, for the person's own log alone.

use lcr_contracts::events::{LOGIN_SOURCE, PersonChanged};
use lcr_model::{PersonId, UserId};
use sea_orm::{ConnectionTrait, DbErr, EntityTrait, Set, sea_query::OnConflict};

pub mod entity {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "login")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub user: String,
        pub person: Uuid,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub async fn keep(tx: &impl ConnectionTrait, changes: &[PersonChanged]) -> Result<(), DbErr> {
    for change in changes {
        for one in change.identities.iter().filter(|one| one.source.as_str() == LOGIN_SOURCE) {
            let row = entity::ActiveModel { user: Set(one.local_id.0.clone()), person: Set(change.person.0) };
            let newer =
                OnConflict::column(entity::Column::User).update_column(entity::Column::Person).to_owned();
            entity::Entity::insert(row).on_conflict(newer).exec_without_returning(tx).await?;
        }
    }
    Ok(())
}

pub async fn of(db: &impl ConnectionTrait, user: &UserId) -> Result<Option<PersonId>, DbErr> {
    Ok(entity::Entity::find_by_id(user.0.clone()).one(db).await?.map(|row| PersonId(row.person)))
}
