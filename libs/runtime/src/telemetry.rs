//! Logs to standard error, one line per event, and traces to a collector if one is set. Neither may hold names, numbers,
//! addresses, clinical content, query strings, bodies, tokens or person ids (spans carry the route template).

mod export;
mod line;

use std::time::Duration;

use opentelemetry::trace::TracerProvider as _;
use opentelemetry_sdk::trace::SdkTracerProvider;
use tracing::Subscriber;
use tracing_subscriber::{
    EnvFilter, Layer,
    filter::{FilterExt, FilterFn, LevelFilter, filter_fn},
    fmt,
    prelude::*,
    registry::LookupSpan,
};

pub use export::{ExportError, traces as traces_to};

/// How long the process waits at its end to send the last spans.
pub const FLUSH_TIMEOUT: Duration = Duration::from_millis(200);

/// Checks a log filter.
pub fn check_filter(filter: &str) -> Result<(), String> {
    EnvFilter::try_new(filter).map(drop).map_err(|_| "is no filter as `warn,lcr=info` is one".to_owned())
}

/// The format of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For a terminal.
    Plain,
    /// For log collectors.
    Json,
}

/// What a process logs and where it sends traces.
#[derive(Debug, Clone)]
pub struct TelemetryOptions<'t> {
    pub service: &'static str,
    pub format: LogFormat,
    /// The log filter; overrides `LCR_LOG`.
    pub log: Option<&'t str>,
    /// The collector. Without it no traces are made.
    pub otlp_endpoint: Option<&'t str>,
}

/// Sends the remaining spans when the process ends.
#[must_use]
#[derive(Debug)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

/// Starts logging and tracing for the process; later calls have no effect. Needs a runtime if a collector is set.
pub fn init(options: &TelemetryOptions<'_>) -> Result<Telemetry, ExportError> {
    // Libraries may log what they carry (statements, headers), so only their warnings are logged.
    let fallback = || EnvFilter::new("warn,lcr=info,sqlx=error,hyper=error");
    let from_settings = options.log.and_then(|filter| EnvFilter::try_new(filter).ok());
    let filter = from_settings.or_else(|| EnvFilter::try_from_env("LCR_LOG").ok()).unwrap_or_else(fallback);
    let lines = match options.format {
        LogFormat::Plain => fmt::layer().with_writer(std::io::stderr).compact().boxed(),
        LogFormat::Json => {
            let form = line::Json { service: options.service };
            fmt::layer().with_writer(std::io::stderr).event_format(form).boxed()
        }
    };
    let spans = options.otlp_endpoint.map(|to| export::provider(options.service, to)).transpose()?;
    // Only events become lines. Without a collector no spans are made.
    #[expect(clippy::redundant_closure_for_method_calls, reason = "the method alone is too narrow a function")]
    let events = filter_fn(|meta| meta.is_event()).with_max_level_hint(LevelFilter::TRACE);
    let lines = lines.with_filter(filter.and(events));
    let registry = tracing_subscriber::registry().with(spans.as_ref().map(traces)).with(lines);
    let started = registry.try_init().is_ok();
    Ok(Telemetry { spans: spans.filter(|_| started) })
}

/// Exports our own spans at any log level. Events stay in the log, which holds the trace id.
fn traces<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: Subscriber + for<'span> LookupSpan<'span> + Send + Sync,
{
    let ours: FilterFn = filter_fn(|meta| meta.is_span() && meta.target().starts_with("lcr"));
    tracing_opentelemetry::layer()
        .with_tracer(provider.tracer("lcr"))
        .with_location(false)
        .with_threads(false)
        .with_tracked_inactivity(false)
        .with_target(false)
        .with_filter(ours.with_max_level_hint(LevelFilter::INFO))
}

impl Telemetry {
    /// Sends the remaining spans. Call it last: later spans are lost.
    pub async fn stop(self) {
        let Some(spans) = self.spans else { return };
        // The call blocks, and the exporter runs on this runtime.
        let done = tokio::task::spawn_blocking(move || spans.shutdown_with_timeout(FLUSH_TIMEOUT)).await;
        if !matches!(done, Ok(Ok(()))) {
            tracing::warn!("the last spans did not reach the collector");
        }
    }
}
