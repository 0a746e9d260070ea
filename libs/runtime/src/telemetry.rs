//! Logs: one line an event, to standard error. What is never logged: names, numbers, addresses, clinical content,
//! query strings, bodies, tokens, person ids in paths (spans carry the route's template instead).

use tracing_subscriber::{EnvFilter, fmt, prelude::*};

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// For people at a terminal.
    Plain,
    /// For collectors.
    Json,
}

/// Starts logging for the process; later calls do nothing. `LCR_LOG` overrides the filter.
pub fn init(format: LogFormat) {
    // Libraries may log what they carry (statements, headers), so they speak only of warnings.
    let fallback = || EnvFilter::new("warn,lcr=info,lcr_web=info,lcr_runtime=info,sqlx=error,hyper=error");
    let filter = EnvFilter::try_from_env("LCR_LOG").unwrap_or_else(|_| fallback());
    let registry = tracing_subscriber::registry().with(filter);
    let _ = match format {
        LogFormat::Plain => registry.with(fmt::layer().with_writer(std::io::stderr).compact()).try_init(),
        LogFormat::Json => registry.with(fmt::layer().with_writer(std::io::stderr).json()).try_init(),
    };
}
