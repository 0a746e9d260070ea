//! The test suite that every cache must pass, embedded or Redis.

use std::{sync::Arc, time::Duration};

use lcr_model::seal::DataKeys;

use crate::{Cache, CacheError, SealedCache};

/// Runs every case in turn.
///
/// # Panics
/// If a case fails.
pub async fn run(adapter: Arc<dyn Cache>) -> Result<(), CacheError> {
    let text = DataKeys::generate_text().map_err(|_| CacheError::Unavailable)?;
    let keys = Arc::new(DataKeys::parse(&text).map_err(|_| CacheError::Unavailable)?);
    let cache = SealedCache::new(adapter.clone(), keys);
    let slot = cache.slot("gp-east|4711", "allergies");
    let minute = Duration::from_mins(1);

    assert_eq!(cache.get(&slot).await?, None, "an empty cache answers nothing");
    let generation = cache.generation(&slot).await?;
    assert!(cache.put(&slot, b"penicillin", minute, generation).await?);
    assert_eq!(cache.get(&slot).await?.as_deref(), Some(b"penicillin".as_slice()));
    let other = cache.slot("gp-east|4712", "allergies");
    assert_eq!(cache.get(&other).await?, None, "slots do not see each other");

    let before = cache.generation(&slot).await?;
    cache.invalidate(&slot).await?;
    assert_eq!(cache.get(&slot).await?, None, "an invalidated value is gone");
    assert!(!cache.put(&slot, b"old answer", minute, before).await?, "a late refill cannot undo an invalidation");
    assert_eq!(cache.get(&slot).await?, None);

    let generation = cache.generation(&slot).await?;
    cache.put(&slot, b"brief", Duration::from_millis(200), generation).await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(cache.get(&slot).await?, None, "a value does not outlive its time");

    together(&cache).await?;
    race(&cache).await
}

/// Slots of one group are invalidated together, and no other group's.
async fn together(cache: &SealedCache) -> Result<(), CacheError> {
    let minute = Duration::from_mins(1);
    let of = |group: &str, name: &str| {
        let slot = cache.slot_in(&cache.group(group), name);
        assert_eq!(slot.key(), cache.slot(group, name).key(), "a slot is the same however it is made");
        slot
    };
    let slots = [of("search|7", "a"), of("search|7", "b"), of("search|8", "a")];
    for slot in &slots {
        let generation = cache.generation(slot).await?;
        assert!(cache.put(slot, b"found", minute, generation).await?);
    }
    cache.invalidate(&slots[0]).await?;
    assert_eq!(cache.get(&slots[1]).await?, None, "a group goes together");
    assert_eq!(cache.get(&slots[2]).await?.as_deref(), Some(b"found".as_slice()));
    Ok(())
}

/// In whatever order a late write and an invalidation arrive, no old value is read afterwards.
async fn race(cache: &SealedCache) -> Result<(), CacheError> {
    let minute = Duration::from_mins(1);
    for round in 0..100 {
        let slot = cache.slot("gp-east|race", "results");
        let generation = cache.generation(&slot).await?;
        let puts = (0..4).map(|_| cache.put(&slot, b"old", minute, generation));
        let puts = futures::future::join_all(puts);
        let (written, invalidated) = futures::future::join(puts, cache.invalidate(&slot)).await;
        invalidated?;
        for put in written {
            put?;
        }
        assert_eq!(cache.get(&slot).await?, None, "round {round}: an old value was read");
        assert!(!cache.put(&slot, b"late", minute, generation).await?, "round {round}");
    }
    Ok(())
}
