//! Serves until the program is told to stop, then drains. It must never report ready before the service is.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::middleware;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    Metrics, Stop, admin, metrics,
    process::{
        Process, ServiceContext, StartError,
        context::location,
        service::RunningService,
        settings::{BadSettings, CommonSettings},
        signals::Signals,
    },
    serve::Connections,
    telemetry,
};

/// How long a process stays up after it reports not ready, so that callers notice. In a cluster the pod's `preStop`
/// already gave them time.
pub const READINESS_DELAY: Duration = Duration::from_millis(300);

/// How long remaining tasks may run at the end. Acknowledged data is already on disk.
pub(super) const TASK_TIMEOUT: Duration = Duration::from_millis(200);

/// The longest shutdown of a process. With the chart's `preStop`, a pod is gone within five seconds.
pub const STOP_TIMEOUT: Duration = READINESS_DELAY
    .saturating_add(crate::serve::DRAIN_TIMEOUT)
    .saturating_add(telemetry::FLUSH_TIMEOUT)
    .saturating_add(TASK_TIMEOUT);

pub(super) async fn serve<P: Process>(settings: CommonSettings, own: P::Settings) -> Result<(), StartError> {
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
