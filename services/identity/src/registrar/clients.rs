//! The operator's clients, and those of others. A client that the operator no longer names loses its keys, so that it gets no
//! more tokens. It is not suspended: a suspension belongs to whoever made it, and naming the client again must not lift one.

use std::collections::BTreeMap;

use lcr_contracts::registrar::Client;
use lcr_model::OdsCode;
use lcr_store::StoreError;
use sea_orm::{
    ColumnTrait, ConnectionTrait, DatabaseTransaction, DbErr, EntityTrait, QueryFilter, QueryOrder,
    entity::prelude::Expr,
};

use super::{KEPT_BY_ANOTHER, MANAGER};
use crate::store::client::{
    self, NO_KEYS,
    entity::{Column, Entity, Model},
};

/// Stores the named clients, and takes the keys of those that are no longer named. Adds the clients that somebody else keeps to
/// the refused ones. A refused client counts as named, so its last valid version stays.
pub async fn replace(
    tx: &DatabaseTransaction,
    clients: &[Client],
    refused: &mut BTreeMap<String, String>,
) -> Result<(), DbErr> {
    for client in clients {
        let stored = client::find(tx, &client.id).await?;
        // The log names a client by its id, so the id belongs to one organisation for good.
        if stored.is_some_and(|stored| stored.org != client.org.as_str()) {
            refused.insert(client.id.clone(), "another organisation has a client of this id".to_owned());
        } else if !client::upsert(tx, MANAGER, client).await? {
            refused.insert(client.id.clone(), KEPT_BY_ANOTHER.to_owned());
        }
    }
    let named = clients.iter().map(|client| client.id.as_str()).chain(refused.keys().map(String::as_str));
    Entity::update_many()
        .col_expr(Column::Jwks, Expr::value(NO_KEYS))
        .col_expr(Column::JwksUrl, Expr::value(""))
        .filter(Column::KeptBy.eq(MANAGER.as_str()))
        .filter(Column::Id.is_not_in(named))
        .exec(tx)
        .await
        .map(|_| ())
}

/// The clients that others keep, without the suspended ones.
pub async fn of_others(db: &impl ConnectionTrait) -> Result<Vec<Client>, StoreError> {
    let rows = Entity::find()
        .filter(Column::KeptBy.ne(MANAGER.as_str()))
        .filter(Column::Suspended.eq(false))
        .order_by_asc(Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().filter_map(to_client).collect())
}

fn to_client(row: Model) -> Option<Client> {
    Some(Client {
        id: row.id,
        name: row.name,
        org: OdsCode::new(row.org),
        role: row.role.parse().ok()?,
        scope: row.scope,
        jwks: serde_json::from_str(&row.jwks).unwrap_or_default(),
        jwks_url: Some(row.jwks_url).filter(|address| !address.is_empty()),
        per_minute: u32::try_from(row.per_minute).unwrap_or_default(),
        requests_per_minute: row.requests_per_minute.and_then(|number| u32::try_from(number).ok()),
        launch_roles: row.launch_roles.split_whitespace().filter_map(|role| role.parse().ok()).collect(),
        frame_ancestors: row.frame_ancestors.split_whitespace().map(str::to_owned).collect(),
    })
}
