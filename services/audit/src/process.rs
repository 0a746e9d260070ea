//! Audit as a process of its own: builds it from settings.

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Process, RunningService, ServiceContext, ServiceSpec, StartError};

use crate::{Deps, Metrics, build, domain::key::verifier, store::Migrator};

/// Audit as one program.
#[derive(Debug)]
pub struct AuditProcess;

impl Process for AuditProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Audit,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[Stream::Audit, Stream::People],
        data_key: false,
        settings: &[],
        optional: &["log_key"],
    };
    type Tables = Migrator;

    async fn start(context: ServiceContext) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            stop: context.stop.clone(),
            log_key: context.log_key()?,
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }

    /// `log-key` prints the public key that verifies checkpoints, for `lcr audit verify --key`.
    fn extra_command(
        command: &str,
        context: impl FnOnce() -> Result<ServiceContext, StartError>,
    ) -> Option<Result<String, StartError>> {
        let key = || Ok(format!("{}\n", verifier(&context()?.log_key()?)));
        (command == "log-key").then(key)
    }
}
