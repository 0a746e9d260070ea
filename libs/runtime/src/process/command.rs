//! The words a service's program takes. Serving is none of them: it is what a program does when told nothing.
//!
//! Exit codes: 0 stopped as told or done, 1 something it depends on failed, 2 settings or words are wrong.

use std::{collections::BTreeMap, io::Write, net::SocketAddr, process::ExitCode, sync::Arc, time::Duration};

use axum::middleware;
use lcr_web::{EgressRules, Outbound};
use tokio::{net::TcpListener, task::JoinSet};

use super::{
    Frame, Process, StartError, dead_letters,
    frame::{self, location},
    new_keys,
    running::Running,
    settings::{BadSettings, Settings},
    signals::Signals,
};
use crate::{Metrics, Stop, admin, metrics, serve::Connections, telemetry};

const WORDS: &str = "\
(nothing)        serve until told to stop
migrate          bring the store up to date, under a lock; done at once when it is
check-config     read the settings and say what is wrong with them
dead-letters     list what was put aside of what it heard: [--revive] deliver it again
config-schema    print the settings as a JSON Schema
new-keys         print fresh keys for a deployment: [--namespace NS] [--prefix RELEASE] [--database URL with {role}]
check URL        ask an address; 0 when it answers well: [--within SECONDS] again until it does";

/// After it is said that it is not ready, before it stops listening: those who send here hear of it first. In a cluster
/// they have heard already, during the pod's `preStop`.
pub const UNTIL_HEARD: Duration = Duration::from_millis(300);
/// What still runs when all is done may take so long: whatever was acknowledged is on disk.
const LAST_TASKS: Duration = Duration::from_millis(200);
/// The longest that a process takes to end once it is told to. With the chart's `preStop` a pod is gone within five seconds.
pub const STOPS_WITHIN: Duration = UNTIL_HEARD
    .saturating_add(crate::serve::DRAIN)
    .saturating_add(telemetry::LAST_WORDS)
    .saturating_add(LAST_TASKS);

pub fn run<P: Process>(arguments: &[String]) -> ExitCode {
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let done = match words.as_slice() {
        ["config-schema"] => out(&format!("{:#}\n", P::NEEDS.schema())),
        ["new-keys", rest @ ..] => print_keys(rest),
        ["check", rest @ ..] => on_runtime(check(rest)),
        ["check-config"] => settings_of::<P>(&environment).and_then(|_| out("the settings are whole\n")),
        ["dead-letters", rest @ ..] if P::NEEDS.bus => settings_of::<P>(&environment)
            .and_then(|all| on_runtime(dead_letters::run(&P::NEEDS, &all, rest))),
        ["migrate"] => settings_of::<P>(&environment).and_then(|all| on_runtime(migrate::<P>(all))),
        [] => settings_of::<P>(&environment).and_then(|all| on_runtime(serve::<P>(all))),
        [word] if let Some(said) = P::own_word(word, || frame_of::<P>(&environment)) => {
            said.and_then(|text| out(&text))
        }
        _ => Err(BadSettings::wrong("what it is told", format!("is not one of\n{WORDS}")).into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{}: {error}", P::NEEDS.service);
            ExitCode::from(if matches!(error, StartError::Settings(_)) { 2 } else { 1 })
        }
    }
}

/// To whoever reads; somebody who has read enough and closes is no failure.
pub(super) fn out(text: &str) -> Result<(), StartError> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(StartError::away(error)),
        _ => Ok(()),
    }
}

fn frame_of<P: Process>(environment: &BTreeMap<String, String>) -> Result<Frame, StartError> {
    let metrics = Arc::new(Metrics::new(P::NEEDS.service.as_str()).map_err(StartError::away)?);
    Ok(Frame::open(P::NEEDS.read(environment)?, P::NEEDS, metrics, Stop::new())?)
}

/// Read, and used as far as can be without asking anybody.
fn settings_of<P: Process>(environment: &BTreeMap<String, String>) -> Result<Settings, StartError> {
    let settings = frame_of::<P>(environment)?.settings;
    if let Some(filter) = &settings.log {
        telemetry::reads(filter).map_err(|why| BadSettings::wrong("log", why))?;
    }
    if let Some(to) = &settings.otlp_endpoint {
        telemetry::traces_to(to).map_err(BadSettings::from)?;
    }
    if P::NEEDS.bus {
        frame::bus_url(&settings)?;
    }
    if P::NEEDS.cache {
        frame::cache_url(&settings)?;
    }
    if P::NEEDS.store {
        location(&settings, P::NEEDS.service, false)?;
        location(&settings, P::NEEDS.service, true)?;
    }
    Ok(settings)
}

impl From<telemetry::NoCollector> for BadSettings {
    fn from(error: telemetry::NoCollector) -> Self {
        Self::wrong("otlp_endpoint", error.to_string())
    }
}

fn on_runtime<T>(work: impl Future<Output = Result<T, StartError>>) -> Result<T, StartError> {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().enable_all().build().map_err(StartError::away)?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_TASKS);
    done
}

async fn migrate<P: Process>(settings: Settings) -> Result<(), StartError> {
    if !P::NEEDS.store {
        return Ok(());
    }
    let service = P::NEEDS.service;
    let (migrates, runs) = (location(&settings, service, true)?, location(&settings, service, false)?);
    lcr_store::migrate::run::<P::Tables>(&migrates, &runs)
        .await
        .map_err(|error| StartError::Away(format!("not migrated: {}", lcr_store::cause_of(&error))))
}

