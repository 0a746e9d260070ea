//! Consent as a process of its own.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, StartError};
use lcr_web::remote;

use crate::{Deps, Numbers, build, store::Migrator};

/// Consent, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Consent,
        store: true,
        bus: true,
        cache: false,
        hears: &[Stream::People, Stream::Partners, Stream::Ward, Stream::Identity],
        data_key: true,
        own: &[],
        optional: &[],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            signer: frame.keys.own().clone(),
            gate: frame.gate(),
            audit: Arc::new(remote::audit::Remote(frame.peer(ServiceName::Audit)?)),
            data_keys: frame.data_keys()?,
        })
        .await
        .map_err(StartError::away)?;
        let bus = frame.bus(&handle.store).await?;
        handle.listen(&bus.ears);
        let asked = handle.clone();
        let compared = move || {
            let compared = asked.is_compared();
            Box::pin(async move { compared }) as _
        };
        let running = Running::new(handle.router).needs_store(&handle.store).hears(&bus);
        Ok(running.needs("choices", Arc::new(compared)))
    }
}
