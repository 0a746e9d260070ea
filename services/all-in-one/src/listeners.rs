//! The listener of every port and the router that serves it. A new port must be bound in `Listeners::bind`, before
//! anything serves.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use lcr_model::ServiceName;
use lcr_runtime::{Metrics, admin, serve::Connections};
use tokio::{net::TcpListener, task::JoinSet};

use crate::{Ports, StartError, listen, services::Services, shared::SharedResources};

/// The bound listeners, one per service.
pub(crate) struct Listeners {
    gateway: TcpListener,
    identity: TcpListener,
    consent: TcpListener,
    index: TcpListener,
    records: TcpListener,
    ward: TcpListener,
    audit: TcpListener,
    feeds: TcpListener,
    mllp: TcpListener,
    admin: TcpListener,
}

impl Listeners {
    pub async fn bind(on: IpAddr, ports: Ports) -> Result<Self, StartError> {
        Ok(Self {
            gateway: listen::bind(on, ports.gateway).await?,
            identity: listen::bind(on, ports.identity()).await?,
            consent: listen::bind(on, ports.consent()).await?,
            index: listen::bind(on, ports.patient_index()).await?,
            records: listen::bind(on, ports.record_aggregation()).await?,
            ward: listen::bind(on, ports.virtual_ward()).await?,
            audit: listen::bind(on, ports.audit()).await?,
            feeds: listen::bind(on, ports.feeds()).await?,
            // MLLP is unencrypted and unauthenticated, so it must never accept connections from another machine.
            mllp: listen::bind(if on.is_loopback() { on } else { Ipv4Addr::LOCALHOST.into() }, ports.mllp()).await?,
            admin: listen::bind(on, ports.admin()).await?,
        })
    }

    pub fn serve(
        self,
        tasks: &mut JoinSet<std::io::Result<()>>,
        shared: &mut SharedResources,
        services: &Services,
        gateway_router: axum::Router,
        metrics: &Arc<Metrics>,
    ) {
        let stop = shared.stop.clone();
        let audit = shared.stops.iter().find(|(name, _)| *name == ServiceName::Audit).map_or(&stop, |(_, stop)| stop);
        let rows = [
            (self.identity, "identity", services.identity.router.clone(), &stop),
            (self.consent, "consent", services.consent.router.clone(), &stop),
            (self.index, "patient-index", services.index.router.clone(), &stop),
            (self.records, "record-aggregation", services.records.router.clone(), &stop),
            (self.ward, "virtual-ward", services.ward.router.clone(), &stop),
            (self.audit, "audit", services.audit.router.clone(), audit),
            (self.feeds, "feeds", services.feeds.router.clone(), &stop),
            (self.gateway, "gateway", gateway_router, &stop),
        ];
        let connections = Arc::new(Connections::of_this_process(None));
        for (listener, service, router, stop) in rows {
            listen::serve(tasks, listener, service, router, metrics, (&connections, stop));
        }
        tasks.spawn(services.feeds.clone().serve_mllp(self.mllp, None, stop.clone()));
        let admin = admin::Admin::starting(metrics.clone(), shared.draining.clone());
        admin.started("all-in-one", readiness_checks(services), vec![]);
        let admin = admin::router(admin);
        let admin_connections = Arc::new(Connections::of_admin());
        listen::serve(tasks, self.admin, "admin", admin, metrics, (&admin_connections, &stop));
    }
}

/// The checks of `/readyz`: every store answers, audit accepts entries and feeds accepts messages.
fn readiness_checks(services: &Services) -> Vec<(&'static str, admin::Check)> {
    let stores = [
        ("audit", &services.audit.store),
        ("identity", &services.identity.store),
        ("consent", &services.consent.store),
        ("patient-index", &services.index.store),
        ("record-aggregation", &services.records.store),
        ("virtual-ward", &services.ward.store),
        ("feeds", &services.feeds.store),
    ];
    let check = |(service, store): (&'static str, &lcr_store::Store)| {
        let (services, store) = (services.clone(), store.clone());
        let run_check: admin::Check = Arc::new(move || {
            let (services, store) = (services.clone(), store.clone());
            Box::pin(async move {
                let readiness = match service {
                    "audit" => services.audit.require_ready(),
                    "feeds" => services.feeds.ready(),
                    _ => Ok(()),
                };
                readiness.map_err(|failure| failure.inward().to_owned())?;
                store.ready().await
            })
        });
        (service, run_check)
    };
    stores.into_iter().map(check).collect()
}
