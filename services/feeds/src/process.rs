//! Feeds as a process of its own: HTTP, and MLLP where it is told to listen.

use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, Process, Running, Settings, StartError, settings::BadSettings};
use tokio::net::TcpListener;

use crate::{Deps, Numbers, Tls, TlsFiles, build, store::Migrator};

/// Feeds, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Feeds,
        store: true,
        bus: true,
        cache: false,
        hears: &[Stream::Partners],
        data_key: true,
        own: &[],
        optional: &["mllp_listen", "mllp_certificate", "mllp_key", "mllp_client_ca"],
    };
    type Tables = Migrator;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let handle = build(Deps {
            metrics: Numbers::new(frame.metrics.meter()).map_err(StartError::away)?,
            store: frame.store()?,
            clock: frame.clock.clone(),
            gate: frame.gate(),
            data_keys: frame.data_keys()?,
            stop: frame.stop.clone(),
        })
        .await
        .map_err(StartError::away)?;
        let bus = frame.bus(&handle.store).await?;
        handle.listen(&bus.ears);
        let mut running = Running::new(handle.router.clone()).needs_store(&handle.store).hears(&bus);
        if let Some(address) = frame.settings.mllp_listen {
            let tls = tls(&frame.settings)?;
            if tls.is_none() && !frame.settings.demo.unwrap_or(false) {
                let why = "is missing: messages in clear, from whoever sends them, are for demonstrations";
                return Err(BadSettings::wrong("mllp_certificate", why).into());
            }
            let listener = TcpListener::bind(address).await.map_err(StartError::away)?;
            running.beside.push(Box::pin(handle.serve_mllp(listener, tls, frame.stop.clone())));
        }
        Ok(running)
    }
}

/// All three files, or none.
fn tls(settings: &Settings) -> Result<Option<Tls>, BadSettings> {
    let files = (&settings.mllp_certificate, &settings.mllp_key, &settings.mllp_client_ca);
    let files = match files {
        (None, None, None) => return Ok(None),
        (Some(certificate), Some(key), Some(client_ca)) => {
            TlsFiles { certificate: certificate.clone(), key: key.clone(), client_ca: client_ca.clone() }
        }
        _ => {
            let why = "goes with `mllp_key` and `mllp_client_ca`: all three, or none";
            return Err(BadSettings::wrong("mllp_certificate", why));
        }
    };
    Tls::read(files).map(Some).map_err(|why| BadSettings::wrong("mllp_certificate", why))
}
