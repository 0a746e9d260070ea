//! The commands of a service's program. Without a command it serves. Exit codes: 0 stopped or done, 1 a dependency
//! failed, 2 wrong settings or arguments. No command may print a secret, except `new-keys`.

use std::{collections::BTreeMap, io::Write, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::middleware;
use lcr_web::{EgressRules, Outbound};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    Process, ServiceContext, StartError,
    context::{self, location},
    dead_letters, new_keys,
    service::RunningService,
    settings::{BadSettings, Settings},
    signals::Signals,
};
use crate::{Metrics, Stop, admin, metrics, serve::Connections, telemetry};

const USAGE: &str = "\
(no command)     serve until stopped
migrate          migrate the database, under a lock; does nothing if it is up to date
check-config     check the settings and report the first error
dead-letters     list events that could not be processed: [--revive] deliver them again
config-schema    print the settings as a JSON Schema
new-keys         print new keys for a deployment: [--namespace NS] [--prefix RELEASE] [--database URL with {role}]
check URL        request an address; exits with 0 if it answers with success: [--within SECONDS] retry until it does";

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

pub fn run<P: Process>(arguments: &[String]) -> ExitCode {
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["config-schema"] => print(&format!("{:#}\n", P::SPEC.schema())),
        ["new-keys", rest @ ..] => print_keys(rest),
        ["check", rest @ ..] => on_runtime(check(rest)),
        ["check-config"] => read_settings::<P>(&environment).and_then(|_| print("the settings are whole\n")),
        ["dead-letters", rest @ ..] if P::SPEC.bus => {
            read_settings::<P>(&environment).and_then(|all| on_runtime(dead_letters::run(&P::SPEC, &all, rest)))
        }
        ["migrate"] => read_settings::<P>(&environment).and_then(|all| on_runtime(migrate::<P>(all))),
        [] => read_settings::<P>(&environment).and_then(|all| on_runtime(serve::<P>(all))),
        [word] if let Some(output) = P::extra_command(word, || open_context::<P>(&environment)) => {
            output.and_then(|text| print(&text))
        }
        _ => Err(BadSettings::wrong("the command", format!("is not one of\n{USAGE}")).into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", P::SPEC.service);
            ExitCode::from(if matches!(error, StartError::Settings(_)) { 2 } else { 1 })
        }
    }
}

/// Prints to standard output. A reader that closes the pipe is no failure.
pub(super) fn print(text: &str) -> Result<(), StartError> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(StartError::unavailable(error)),
        _ => Ok(()),
    }
}

fn open_context<P: Process>(environment: &BTreeMap<String, String>) -> Result<ServiceContext, StartError> {
    let metrics = Arc::new(Metrics::new(P::SPEC.service.as_str()).map_err(StartError::unavailable)?);
    Ok(ServiceContext::open(P::SPEC.read(environment)?, P::SPEC, metrics, Stop::new())?)
}

/// Reads the settings and checks them without a network call.
fn read_settings<P: Process>(environment: &BTreeMap<String, String>) -> Result<Settings, StartError> {
    let settings = open_context::<P>(environment)?.settings;
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
    Ok(settings)
}

impl From<telemetry::NoCollector> for BadSettings {
    fn from(error: telemetry::NoCollector) -> Self {
        Self::wrong("otlp_endpoint", error.to_string())
    }
}

fn on_runtime<T>(work: impl Future<Output = Result<T, StartError>>) -> Result<T, StartError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::unavailable)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(TASK_TIMEOUT);
    done
}

async fn migrate<P: Process>(settings: Settings) -> Result<(), StartError> {
    if !P::SPEC.store {
        return Ok(());
    }
    let service = P::SPEC.service;
    let (migrates, runs) = (location(&settings, service, true)?, location(&settings, service, false)?);
    lcr_store::migrate::run::<P::Tables>(&migrates, &runs)
        .await
        .map_err(|error| StartError::Unavailable(format!("not migrated: {}", lcr_store::cause_of(&error))))
}

async fn serve<P: Process>(settings: Settings) -> Result<(), StartError> {
    let signals = Signals::install().map_err(StartError::unavailable)?;
    let telling = telemetry::TelemetryOptions {
        service: P::SPEC.service.as_str(),
        format: telemetry::LogFormat::Json,
        log: settings.log.as_deref(),
        otlp_endpoint: settings.otlp_endpoint.as_deref(),
    };
    let telemetry = telemetry::init(&telling).map_err(BadSettings::from)?;
    let served = serve_until_stopped::<P>(settings, signals).await;
    telemetry.stop().await;
    served
}

async fn serve_until_stopped<P: Process>(settings: Settings, mut signals: Signals) -> Result<(), StartError> {
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
        P::start(context).await
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

/// `check URL`, or `check --within SECONDS URL`.
pub async fn check(words: &[&str]) -> Result<(), StartError> {
    let (url, within) = match words {
        [url] => (*url, Duration::ZERO),
        ["--within", seconds, url] => {
            let seconds = seconds.parse().map_err(|_| BadSettings::wrong("--within", "is not a number of seconds"))?;
            (*url, Duration::from_secs(seconds))
        }
        _ => return Err(BadSettings::wrong("check", "takes [--within SECONDS] URL").into()),
    };
    let ends = tokio::time::Instant::now() + within;
    loop {
        match check_once(url).await {
            Err(StartError::Unavailable(_)) if tokio::time::Instant::now() < ends => {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
            done => return done,
        }
    }
}

async fn check_once(url: &str) -> Result<(), StartError> {
    let wrong = || BadSettings::wrong("the address", "is not `http://host/path`");
    let url = reqwest::Url::parse(url).map_err(|_| wrong())?;
    let outbound =
        Outbound::new(EgressRules { inside: true, ..EgressRules::default() }).map_err(StartError::unavailable)?;
    let answer = outbound.send(Outbound::get(url, Duration::from_secs(5))).await.map_err(StartError::unavailable)?;
    let output: String = String::from_utf8_lossy(&answer.body).chars().take(2000).collect();
    print(&format!("{} {output}\n", answer.status))?;
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(StartError::Unavailable(format!("answered {}", answer.status)))
    }
}

fn print_keys(words: &[&str]) -> Result<(), StartError> {
    let mut options = BTreeMap::from([("--namespace", "lcr"), ("--prefix", "lcr"), ("--database", "")]);
    for pair in words.chunks(2) {
        let [name, value] = pair else { return Err(BadSettings::wrong(pair[0], "needs a value").into()) };
        let slot = options.get_mut(name).ok_or_else(|| BadSettings::wrong(name, "is not a word of `new-keys`"))?;
        *slot = *value;
    }
    let text = new_keys::text(options["--namespace"], options["--prefix"], options["--database"])
        .map_err(StartError::unavailable)?;
    print(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chart's `preStop` adds two seconds.
    #[test]
    fn a_process_stops_within_three_seconds() {
        assert!(STOP_TIMEOUT <= Duration::from_secs(3), "{STOP_TIMEOUT:?}");
    }
}
