//! Record aggregation as a process of its own.

use std::sync::Arc;

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, StartError};
use lcr_web::remote;

use crate::{Deps, Numbers, build, store::Migrator};

/// Record aggregation, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::RecordAggregation,
        store: true,
        bus: true,
        cache: true,
        hears: &[Stream::Feeds, Stream::Partners, Stream::Ward],
        data_key: true,
        own: &[],
        optional: &["egress_allow", "deadline_ms"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let kept = frame.cache().await?;
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            gate: frame.gate(),
            data_keys: frame.data_keys()?,
            cache: kept.cache.clone(),
            outbound: frame.outbound()?,
            patient_index: Arc::new(remote::patient_index::Remote(frame.peer(ServiceName::PatientIndex)?)),
            consent: Arc::new(remote::consent::Remote(frame.peer(ServiceName::Consent)?)),
            deadline: frame.deadline(),
            stop: frame.stop.clone(),
        })
        .await
        .map_err(StartError::away)?;
        let bus = frame.bus(&handle.store).await?;
        handle.listen(&bus.ears);
        Ok(Running::new(handle.router).needs_store(&handle.store).hears(&bus).remembers(&kept))
    }
}
