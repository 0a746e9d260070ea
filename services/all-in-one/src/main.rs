//! The `all-in-one` program: the whole platform in one process, without the demo. For trials and single machines.
//!
//! Settings: `LCR_DATA_DIR` (a folder), `LCR_LISTEN` (an address, default loopback), `LCR_PORT` (the gateway's, default
//! 8080; unencrypted HL7 v2 always listens on loopback), `LCR_PUBLIC_ORIGIN`, `LCR_EGRESS_ALLOW` (ranges, separated by
//! commas), `LCR_OVERRIDE_POLICY` (`no-override`, the default, or `emergency-override`), `LCR_OTLP_ENDPOINT`, `LCR_LOG`, and
//! `LCR_CONFIG`: a TOML file with `providers`, `organisations` and `systems`. `check URL` requests an address, for health checks.

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use clap::{Parser, Subcommand};
use lcr_all_in_one::{DemoConfig, Ports, ProviderSettings, Seed, Settings, start};
use lcr_contracts::registry::{Organisation, System};
use lcr_runtime::{
    process::{Check, command, origin_of, settings::read_file, signals::Signals},
    telemetry::{self, LogFormat, TelemetryOptions},
};
use serde::Deserialize;

/// The settings it reads. Any other `LCR_…` variable is an error.
const SETTING_NAMES: [&str; 9] = [
    "LCR_DATA_DIR",
    "LCR_LISTEN",
    "LCR_PORT",
    "LCR_PUBLIC_ORIGIN",
    "LCR_EGRESS_ALLOW",
    "LCR_OVERRIDE_POLICY",
    "LCR_OTLP_ENDPOINT",
    "LCR_LOG",
    "LCR_CONFIG",
];

/// The whole Leeds Care Record in one process. Without a command it serves until it is stopped.
///
/// Its settings are `LCR_…` variables. `LCR_CONFIG` names a TOML file with `providers`, `organisations` and `systems`.
#[derive(Parser)]
#[command(name = "all-in-one")]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Check the settings and report the first error.
    CheckConfig,
    Check(Check),
}

/// The file: identity providers, and the registry of a small deployment.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct ConfigFile {
    providers: Vec<ProviderSettings>,
    organisations: Vec<Organisation>,
    systems: Vec<System>,
}

#[tokio::main]
async fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Some(Command::Check(check)) => check.run().await.map_err(|error| (1, error.to_string())),
        Some(Command::CheckConfig) => {
            read_settings().map(|_| println!("the settings are whole")).map_err(|reason| (2, reason))
        }
        None => serve().await,
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, reason)) => {
            eprintln!("all-in-one: {reason}");
            ExitCode::from(code)
        }
    }
}

async fn serve() -> Result<(), (u8, String)> {
    let (settings, demo_config) = read_settings().map_err(|reason| (2, reason))?;
    let signals = Signals::install().map_err(|error| (1, error.to_string()))?;
    let (otlp_endpoint, log) = (read_env("LCR_OTLP_ENDPOINT"), read_env("LCR_LOG"));
    let telemetry_options = TelemetryOptions {
        service: "all-in-one",
        format: LogFormat::Json,
        log: log.as_deref(),
        otlp_endpoint: otlp_endpoint.as_deref(),
    };
    let telemetry = telemetry::init(&telemetry_options).map_err(|error| (2, format!("`otlp_endpoint` {error}")))?;
    let served = serve_until_signal(settings, demo_config, signals).await;
    telemetry.stop().await;
    served
}

async fn serve_until_signal(
    settings: Settings,
    demo_config: DemoConfig,
    mut signals: Signals,
) -> Result<(), (u8, String)> {
    let platform = start(settings, demo_config).await.map_err(|error| (1, error.to_string()))?;
    println!("ready http://localhost:{}", platform.ports.gateway);
    signals.received().await;
    platform.mark_not_ready();
    tokio::time::sleep(command::READINESS_DELAY).await;
    platform.shutdown().await;
    Ok(())
}

fn read_env(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn read_settings() -> Result<(Settings, DemoConfig), String> {
    let mut names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    if let Some(unknown) = names.find(|name| name.starts_with("LCR_") && !SETTING_NAMES.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not a setting of one process; those are {}", SETTING_NAMES.join(", ")));
    }
    let invalid = |name: &str, form: &str| format!("`{name}` is not {form}");
    let address = read_env("LCR_LISTEN").unwrap_or_else(|| "127.0.0.1".to_owned());
    let port = read_env("LCR_PORT").unwrap_or_else(|| "8080".to_owned());
    let ranges = read_env("LCR_EGRESS_ALLOW").unwrap_or_default();
    let ranges = ranges.split(',').map(str::trim).filter(|range| !range.is_empty());
    let settings = Settings {
        data_dir: PathBuf::from(read_env("LCR_DATA_DIR").unwrap_or_else(|| ".lcr".to_owned())),
        address: address.parse().map_err(|_| invalid("LCR_LISTEN", "an address such as 0.0.0.0"))?,
        ports: Ports {
            gateway: port
                .parse()
                .ok()
                .filter(|port| (5506..=64_000).contains(port))
                .ok_or_else(|| invalid("LCR_PORT", "a port from 5506 to 64000"))?,
        },
        public_origin: read_env("LCR_PUBLIC_ORIGIN")
            .map(|text| origin_of(&text).map_err(|_| invalid("LCR_PUBLIC_ORIGIN", "`https://host`")))
            .transpose()?,
        deadline: Duration::from_secs(2),
        searches_per_minute: lcr_all_in_one::SEARCHES_PER_MINUTE,
        override_policy: read_env("LCR_OVERRIDE_POLICY")
            .map(|name| {
                name.parse().map_err(|_| invalid("LCR_OVERRIDE_POLICY", "`no-override` or `emergency-override`"))
            })
            .transpose()?
            .unwrap_or_default(),
        egress_allow: ranges
            .map(|range| range.parse().map_err(|_| invalid("LCR_EGRESS_ALLOW", "ranges such as 10.0.0.0/8")))
            .collect::<Result<_, _>>()?,
    };
    if let Some(filter) = read_env("LCR_LOG") {
        telemetry::check_filter(&filter).map_err(|reason| format!("`LCR_LOG` {reason}"))?;
    }
    let file = read_env("LCR_CONFIG").map(|file| read_file::<ConfigFile>(&file));
    let ConfigFile { providers, organisations, systems } =
        file.transpose().map_err(|error| error.to_string())?.unwrap_or_default();
    let seed = Seed { organisations, systems, clients: vec![] };
    Ok((settings, DemoConfig { providers, seed, ..DemoConfig::default() }))
}
