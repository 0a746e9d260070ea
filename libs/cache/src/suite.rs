//! The suite every cache must pass: embedded now, Redis with the issue on Kubernetes.

use std::{sync::Arc, time::Duration};

use lcr_model::seal::DataKeys;

use crate::{Cache, CacheError, SealedCache};

/// Runs every case in turn.
///
/// # Panics
/// When a case does not hold.
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
    assert!(
        !cache.put(&slot, b"old answer", minute, before).await?,
        "a late refill cannot undo an invalidation"
    );
    assert_eq!(cache.get(&slot).await?, None);

    let generation = cache.generation(&slot).await?;
    cache.put(&slot, b"brief", Duration::from_millis(200), generation).await?;
    tokio::time::sleep(Duration::from_millis(400)).await;
    assert_eq!(cache.get(&slot).await?, None, "a value does not outlive its time");
    Ok(())
}
