//! Patient index as a process of its own.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, StartError};
use lcr_web::remote;

use crate::{Deps, Numbers, SEARCHES_PER_MINUTE, build, store::Migrator};

/// Patient index, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::PatientIndex,
        store: true,
        bus: true,
        cache: false,
        hears: &[Stream::Feeds],
        data_key: true,
        own: &[],
        optional: &["searches_per_minute"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            gate: frame.gate(),
            data_keys: frame.data_keys()?,
            searches_per_minute: frame.settings.searches_per_minute.unwrap_or(SEARCHES_PER_MINUTE),
            consent: Arc::new(remote::consent::Remote(frame.peer(ServiceName::Consent)?)),
        })
        .await
        .map_err(StartError::away)?;
        let bus = frame.bus(&handle.store).await?;
        handle.listen(&bus.ears);
        Ok(Running::new(handle.router).needs_store(&handle.store).hears(&bus))
    }
}
