//! A service as its own process: reads settings, opens adapters, serves ports, stops on a signal. Services differ in
//! their `SPEC`, their own settings and commands, and what they build. No rule of a service may live here.

mod check;
pub mod command;
mod context;
mod dead_letters;
mod new_keys;
mod output;
pub mod secrets;
mod service;
mod service_settings;
pub mod settings;
pub mod signals;

pub use check::Check;
pub use context::{ServiceContext, StartError, origin_of};
pub use lcr_store::NoTables;
pub use service::RunningService;
pub use service_settings::ServiceSpec;
pub use settings::{CommonSettings, NoSettings};

use std::{convert::Infallible, future::Future, process::ExitCode};

use schemars::JsonSchema;
use sea_orm_migration::MigratorTrait;
use serde::de::DeserializeOwned;

use settings::BadSettings;

/// A service that can run alone.
pub trait Process {
    const SPEC: ServiceSpec;
    /// Its own settings, beside the common ones; `NoSettings` if it has none.
    type Settings: DeserializeOwned + JsonSchema + Send;
    /// The commands that only it has; `NoCommand` if it has none.
    type Command: ServiceCommand<Self::Settings>;
    /// Its migrations; `NoTables` if it has no store.
    type Tables: MigratorTrait;
    /// Builds the service from its context.
    fn start(
        context: ServiceContext,
        settings: Self::Settings,
    ) -> impl Future<Output = Result<RunningService, StartError>> + Send;
    /// Checks its own settings without a network call.
    fn check(_context: &ServiceContext, _settings: &Self::Settings) -> Result<(), BadSettings> {
        Ok(())
    }
}

/// A command that only one service has.
pub trait ServiceCommand<S>: clap::Subcommand {
    /// Returns what to print. `open` reads the settings, if the command needs them.
    fn run(self, open: impl FnOnce() -> Result<(ServiceContext, S), StartError>) -> Result<String, StartError>;
}

/// The commands of a service that has only the common ones.
pub type NoCommand = Infallible;

impl<S> ServiceCommand<S> for NoCommand {
    fn run(self, _: impl FnOnce() -> Result<(ServiceContext, S), StartError>) -> Result<String, StartError> {
        match self {}
    }
}

/// The `main` of every service.
pub fn main<P: Process>() -> ExitCode {
    command::run::<P>()
}
