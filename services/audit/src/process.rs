//! Audit as a process of its own: builds it from settings.

use lcr_contracts::events::Stream;
use lcr_model::{Phi, ServiceName};
use lcr_runtime::process::{
    Process, RunningService, ServiceCommand, ServiceContext, ServiceSpec, StartError, settings::BadSettings,
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{Deps, Metrics, build, domain::key::verifier, store::Migrator};

/// The settings that only audit has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// What signs the log's checkpoints. A secret.
    #[schemars(with = "Option<String>")]
    pub log_key: Option<Phi<String>>,
}

/// The commands that only audit has.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print the public key that verifies checkpoints, for `lcr audit verify --key`.
    LogKey,
}

impl ServiceCommand<Settings> for Command {
    fn run(self, open: impl FnOnce() -> Result<(ServiceContext, Settings), StartError>) -> Result<String, StartError> {
        let Self::LogKey = self;
        let (context, settings) = open()?;
        Ok(format!("{}\n", verifier(&context.log_key(settings.log_key.as_ref())?)))
    }
}

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
    };
    type Settings = Settings;
    type Command = Command;
    type Tables = Migrator;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            stop: context.stop.clone(),
            log_key: context.log_key(settings.log_key.as_ref())?,
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        Ok(RunningService::new(handle.router).needs_store(&handle.store).uses_bus(&bus))
    }

    fn check(context: &ServiceContext, settings: &Settings) -> Result<(), BadSettings> {
        context.log_key(settings.log_key.as_ref()).map(drop)
    }
}
