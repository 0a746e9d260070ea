//! How far each source's episodes of care were read, and which version of each link was published. What a link says must be
//! stored only as a keyed hash.

use std::collections::HashMap;

use lcr_model::SourceId;
use lcr_store::StoreError;
use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, DbErr, EntityTrait, Iterable, QueryFilter, QueryOrder, QuerySelect,
    sea_query::{Expr, ExprTrait, Index, OnConflict, Table},
};
use sea_orm_migration::{
    MigrationName, MigrationTrait, SchemaManager,
    schema::{big_integer, big_integer_null, boolean, string, text_null},
};

mod progress {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "care_list")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        /// The next page of what is being read.
        pub next: Option<String>,
        /// Episodes of what is being read, so far.
        pub items: i64,
        /// The newest change of what is being read, in microseconds. `None` if the source cannot be asked for changes.
        pub newest: Option<i64>,
        /// The newest change when a reading was last finished.
        pub since: Option<i64>,
        /// Whether all episodes are being read, not only changes.
        pub reads_all: bool,
        /// When all are read again, in microseconds. 0 until the source was asked once.
        pub due: i64,
        /// The number of the last reading of all episodes.
        pub reading: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

mod version {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "care_link_version")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub source: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub link: String,
        pub version: i64,
        /// The keyed hash of what the link says. Empty if we took the link back.
        pub hash: String,
        /// The person, as the event named them.
        pub local_id: String,
        /// When it was first published for this person, in microseconds.
        pub first_published: i64,
        /// Whether it stands and had not ended.
        pub is_open: bool,
        /// The number of the last reading of all episodes that listed it.
        pub seen_in: i64,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
}

pub use progress::Model as Progress;
pub use version::Model as LinkVersion;

/// The most values of one condition, and rows of one statement.
const MAX_ROWS: usize = 200;

impl Progress {
    /// The progress of a source that was never asked.
    pub fn new(source: &SourceId) -> Self {
        let source = source.0.clone();
        Self { source, next: None, items: 0, newest: None, since: None, reads_all: false, due: 0, reading: 0 }
    }
}

pub async fn load_all_progress(db: &impl ConnectionTrait) -> Result<Vec<Progress>, StoreError> {
    Ok(progress::Entity::find().all(db).await?)
}

pub async fn load_progress(db: &impl ConnectionTrait, source: &str) -> Result<Option<Progress>, DbErr> {
    progress::Entity::find_by_id(source).one(db).await
}

pub async fn save_progress(tx: &impl ConnectionTrait, row: Progress) -> Result<(), DbErr> {
    use progress::Column;
    let others = Column::iter().filter(|column| !matches!(column, Column::Source));
    let update = OnConflict::column(Column::Source).update_columns(others).to_owned();
    let row = progress::ActiveModel::from(row).reset_all();
    progress::Entity::insert(row).on_conflict(update).exec_without_returning(tx).await.map(|_| ())
}

/// The published versions of these links of a source.
pub async fn load_versions(
    db: &impl ConnectionTrait,
    source: &str,
    links: &[String],
) -> Result<Vec<LinkVersion>, DbErr> {
    let mut rows = vec![];
    for chunk in links.chunks(MAX_ROWS) {
        let of_source = version::Entity::find().filter(version::Column::Source.eq(source));
        rows.extend(of_source.filter(version::Column::Link.is_in(chunk.iter().map(String::as_str))).all(db).await?);
    }
    Ok(rows)
}

/// The numbers of open links of these people of a source.
pub async fn count_open(
    db: &impl ConnectionTrait,
    source: &str,
    local_ids: &[String],
) -> Result<HashMap<String, i64>, DbErr> {
    use version::Column;
    let mut counts = HashMap::new();
    for chunk in local_ids.chunks(MAX_ROWS) {
        let open = version::Entity::find().filter(Column::Source.eq(source)).filter(Column::IsOpen.eq(true));
        let of_people = open.filter(Column::LocalId.is_in(chunk.iter().map(String::as_str)));
        let counted = of_people.select_only().column(Column::LocalId).expr(Expr::col(Column::Link).count());
        let rows: Vec<(String, i64)> = counted.group_by(Column::LocalId).into_tuple().all(db).await?;
        counts.extend(rows);
    }
    Ok(counts)
}

/// Some open links after `after` that the reading of all episodes with this number did not list.
pub async fn load_unlisted(
    db: &impl ConnectionTrait,
    source: &str,
    reading: i64,
    after: &str,
) -> Result<Vec<LinkVersion>, DbErr> {
    use version::Column;
    let open = version::Entity::find().filter(Column::Source.eq(source)).filter(Column::IsOpen.eq(true));
    let unlisted = open.filter(Column::SeenIn.lt(reading)).filter(Column::Link.gt(after));
    unlisted.order_by_asc(Column::Link).limit(MAX_ROWS as u64).all(db).await
}

pub async fn save_versions(tx: &impl ConnectionTrait, rows: Vec<LinkVersion>) -> Result<(), DbErr> {
    use version::Column;
    let others = || Column::iter().filter(|column| !matches!(column, Column::Source | Column::Link));
    let rows: Vec<_> = rows.into_iter().map(|row| version::ActiveModel::from(row).reset_all()).collect();
    for chunk in rows.chunks(MAX_ROWS) {
        let update = OnConflict::columns([Column::Source, Column::Link]).update_columns(others()).to_owned();
        version::Entity::insert_many(chunk.to_vec()).on_conflict(update).exec_without_returning(tx).await?;
    }
    Ok(())
}

pub struct CreateCareLists;

impl MigrationName for CreateCareLists {
    fn name(&self) -> &'static str {
        "m20261130_000005_care_lists"
    }
}

#[async_trait::async_trait]
impl MigrationTrait for CreateCareLists {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut table = Table::create();
        table.table(progress::Entity).col(string(progress::Column::Source).primary_key());
        table.col(text_null(progress::Column::Next)).col(big_integer(progress::Column::Items));
        table.col(big_integer_null(progress::Column::Newest)).col(big_integer_null(progress::Column::Since));
        table.col(boolean(progress::Column::ReadsAll)).col(big_integer(progress::Column::Due));
        table.col(big_integer(progress::Column::Reading));
        manager.create_table(table).await?;
        let mut key = Index::create();
        key.col(version::Column::Source).col(version::Column::Link);
        let mut table = Table::create();
        table.table(version::Entity).col(string(version::Column::Source)).col(string(version::Column::Link));
        table.col(big_integer(version::Column::Version)).col(string(version::Column::Hash)).primary_key(&mut key);
        table.col(string(version::Column::LocalId)).col(big_integer(version::Column::FirstPublished));
        table.col(boolean(version::Column::IsOpen)).col(big_integer(version::Column::SeenIn));
        manager.create_table(table).await?;
        let mut by_person = Index::create();
        by_person.name("care_link_version_person").table(version::Entity);
        by_person.col(version::Column::Source).col(version::Column::LocalId);
        manager.create_index(by_person).await
    }
}