async fn serve<P: Process>(settings: Settings) -> Result<(), StartError> {
    let signals = Signals::install().map_err(StartError::away)?;
    let telling = telemetry::Telling {
        service: P::NEEDS.service.as_str(),
        format: telemetry::LogFormat::Json,
        log: settings.log.as_deref(),
        otlp_endpoint: settings.otlp_endpoint.as_deref(),
    };
    let telemetry = telemetry::init(&telling).map_err(BadSettings::from)?;
    let served = until_told::<P>(settings, signals).await;
    telemetry.stop().await;
    served
}

async fn until_told<P: Process>(settings: Settings, mut signals: Signals) -> Result<(), StartError> {
    let service = P::NEEDS.service.as_str();
    let (stop, leaving) = (Stop::new(), Stop::new());
    let metrics = Arc::new(Metrics::new(service).map_err(StartError::away)?);
    let must = |address: Option<_>, name: &str| address.ok_or_else(|| BadSettings::Missing(name.to_owned()));
    let (listen, admin_listen) =
        (must(settings.listen, "listen")?, must(settings.admin_listen, "admin_listen")?);
    let location = P::NEEDS.store.then(|| location(&settings, P::NEEDS.service, false)).transpose()?;
    let admin_listener = bind(admin_listen, "admin_listen").await?;
    // Alive from the first moment, ready when it is built: it may have to wait for what it depends on.
    let doors = admin::Admin::starting(metrics.clone(), leaving.clone());
    let mut serving = JoinSet::new();
    let admin_stop = Stop::new();
    let per_peer = settings.connections_per_peer;
    let of_admin = Arc::new(Connections::of_admin());
    serving.spawn(crate::serve(admin_listener, admin::router(doors.clone()), of_admin, admin_stop.clone()));
    let frame = Frame::open(settings, P::NEEDS, metrics.clone(), stop.clone())?;
    let start = async {
        if let Some(location) = location {
            doors
                .patiently("store", || lcr_store::migrate::is_current::<P::Tables>(&location, service))
                .await;
        }
        P::start(frame).await
    };
    let Running { router, checks, degrades, beside } = tokio::select! {
        started = start => started?,
        () = signals.told() => return Ok(()),
    };
    doors.started(service, checks, degrades);
    let of = metrics::OfService { metrics, service };
    let router = router.layer(middleware::from_fn_with_state(of, metrics::observe));
    let listener = bind(listen, "listen").await?;
    let mut working = JoinSet::new();
    let connections = Arc::new(Connections::of_this_process(per_peer));
    working.spawn(crate::serve(listener, router, connections, stop.clone()));
    for one in beside {
        working.spawn(one);
    }
    tracing::info!(service, "serving");
    tokio::select! {
        () = signals.told() => {}
        ended = working.join_next() => return Err(StartError::Away(format!("it stopped serving: {ended:?}"))),
    }
    leave(working, &leaving, &stop).await;
    admin_stop.cancel();
    tracing::info!(service, "stopped as told");
    Ok(())
}

async fn bind(address: SocketAddr, name: &str) -> Result<TcpListener, StartError> {
    let bound = TcpListener::bind(address).await;
    bound.map_err(|error| StartError::Away(format!("`{name}` cannot be listened on: {error}")))
}

/// Says that it is not ready, lets that be heard, and finishes what runs, within its time.
async fn leave(mut working: JoinSet<std::io::Result<()>>, leaving: &Stop, stop: &Stop) {
    leaving.cancel();
    tokio::time::sleep(UNTIL_HEARD).await;
    stop.cancel();
    let finished = async { while working.join_next().await.is_some() {} };
    if tokio::time::timeout(crate::serve::DRAIN, finished).await.is_err() {
        tracing::warn!("something was still at work when its time was over");
    }
}

/// `URL`, or `--within SECONDS URL`.
pub async fn check(words: &[&str]) -> Result<(), StartError> {
    let (url, within) = match words {
        [url] => (*url, Duration::ZERO),
        ["--within", seconds, url] => {
            let seconds =
                seconds.parse().map_err(|_| BadSettings::wrong("--within", "is not a number of seconds"))?;
            (*url, Duration::from_secs(seconds))
        }
        _ => return Err(BadSettings::wrong("check", "takes [--within SECONDS] URL").into()),
    };
    let ends = tokio::time::Instant::now() + within;
    loop {
        match check_once(url).await {
            Err(StartError::Away(_)) if tokio::time::Instant::now() < ends => {
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
        Outbound::new(EgressRules { inside: true, ..EgressRules::default() }).map_err(StartError::away)?;
    let answer = outbound.send(Outbound::get(url, Duration::from_secs(5))).await.map_err(StartError::away)?;
    let said: String = String::from_utf8_lossy(&answer.body).chars().take(2000).collect();
    out(&format!("{} {said}\n", answer.status))?;
    if (200..300).contains(&answer.status) {
        Ok(())
    } else {
        Err(StartError::Away(format!("answered {}", answer.status)))
    }
}

fn print_keys(words: &[&str]) -> Result<(), StartError> {
    let mut told = BTreeMap::from([("--namespace", "lcr"), ("--prefix", "lcr"), ("--database", "")]);
    for pair in words.chunks(2) {
        let [name, value] = pair else { return Err(BadSettings::wrong(pair[0], "needs a value").into()) };
        let slot =
            told.get_mut(name).ok_or_else(|| BadSettings::wrong(name, "is not a word of `new-keys`"))?;
        *slot = *value;
    }
    let text = new_keys::text(told["--namespace"], told["--prefix"], told["--database"])
        .map_err(StartError::away)?;
    out(&text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chart's `preStop` takes two more.
    #[test]
    fn a_process_stops_within_three_seconds() {
        assert!(STOPS_WITHIN <= Duration::from_secs(3), "{STOPS_WITHIN:?}");
    }
}
