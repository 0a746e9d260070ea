//! The key of hashed local ids: made once, the same for all replicas, sealed under the data keys. It must never be made
//! anew while a row of it exists, since the people of a source would then be unknown.

use lcr_model::{LocalIdKey, seal::DataKeys};
use lcr_store::{Store, WriteError};
use sea_orm::{ConnectionTrait, DbErr};

use super::held;

/// Its row, beside rows that have hashes for ids.
const ID: &str = "local-id-key";
const LIVES_AT: &str = "feeds/local-id-key";

/// The key, made now where there is none, and sealed by the first data key from now on.
pub async fn load(store: &Store, keys: &DataKeys) -> Result<LocalIdKey, DbErr> {
    if let Some(row) = held::get(store.read(), ID).await? {
        let (key, sealed) = open(keys, row)?;
        if keys.is_sealed_by_first(&sealed) {
            return Ok(key);
        }
    }
    let made = LocalIdKey::generate().map_err(refused)?;
    let keys = keys.clone();
    let written =
        store.write::<_, DbErr, _>(move |tx| Box::pin(async move { agree(tx, &keys, &made).await })).await;
    written.map_err(|error| match error {
        WriteError::Work(error) => error,
        WriteError::NotCommitted => DbErr::Custom("the key of local ids was not committed".to_owned()),
    })
}

/// Another replica's where it was faster.
async fn agree(tx: &impl ConnectionTrait, keys: &DataKeys, made: &LocalIdKey) -> Result<LocalIdKey, DbErr> {
    let row = |sealed| held::Row { id: ID.to_owned(), version: 0, sealed: Some(sealed) };
    held::keep_first(tx, row(seal(keys, made)?)).await?;
    let stored = held::get(tx, ID).await?.ok_or_else(|| DbErr::RecordNotFound(ID.to_owned()))?;
    let (key, sealed) = open(keys, stored)?;
    if !keys.is_sealed_by_first(&sealed) {
        held::keep(tx, row(seal(keys, &key)?)).await?;
    }
    Ok(key)
}

fn open(keys: &DataKeys, row: held::Row) -> Result<(LocalIdKey, String), DbErr> {
    let sealed = row.sealed.unwrap_or_default();
    let plain = keys.open(LIVES_AT, &sealed).map_err(refused)?;
    Ok((LocalIdKey::from_bytes(&plain).map_err(refused)?, sealed))
}

fn seal(keys: &DataKeys, key: &LocalIdKey) -> Result<String, DbErr> {
    keys.seal(LIVES_AT, key.bytes()).map_err(refused)
}

fn refused(error: impl std::fmt::Display) -> DbErr {
    DbErr::Custom(format!("the key of local ids: {error}"))
}

#[cfg(test)]
mod tests {
    use lcr_store::Durability;
    use lcr_testkit::Folder;

    use super::*;
    use crate::store::Migrator;

    async fn store(folder: &Folder) -> Store {
        Store::open::<Migrator>(&folder.path().join("feeds.db"), "feeds", Durability::Acknowledged)
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn the_key_outlives_every_data_key_and_is_never_made_twice() {
        let folder = Folder::new("local-id-key").unwrap();
        let store = store(&folder).await;
        let old = DataKeys::generate_text().unwrap();
        let new = DataKeys::generate_text().unwrap().replacen("k1", "k2", 1);
        let of = |text: &str| DataKeys::parse(text).unwrap();
        let first = load(&store, &of(&old)).await.unwrap();
        assert_eq!(load(&store, &of(&old)).await.unwrap(), first);
        assert!(load(&store, &of(&new)).await.is_err(), "a key that does not open is not replaced");
        for keys in [format!("{old},{new}"), format!("{new},{old}"), new] {
            assert_eq!(load(&store, &of(&keys)).await.unwrap(), first, "the key is the same after each step");
        }
        assert!(load(&store, &of(&old)).await.is_err(), "it is sealed by the new key alone");
    }

    #[tokio::test]
    async fn two_that_start_at_once_agree() {
        let folder = Folder::new("local-id-keys").unwrap();
        let store = store(&folder).await;
        let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
        let all = futures::future::join_all((0..4).map(|_| load(&store, &keys))).await;
        let all: Vec<LocalIdKey> = all.into_iter().map(Result::unwrap).collect();
        assert!(all.iter().all(|one| *one == all[0]));
    }
}
