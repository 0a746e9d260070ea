//! One process from settings alone: no demo, no personas. `LCR_DATA_DIR` and `LCR_PORT` say where.

use std::{path::PathBuf, process::ExitCode, time::Duration};

use lcr_all_in_one::{Extras, Ports, Settings, start};
use lcr_runtime::telemetry::{self, LogFormat};

#[tokio::main]
async fn main() -> ExitCode {
    telemetry::init(LogFormat::Json);
    let settings = Settings {
        data_dir: std::env::var_os("LCR_DATA_DIR").map_or_else(|| PathBuf::from(".lcr"), PathBuf::from),
        ports: Ports {
            gateway: std::env::var("LCR_PORT").ok().and_then(|port| port.parse().ok()).unwrap_or(8080),
        },
        deadline: Duration::from_secs(2),
        egress_allow: vec![],
    };
    let platform = match start(settings, Extras::default()).await {
        Ok(platform) => platform,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(2);
        }
    };
    println!("ready http://localhost:{}", platform.ports.gateway);
    let _ = tokio::signal::ctrl_c().await;
    platform.shutdown().await;
    ExitCode::SUCCESS
}
