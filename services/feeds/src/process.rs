//! Feeds as a process of its own: HTTP, and MLLP if an address is set. MLLP without TLS must only run in demonstrations.

use std::{net::SocketAddr, path::PathBuf};

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{
    NoCommand, Process, RunningService, ServiceContext, ServiceSpec, StartError, settings::BadSettings,
};
use schemars::JsonSchema;
use serde::Deserialize;
use tokio::net::TcpListener;

use crate::{Deps, Metrics, Tls, TlsFiles, build, store::Migrator};

/// The settings that only feeds has.
#[derive(Debug, Deserialize, JsonSchema)]
pub struct Settings {
    /// HL7 v2 over MLLP: `0.0.0.0:2575`.
    pub mllp_listen: Option<SocketAddr>,
    /// Our certificate, its key, and who may sign a sender's: PEM files. All three, or none.
    pub mllp_certificate: Option<PathBuf>,
    pub mllp_key: Option<PathBuf>,
    pub mllp_client_ca: Option<PathBuf>,
}

/// The feeds process.
#[derive(Debug)]
pub struct FeedsProcess;

impl Process for FeedsProcess {
    const SPEC: ServiceSpec = ServiceSpec {
        service: ServiceName::Feeds,
        store: true,
        bus: true,
        cache: false,
        subscribes_to: &[Stream::Partners],
        data_key: true,
    };
    type Settings = Settings;
    type Command = NoCommand;
    type Tables = Migrator;

    async fn start(context: ServiceContext, settings: Settings) -> Result<RunningService, StartError> {
        let handle = build(Deps {
            metrics: Metrics::new(context.metrics.meter()).map_err(StartError::unavailable)?,
            store: context.store()?,
            clock: context.clock.clone(),
            authenticator: context.authenticator(),
            data_keys: context.data_keys()?,
            stop: context.stop.clone(),
        })
        .await
        .map_err(StartError::unavailable)?;
        let bus = context.bus(&handle.store).await?;
        handle.listen(&bus.subscriptions);
        let mut running = RunningService::new(handle.router.clone()).needs_store(&handle.store).uses_bus(&bus);
        if let Some(address) = settings.mllp_listen {
            let tls = load_tls(settings)?;
            if tls.is_none() && !context.common.is_demo() {
                let reason = "is missing: MLLP without TLS, open to any sender, is for demonstrations only";
                return Err(BadSettings::wrong("mllp_certificate", reason).into());
            }
            let listener = TcpListener::bind(address).await.map_err(StartError::unavailable)?;
            running.beside.push(Box::pin(handle.serve_mllp(listener, tls, context.stop.clone())));
        }
        Ok(running)
    }
}

/// The TLS files from the settings: all three, or none.
fn load_tls(settings: Settings) -> Result<Option<Tls>, BadSettings> {
    let files = match (settings.mllp_certificate, settings.mllp_key, settings.mllp_client_ca) {
        (None, None, None) => return Ok(None),
        (Some(certificate), Some(key), Some(client_ca)) => TlsFiles { certificate, key, client_ca },
        _ => {
            let reason = "goes with `mllp_key` and `mllp_client_ca`: all three, or none";
            return Err(BadSettings::wrong("mllp_certificate", reason));
        }
    };
    Tls::read(files).map(Some).map_err(|error| BadSettings::wrong("mllp_certificate", error))
}
