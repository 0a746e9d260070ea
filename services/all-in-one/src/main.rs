//! One process from settings alone: no demo, no personas. For trials, and for whoever needs no more than one machine.
//!
//! `LCR_DATA_DIR` (a folder), `LCR_LISTEN` (an address, loopback when absent), `LCR_PORT` (the gateway's, 8080 when
//! absent), `LCR_PUBLIC_ORIGIN`, `LCR_EGRESS_ALLOW` (ranges, separated by commas), `LCR_OTLP_ENDPOINT`, and `LCR_CONFIG`: a TOML file
//! with `providers`. `check URL` asks an address, for health checks.

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use lcr_all_in_one::{Extras, Ports, Settings, start};
use lcr_runtime::{
    process::{command, settings, signals::Signals},
    telemetry::{self, LogFormat, Telling},
};

/// After it is said that it is not ready, before it stops listening.
const UNTIL_HEARD: Duration = Duration::from_secs(1);

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", url] => command::check(url).await.map_err(|error| (1, error.to_string())),
        ["check-config"] => told().map(|_| println!("the settings are whole")).map_err(|why| (2, why)),
        [] => serve().await,
        _ => Err((2, "the words are: nothing, `check-config`, or `check URL`".to_owned())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err((code, why)) => {
            eprintln!("all-in-one: {why}");
            ExitCode::from(code)
        }
    }
}

async fn serve() -> Result<(), (u8, String)> {
    let (settings, extras) = told().map_err(|why| (2, why))?;
    let signals = Signals::install().map_err(|error| (1, error.to_string()))?;
    let collector = env::var("LCR_OTLP_ENDPOINT").ok().filter(|value| !value.is_empty());
    let telling = Telling {
        service: "all-in-one",
        format: LogFormat::Json,
        log: None,
        otlp_endpoint: collector.as_deref(),
    };
    let telemetry = telemetry::init(&telling).map_err(|error| (2, format!("`otlp_endpoint` {error}")))?;
    let served = until_told(settings, extras, signals).await;
    telemetry.stop().await;
    served
}

async fn until_told(settings: Settings, extras: Extras, signals: Signals) -> Result<(), (u8, String)> {
    let platform = start(settings, extras).await.map_err(|error| (1, error.to_string()))?;
    println!("ready http://localhost:{}", platform.ports.gateway);
    signals.told().await;
    platform.leave();
    tokio::time::sleep(UNTIL_HEARD).await;
    platform.shutdown().await;
    Ok(())
}

fn told() -> Result<(Settings, Extras), String> {
    let read = |name: &str| env::var(name).ok().filter(|value| !value.is_empty());
    let wrong = |name: &str, form: &str| format!("`{name}` is not {form}");
    let address = read("LCR_LISTEN").unwrap_or_else(|| "127.0.0.1".to_owned());
    let port = read("LCR_PORT").unwrap_or_else(|| "8080".to_owned());
    let ranges = read("LCR_EGRESS_ALLOW").unwrap_or_default();
    let ranges = ranges.split(',').map(str::trim).filter(|range| !range.is_empty());
    let settings = Settings {
        data_dir: PathBuf::from(read("LCR_DATA_DIR").unwrap_or_else(|| ".lcr".to_owned())),
        address: address.parse().map_err(|_| wrong("LCR_LISTEN", "an address such as 0.0.0.0"))?,
        ports: Ports {
            gateway: port
                .parse()
                .ok()
                .filter(|port| (5506..=64_000).contains(port))
                .ok_or_else(|| wrong("LCR_PORT", "a port from 5506 to 64000"))?,
        },
        public_origin: read("LCR_PUBLIC_ORIGIN"),
        deadline: Duration::from_secs(2),
        egress_allow: ranges
            .map(|range| range.parse().map_err(|_| wrong("LCR_EGRESS_ALLOW", "ranges such as 10.0.0.0/8")))
            .collect::<Result<_, _>>()?,
    };
    let providers = settings::providers_of_file(read("LCR_CONFIG").as_deref()).map_err(|e| e.to_string())?;
    let providers = providers.into_iter().map(Into::into).collect();
    Ok((settings, Extras { providers, ..Extras::default() }))
}
