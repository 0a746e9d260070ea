//! The commands of a service's program. Without a command it serves. Exit codes: 0 stopped or done, 1 a dependency
//! failed, 2 wrong settings or arguments. No command may print a secret, except `new-keys`.

mod serve;

use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use std::{collections::BTreeMap, process::ExitCode, sync::Arc};

use super::{
    Check, Process, ServiceCommand, ServiceContext, StartError,
    context::{self, location},
    dead_letters,
    new_keys::NewKeys,
    output::print,
    settings::{BadSettings, CommonSettings},
};
use crate::{Metrics, Stop, telemetry};
pub use serve::{READINESS_DELAY, STOP_TIMEOUT};
use serve::{TASK_TIMEOUT, serve};

/// A service of the Leeds Care Record. Without a command it serves until it is stopped.
///
/// Its settings are a TOML file named by `LCR_CONFIG` and `LCR_…` variables, which override the file. `config-schema`
/// lists them.
#[derive(Parser)]
struct Arguments<C: Subcommand> {
    #[command(subcommand)]
    command: Option<Command<C>>,
}

#[derive(Subcommand)]
enum Command<C: Subcommand> {
    /// Migrate the database, under a lock. Does nothing if it is up to date.
    Migrate,
    /// Check the settings and report the first error.
    CheckConfig,
    /// List the events that could not be processed.
    DeadLetters {
        /// Deliver them again.
        #[arg(long)]
        revive: bool,
    },
    /// Print the settings as a JSON Schema.
    ConfigSchema,
    NewKeys(NewKeys),
    Check(Check),
    #[command(flatten)]
    Own(C),
}

/// Runs the command that the arguments name. Wrong arguments, and `--help`, end the process here.
pub fn run<P: Process>() -> ExitCode {
    let program = Arguments::<P::Command>::command().name(P::SPEC.service.as_str());
    let arguments = Arguments::<P::Command>::from_arg_matches(&program.get_matches());
    let command = arguments.unwrap_or_else(|error| error.exit()).command;
    match run_command::<P>(command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", P::SPEC.service);
            ExitCode::from(if matches!(error, StartError::Settings(_)) { 2 } else { 1 })
        }
    }
}

fn run_command<P: Process>(command: Option<Command<P::Command>>) -> Result<(), StartError> {
    match command {
        None => read_settings::<P>().and_then(|(common, own)| on_runtime(serve::<P>(common, own))),
        Some(Command::Migrate) => read_settings::<P>().and_then(|(common, _)| on_runtime(migrate::<P>(common))),
        Some(Command::CheckConfig) => read_settings::<P>().and_then(|_| print("the settings are whole\n")),
        Some(Command::DeadLetters { revive }) => {
            read_settings::<P>().and_then(|(common, _)| on_runtime(dead_letters::run(&P::SPEC, &common, revive)))
        }
        Some(Command::ConfigSchema) => print(&format!("{:#}\n", P::SPEC.schema::<P::Settings>())),
        Some(Command::NewKeys(new_keys)) => print(&new_keys.run().map_err(StartError::unavailable)?),
        Some(Command::Check(check)) => on_runtime(check.run()),
        Some(Command::Own(command)) => print(&ServiceCommand::run(command, open_context::<P>)?),
    }
}

fn open_context<P: Process>() -> Result<(ServiceContext, P::Settings), StartError> {
    let metrics = Arc::new(Metrics::new(P::SPEC.service.as_str()).map_err(StartError::unavailable)?);
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let (common, own) = P::SPEC.read(&environment)?;
    let context = ServiceContext::open(common, P::SPEC, metrics, Stop::new())?;
    P::check(&context, &own)?;
    Ok((context, own))
}

/// Reads the settings and checks them without a network call.
fn read_settings<P: Process>() -> Result<(CommonSettings, P::Settings), StartError> {
    let (context, own) = open_context::<P>()?;
    let settings = context.common;
    if let Some(filter) = &settings.log {
        telemetry::check_filter(filter).map_err(|why| BadSettings::wrong("log", why))?;
    }
    if let Some(to) = &settings.otlp_endpoint {
        telemetry::traces_to(to).map_err(BadSettings::from)?;
    }
    if P::SPEC.bus {
        context::bus_url(&settings)?;
    }
    if P::SPEC.cache {
        context::cache_url(&settings)?;
    }
    if P::SPEC.store {
        location(&settings, P::SPEC.service, false)?;
        location(&settings, P::SPEC.service, true)?;
    }
    Ok((settings, own))
}

impl From<telemetry::ExportError> for BadSettings {
    fn from(error: telemetry::ExportError) -> Self {
        Self::wrong("otlp_endpoint", error.to_string())
    }
}

fn on_runtime<T>(work: impl Future<Output = Result<T, StartError>>) -> Result<T, StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::unavailable)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(TASK_TIMEOUT);
    done
}

async fn migrate<P: Process>(settings: CommonSettings) -> Result<(), StartError> {
    if !P::SPEC.store {
        return Ok(());
    }
    let service = P::SPEC.service;
    let (migrates, runs) = (location(&settings, service, true)?, location(&settings, service, false)?);
    lcr_store::migrate::run::<P::Tables>(&migrates, &runs)
        .await
        .map_err(|error| StartError::Unavailable(format!("not migrated: {}", lcr_store::cause_of(&error))))
}

#[cfg(test)]
#[path = "command_tests.rs"]
mod tests;
