//! The commands of a service's program. Without a command it serves. Exit codes: 0 stopped or done, 1 a dependency
//! failed, 2 wrong settings or arguments. No command may print a secret, except `new-keys`.

use std::{collections::BTreeMap, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::middleware;
use clap::{CommandFactory, FromArgMatches, Parser, Subcommand};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    Check, Process, ServiceCommand, ServiceContext, StartError,
    context::{self, location},
    dead_letters,
    new_keys::NewKeys,
    output::print,
    service::RunningService,
    settings::{BadSettings, CommonSettings},
    signals::Signals,
};
use crate::{Metrics, Stop, admin, metrics, serve::Connections, telemetry};

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

/// How long a process stays up after it reports not ready, so that callers notice. In a cluster the pod's `preStop`
/// already gave them time.
pub const READINESS_DELAY: Duration = Duration::from_millis(300);
/// How long remaining tasks may run at the end. Acknowledged data is already on disk.
const TASK_TIMEOUT: Duration = Duration::from_millis(200);
/// The longest shutdown of a process. With the chart's `preStop`, a pod is gone within five seconds.
pub const STOP_TIMEOUT: Duration = READINESS_DELAY
    .saturating_add(crate::serve::DRAIN_TIMEOUT)
    .saturating_add(telemetry::FLUSH_TIMEOUT)
    .saturating_add(TASK_TIMEOUT);

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

async fn serve<P: Process>(settings: CommonSettings, own: P::Settings) -> Result<(), StartError> {
    let signals = Signals::install().map_err(StartError::unavailable)?;
    let telling = telemetry::TelemetryOptions {
        service: P::SPEC.service.as_str(),
        format: telemetry::LogFormat::Json,
        log: settings.log.as_deref(),
        otlp_endpoint: settings.otlp_endpoint.as_deref(),
    };
    let telemetry = telemetry::init(&telling).map_err(BadSettings::from)?;
    let served = serve_until_stopped::<P>(settings, own, signals).await;
    telemetry.stop().await;
    served
}

async fn serve_until_stopped<P: Process>(
    settings: CommonSettings,
    own: P::Settings,
    mut signals: Signals,
) -> Result<(), StartError> {
    let service = P::SPEC.service.as_str();
    let (stop, leaving) = (Stop::new(), Stop::new());
    let metrics = Arc::new(Metrics::new(service).map_err(StartError::unavailable)?);
    let must = |address: Option<_>, name: &str| address.ok_or_else(|| BadSettings::Missing(name.to_owned()));
    let (listen, admin_listen) = (must(settings.listen, "listen")?, must(settings.admin_listen, "admin_listen")?);
    let location = P::SPEC.store.then(|| location(&settings, P::SPEC.service, false)).transpose()?;
    let admin_listener = bind(admin_listen, "admin_listen").await?;
    // Alive from the start, ready once built: it may have to wait for dependencies.
    let admin_state = admin::Admin::starting(metrics.clone(), leaving.clone());
    let mut serving = JoinSet::new();
    let admin_stop = Stop::new();
    let per_peer = settings.connections_per_peer;
    let of_admin = Arc::new(Connections::of_admin());
    serving.spawn(crate::serve(admin_listener, admin::router(admin_state.clone()), of_admin, admin_stop.clone()));
    let context = ServiceContext::open(settings, P::SPEC, metrics.clone(), stop.clone())?;
    let start = async {
        if let Some(location) = location {
            admin_state
                .retry_until_ready("store", || lcr_store::migrate::is_current::<P::Tables>(&location, service))
                .await;
        }
        P::start(context, own).await
    };
    let RunningService { router, checks, degrades, beside } = tokio::select! {
        started = start => started?,
        () = signals.received() => return Ok(()),
    };
    admin_state.started(service, checks, degrades);
    let service_metrics = metrics::ServiceMetrics { metrics, service };
    let router = router.layer(middleware::from_fn_with_state(service_metrics, metrics::observe));
    let listener = bind(listen, "listen").await?;
    let mut working = JoinSet::new();
    let connections = Arc::new(Connections::of_this_process(per_peer));
    working.spawn(crate::serve(listener, router, connections, stop.clone()));
    for one in beside {
        working.spawn(one);
    }
    tracing::info!(service, "serving");
    tokio::select! {
        () = signals.received() => {}
        ended = working.join_next() => return Err(StartError::Unavailable(format!("it stopped serving: {ended:?}"))),
    }
    drain(working, &leaving, &stop).await;
    admin_stop.cancel();
    tracing::info!(service, "stopped");
    Ok(())
}

async fn bind(address: SocketAddr, name: &str) -> Result<TcpListener, StartError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| StartError::Unavailable(format!("`{name}` cannot be listened on: {error}")))
}

/// Reports not ready, waits `READINESS_DELAY`, and finishes running work within its limits.
async fn drain(mut working: JoinSet<std::io::Result<()>>, leaving: &Stop, stop: &Stop) {
    leaving.cancel();
    tokio::time::sleep(READINESS_DELAY).await;
    stop.cancel();
    let finished = async { while working.join_next().await.is_some() {} };
    if tokio::time::timeout(crate::serve::DRAIN_TIMEOUT, finished).await.is_err() {
        tracing::warn!("something was still at work when its time was over");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::process::NoCommand;

    #[test]
    fn a_program_serves_without_a_command_and_refuses_an_unknown_one() {
        let parse =
            |words: &str| Arguments::<NoCommand>::try_parse_from(["feeds"].into_iter().chain(words.split_whitespace()));
        assert!(parse("").unwrap().command.is_none());
        for known in [
            "migrate",
            "check-config",
            "config-schema",
            "dead-letters --revive",
            "new-keys --namespace lcr --prefix lcr --database postgres://{role}@db/lcr",
            "check http://127.0.0.1:9090/readyz",
            "check --within 5 http://127.0.0.1:9090/readyz",
        ] {
            assert!(parse(known).is_ok_and(|arguments| arguments.command.is_some()), "{known}");
        }
        for unknown in ["serve", "log-key", "check", "migrate now", "new-keys --nmespace lcr"] {
            assert!(parse(unknown).is_err_and(|error| error.exit_code() == 2), "{unknown}");
        }
    }

    /// The chart's `preStop` adds two seconds.
    #[test]
    fn a_process_stops_within_three_seconds() {
        assert!(STOP_TIMEOUT <= Duration::from_secs(3), "{STOP_TIMEOUT:?}");
    }
}
