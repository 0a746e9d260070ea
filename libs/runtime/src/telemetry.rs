//! Logs, one line an event to standard error, and traces, to a collector where one is named. What is in neither:
//! names, numbers, addresses, clinical content, query strings, bodies, tokens, person ids in paths (spans carry the
//! route's template instead).

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

pub use export::{NoCollector, traces as traces_to};

/// Spans that still wait are sent before the process ends, if that takes no longer.
pub const LAST_WORDS: Duration = Duration::from_millis(200);

/// Whether `filter` says what is logged.
pub fn reads(filter: &str) -> Result<(), String> {
    EnvFilter::try_new(filter).map(drop).map_err(|_| "is no filter as `warn,lcr=info` is one".to_owned())
}

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Plain,
    /// For collectors.
    Json,
}

/// What a process tells of itself, and to whom.
#[derive(Debug, Clone)]
pub struct Telling<'t> {
    pub service: &'static str,
    pub format: LogFormat,
    /// What is logged, over `LCR_LOG`.
    pub log: Option<&'t str>,
    /// The collector; without it no trace is kept.
    pub otlp_endpoint: Option<&'t str>,
}

/// What is still to be sent when the process ends.
#[must_use]
#[derive(Debug)]
pub struct Telemetry {
    spans: Option<SdkTracerProvider>,
}

/// Starts logging and tracing for the process; later calls start nothing. Within a runtime, where a collector is
/// named.
pub fn init(telling: &Telling<'_>) -> Result<Telemetry, NoCollector> {
    // Libraries may log what they carry (statements, headers), so they speak only of warnings.
    let fallback = || EnvFilter::new("warn,lcr=info,sqlx=error,hyper=error");
    let told = telling.log.and_then(|filter| EnvFilter::try_new(filter).ok());
    let filter = told.or_else(|| EnvFilter::try_from_env("LCR_LOG").ok()).unwrap_or_else(fallback);
    let lines = match telling.format {
        LogFormat::Plain => fmt::layer().with_writer(std::io::stderr).compact().boxed(),
        LogFormat::Json => {
            let form = line::Json { service: telling.service };
            fmt::layer().with_writer(std::io::stderr).event_format(form).boxed()
        }
    };
    let spans = telling.otlp_endpoint.map(|to| export::provider(telling.service, to)).transpose()?;
    // Lines are of events alone: spans are a collector's, and without one they are not made at all.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method alone is too narrow a function"
    )]
    let events = filter_fn(|meta| meta.is_event()).with_max_level_hint(LevelFilter::TRACE);
    let lines = lines.with_filter(filter.and(events));
    let registry = tracing_subscriber::registry().with(spans.as_ref().map(traces)).with(lines);
    let started = registry.try_init().is_ok();
    Ok(Telemetry { spans: spans.filter(|_| started) })
}

/// Our own spans, whatever is logged; what is logged within them stays in the log, which has the trace's id.
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
    /// Sends what waits. Called last: what ends after it is not told.
    pub async fn stop(self) {
        let Some(spans) = self.spans else { return };
        // It blocks, and what it waits for runs here.
        let done = tokio::task::spawn_blocking(move || spans.shutdown_with_timeout(LAST_WORDS)).await;
        if !matches!(done, Ok(Ok(()))) {
            tracing::warn!("the last spans did not reach the collector");
        }
    }
}
