//! One process from settings alone: no demo, no personas. For trials, and for whoever needs no more than one machine.
//!
//! `LCR_DATA_DIR` (a folder), `LCR_LISTEN` (an address, loopback when absent), `LCR_PORT` (the gateway's, 8080 when
//! absent; HL7 v2 in clear is on loopback whatever it says), `LCR_PUBLIC_ORIGIN`, `LCR_EGRESS_ALLOW` (ranges, separated by commas), `LCR_OTLP_ENDPOINT`, `LCR_LOG`, and
//! `LCR_CONFIG`: a TOML file with `providers`, `organisations` and `systems`. `check URL` asks an address, for health checks.

use std::{env, path::PathBuf, process::ExitCode, time::Duration};

use lcr_all_in_one::{Extras, Ports, Seed, Settings, start};
use lcr_runtime::{
    process::{command, origin_of, settings::OneFile, signals::Signals},
    telemetry::{self, LogFormat, Telling},
};

/// Everything it is told; another name is a mistake.
const NAMES: [&str; 8] = [
    "LCR_DATA_DIR",
    "LCR_LISTEN",
    "LCR_PORT",
    "LCR_PUBLIC_ORIGIN",
    "LCR_EGRESS_ALLOW",
    "LCR_OTLP_ENDPOINT",
    "LCR_LOG",
    "LCR_CONFIG",
];

#[tokio::main]
async fn main() -> ExitCode {
    let words: Vec<String> = env::args().skip(1).collect();
    let done = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["check", rest @ ..] => command::check(rest).await.map_err(|error| (1, error.to_string())),
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
    let (collector, log) = (read("LCR_OTLP_ENDPOINT"), read("LCR_LOG"));
    let telling = Telling {
        service: "all-in-one",
        format: LogFormat::Json,
        log: log.as_deref(),
        otlp_endpoint: collector.as_deref(),
    };
    let telemetry = telemetry::init(&telling).map_err(|error| (2, format!("`otlp_endpoint` {error}")))?;
    let served = until_told(settings, extras, signals).await;
    telemetry.stop().await;
    served
}

async fn until_told(settings: Settings, extras: Extras, mut signals: Signals) -> Result<(), (u8, String)> {
    let platform = start(settings, extras).await.map_err(|error| (1, error.to_string()))?;
    println!("ready http://localhost:{}", platform.ports.gateway);
    signals.told().await;
    platform.leave();
    tokio::time::sleep(command::UNTIL_HEARD).await;
    platform.shutdown().await;
    Ok(())
}

fn read(name: &str) -> Option<String> {
    env::var(name).ok().filter(|value| !value.is_empty())
}

fn told() -> Result<(Settings, Extras), String> {
    let mut names = env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    if let Some(unknown) = names.find(|name| name.starts_with("LCR_") && !NAMES.contains(&name.as_str())) {
        return Err(format!("`{unknown}` is not a setting of one process; those are {}", NAMES.join(", ")));
    }
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
        public_origin: read("LCR_PUBLIC_ORIGIN")
            .map(|text| origin_of(&text).map_err(|_| wrong("LCR_PUBLIC_ORIGIN", "`https://host`")))
            .transpose()?,
        deadline: Duration::from_secs(2),
        searches_per_minute: lcr_all_in_one::SEARCHES_PER_MINUTE,
        egress_allow: ranges
            .map(|range| range.parse().map_err(|_| wrong("LCR_EGRESS_ALLOW", "ranges such as 10.0.0.0/8")))
            .collect::<Result<_, _>>()?,
    };
    if let Some(filter) = read("LCR_LOG") {
        telemetry::reads(&filter).map_err(|why| format!("`LCR_LOG` {why}"))?;
    }
    let file = OneFile::read(read("LCR_CONFIG").as_deref()).map_err(|error| error.to_string())?;
    let seed = Seed { organisations: file.organisations, systems: file.systems, clients: vec![] };
    let providers = file.providers.into_iter().map(Into::into).collect();
    Ok((settings, Extras { providers, seed, ..Extras::default() }))
}
