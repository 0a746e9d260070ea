//! A service as its own process: reads settings, opens adapters, serves ports, stops on a signal. Services differ in
//! their `SPEC` and what they build. No rule of a service may live here.

pub mod command;
mod context;
mod dead_letters;
mod new_keys;
pub mod secrets;
mod service;
pub mod settings;
pub mod signals;
mod spec;

pub use context::{ServiceContext, StartError, origin_of};
pub use service::RunningService;
pub use settings::Settings;
pub use spec::ServiceSpec;

use std::{future::Future, process::ExitCode};

use sea_orm_migration::MigratorTrait;

/// A service that can run alone.
pub trait Process {
    const SPEC: ServiceSpec;
    /// Its migrations; `NoTables` if it has no store.
    type Tables: MigratorTrait;
    /// Builds the service from its context.
    fn start(context: ServiceContext) -> impl Future<Output = Result<RunningService, StartError>> + Send;
    /// The output of a command that only this service has, or `None`. `context` reads the settings if needed.
    fn extra_command(
        _word: &str,
        _frame: impl FnOnce() -> Result<ServiceContext, StartError>,
    ) -> Option<Result<String, StartError>> {
        None
    }
}

/// The migrations of a service without tables.
#[derive(Debug)]
pub struct NoTables;

impl MigratorTrait for NoTables {
    fn migrations() -> Vec<Box<dyn sea_orm_migration::MigrationTrait>> {
        vec![]
    }
}

/// The `main` of every service.
pub fn main<P: Process>() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    command::run::<P>(&arguments)
}
