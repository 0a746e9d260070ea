//! Feeds as a process of its own: HTTP, and MLLP if an address is set. MLLP without TLS must only run in demonstrations.

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{
    Process, RunningService, ServiceContext, ServiceSpec, Settings, StartError, settings::BadSettings,
};
use tokio::net::TcpListener;

use crate::{Deps, Metrics, Tls, TlsFiles, build, store::Migrator};

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
        settings: &[],
        optional: &["mllp_listen", "mllp_certificate", "mllp_key", "mllp_client_ca"],
    };
    type Tables = Migrator;

    async fn start(context: ServiceContext) -> Result<RunningService, StartError> {
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
        if let Some(address) = context.settings.mllp_listen {
            let tls = load_tls(&context.settings)?;
            if tls.is_none() && !context.settings.demo.unwrap_or(false) {
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
fn load_tls(settings: &Settings) -> Result<Option<Tls>, BadSettings> {
    let files = (&settings.mllp_certificate, &settings.mllp_key, &settings.mllp_client_ca);
    let files = match files {
        (None, None, None) => return Ok(None),
        (Some(certificate), Some(key), Some(client_ca)) => {
            TlsFiles { certificate: certificate.clone(), key: key.clone(), client_ca: client_ca.clone() }
        }
        _ => {
            let reason = "goes with `mllp_key` and `mllp_client_ca`: all three, or none";
            return Err(BadSettings::wrong("mllp_certificate", reason));
        }
    };
    Tls::read(files).map(Some).map_err(|error| BadSettings::wrong("mllp_certificate", error))
}
