//! Several versions of one stay in one batch.

use lcr_store::{Durability, Store};
use lcr_testkit::Folder;

use super::*;
use crate::store::Migrator;

fn stay(person: PersonId) -> Stay {
    Stay {
        person: Some(person),
        source: SourceId::new("st-hildas"),
        organisation: OdsCode::new("Z9H01"),
        ward: None,
        from: Timestamp::UNIX_EPOCH,
        until: None,
        counts: true,
    }
}

#[tokio::test]
async fn the_newest_version_of_a_batch_is_stored_and_everybody_in_between_is_affected() {
    let folder = Folder::new("consent-stays").unwrap();
    let file = folder.path().join("consent.db");
    let store = Store::open::<Migrator>(&file, "consent", Durability::Acknowledged).await.unwrap();
    let (anna, berta, carla) = (PersonId::new(), PersonId::new(), PersonId::new());
    let spell = SpellId::new("s1");
    let versions = |all: &[(i64, PersonId)]| -> Vec<(SpellId, i64, Stay)> {
        all.iter().map(|(version, person)| (spell.clone(), *version, stay(*person))).collect()
    };
    let first = versions(&[(1, anna), (3, berta), (2, carla)]);
    let affected = store.write(async move |tx| store_stays(&tx, &first).await).await.unwrap();
    assert_eq!(affected, [anna, anna, berta], "an older version affects nobody");
    let second = versions(&[(3, carla), (5, carla)]);
    let affected = store.write(async move |tx| store_stays(&tx, &second).await).await.unwrap();
    assert_eq!(affected, [berta, carla]);
    let stays = stays_of(store.read(), &[anna, berta, carla]).await.unwrap();
    assert_eq!(stays.keys().collect::<Vec<_>>(), [&carla]);
}
