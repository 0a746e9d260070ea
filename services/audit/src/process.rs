//! Audit as a process of its own.

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, StartError};

use crate::{Deps, Numbers, build, domain::key::verifier, store::Migrator};

/// Audit, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Audit,
        store: true,
        bus: true,
        cache: false,
        hears: &[Stream::Audit, Stream::People],
        data_key: false,
        own: &[],
        optional: &["log_key"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            gate: frame.gate(),
            stop: frame.stop.clone(),
            log_key: frame.log_key()?,
        })
        .await
        .map_err(StartError::away)?;
        let bus = frame.bus(&handle.store).await?;
        handle.listen(&bus.ears);
        Ok(Running::new(handle.router).needs_store(&handle.store).hears(&bus))
    }

    /// `log-key`: what verifies its checkpoints, for `lcr audit verify --key`. It is no secret.
    fn own_word(
        word: &str,
        frame: impl FnOnce() -> Result<Frame, StartError>,
    ) -> Option<Result<String, StartError>> {
        let key = || Ok(format!("{}\n", verifier(&frame()?.log_key()?)));
        (word == "log-key").then(key)
    }
}
