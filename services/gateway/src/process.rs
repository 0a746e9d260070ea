//! The gateway as a process of its own: every seam is elsewhere.

use std::sync::Arc;

use lcr_model::ServiceName;
use lcr_runtime::process::{Frame, Needs, NoTables, Process, Running, StartError};
use lcr_web::{EgressRules, Outbound, remote};

use crate::{Deps, Settings, router};

/// The gateway, alone.
#[derive(Debug)]
pub struct Alone;

impl Process for Alone {
    const NEEDS: Needs = Needs {
        service: ServiceName::Gateway,
        store: false,
        bus: false,
        cache: true,
        hears: &[],
        data_key: true,
        own: &["public_origin"],
        optional: &[],
    };
    type Tables = NoTables;

    async fn start(frame: Frame) -> Result<Running, StartError> {
        let kept = frame.cache().await?;
        let settings = Settings {
            public_origin: frame.public_origin()?,
            demo: frame.settings.demo.unwrap_or(false),
            proxied: frame.addresses(),
        };
        let deps = Deps {
            identity: Arc::new(remote::identity::Remote(frame.peer(ServiceName::Identity)?)),
            consent: Arc::new(remote::consent::Remote(frame.peer(ServiceName::Consent)?)),
            patient_index: Arc::new(remote::patient_index::Remote(frame.peer(ServiceName::PatientIndex)?)),
            records: Arc::new(remote::records::Remote(frame.peer(ServiceName::RecordAggregation)?)),
            virtual_ward: Arc::new(remote::ward::Remote(frame.peer(ServiceName::VirtualWard)?)),
            messages: Arc::new(remote::messages::Remote(frame.peer(ServiceName::Feeds)?)),
            audit: Arc::new(remote::audit::Remote(frame.peer(ServiceName::Audit)?)),
            clock: frame.clock.clone(),
            cache: kept.cache.clone(),
            stop: frame.stop.clone(),
            settings,
        };
        let inside = EgressRules { inside: true, ..EgressRules::default() };
        let router = router(deps, Outbound::new(inside).map_err(StartError::away)?);
        Ok(Running::new(router).remembers(&kept))
    }
}
