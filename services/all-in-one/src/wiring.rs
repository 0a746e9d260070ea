//! Builds every service and connects them. The order of the lines is the call graph (`services/DESIGN.md`): a service
//! may only receive services built before it.

use std::{collections::BTreeMap, sync::Arc};

use lcr_bus::{EmbeddedBus, Subscriptions};
use lcr_gateway as gateway;
use lcr_model::ServiceName;
use lcr_observe::Meter;
use lcr_runtime::Metrics;
use lcr_web::{EgressRules, Outbound};
use tokio::task::JoinSet;

use crate::{
    DemoConfig, Platform, Ports, Settings, StartError, listeners::Listeners, services::Services,
    shared::SharedResources,
};

/// Starts the platform. Returns when every port accepts requests.
pub async fn start(settings: Settings, demo_config: DemoConfig) -> Result<Platform, StartError> {
    let ports = settings.ports;
    let listeners = Listeners::bind(settings.address, ports).await?;
    let mut shared = SharedResources::open(settings, &demo_config)?;
    let loopback_origin = || format!("http://localhost:{}", ports.gateway);
    let origin = shared.settings.public_origin.clone().unwrap_or_else(loopback_origin);

    let metrics = Arc::new(metrics_or_error(Metrics::new("all-in-one"))?);
    let services = build_services(&mut shared, metrics.meter(), &origin, &demo_config).await?;
    let (bus, subscriptions) = subscribe_all(&shared, &services, metrics.meter()).await?;
    services
        .identity
        .seed(demo_config.seed.clone())
        .await
        .map_err(|failure| StartError::Seed(failure.inward().to_owned()))?;

    let internal_client = Outbound::new(EgressRules { inside: true, ..EgressRules::default() })?;
    let deps = gateway::Deps {
        identity: services.identity.api.clone(),
        partners: services.identity.partners.clone(),
        consent: services.consent.api.clone(),
        patient_index: services.index.api.clone(),
        records: services.records.api.clone(),
        virtual_ward: services.ward.api.clone(),
        messages: services.feeds.api.clone(),
        audit: services.audit.api.clone(),
        clock: shared.clock.clone(),
        cache: shared.gateway_cache.clone(),
        stop: shared.stop.clone(),
        settings: gateway::Settings { public_origin: origin, demo: demo_config.demo, proxied: internal_urls(ports) },
    };
    let gateway_router = gateway::router(deps, internal_client);
    let mut tasks = JoinSet::new();
    listeners.serve(&mut tasks, &mut shared, &services, gateway_router, &metrics);
    let (stop, finished) = (shared.stop.clone(), subscriptions.finished());
    tasks.spawn(async move {
        stop.cancelled().await;
        // Do not wait for a batch that keeps failing: it is redelivered at the next start.
        let _ = tokio::time::timeout(lcr_runtime::serve::DRAIN_TIMEOUT, finished).await;
        Ok(())
    });
    Ok(Platform {
        ports,
        services,
        bus,
        stops: shared.stops,
        stop: shared.stop,
        draining: shared.draining,
        tasks,
        _folder: shared.folder,
    })
}

fn metrics_or_error<T>(result: Result<T, lcr_observe::Error>) -> Result<T, StartError> {
    result.map_err(|error| StartError::Metrics(error.to_string()))
}

/// Builds the services in the order of the call graph.
async fn build_services(
    shared: &mut SharedResources,
    meter: &Meter,
    origin: &str,
    demo_config: &DemoConfig,
) -> Result<Services, StartError> {
    let (audit, identity, consent) = build_access_services(shared, meter, origin, demo_config).await?;
    let (index, records, ward, feeds) = build_data_services(shared, meter, &consent).await?;
    Ok(Services { audit, identity, consent, index, records, ward, feeds })
}

/// Builds the services that decide and record who sees what.
async fn build_access_services(
    shared: &mut SharedResources,
    meter: &Meter,
    origin: &str,
    demo_config: &DemoConfig,
) -> Result<(lcr_audit::Handle, lcr_identity::Handle, lcr_consent::Handle), StartError> {
    let audit = lcr_audit::build(lcr_audit::Deps {
        metrics: metrics_or_error(lcr_audit::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::Audit),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::Audit)?,
        stop: shared.stop_token(ServiceName::Audit),
        log_key: shared.log_key()?,
    })
    .await?;
    let identity = lcr_identity::build(lcr_identity::Deps {
        metrics: metrics_or_error(lcr_identity::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::Identity),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::Identity)?,
        data_keys: shared.data_keys.clone(),
        outbound: shared.outbound.clone(),
        public_origin: origin.to_owned(),
        providers: demo_config.providers.clone(),
        demo: demo_config.demo,
    })
    .await?;
    let authenticator = shared.authenticator(ServiceName::Consent)?;
    let consent = lcr_consent::build(lcr_consent::Deps {
        metrics: metrics_or_error(lcr_consent::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::Consent),
        clock: shared.clock.clone(),
        signer: authenticator.keys.own().clone(),
        authenticator,
        audit: audit.api.clone(),
        data_keys: shared.data_keys.clone(),
        override_policy: shared.settings.override_policy,
    })
    .await?;
    Ok((audit, identity, consent))
}

type DataServices =
    (lcr_patient_index::Handle, lcr_record_aggregation::Handle, lcr_virtual_ward::Handle, lcr_feeds::Handle);

/// Builds the services that hold or fetch patients' data.
async fn build_data_services(
    shared: &mut SharedResources,
    meter: &Meter,
    consent: &lcr_consent::Handle,
) -> Result<DataServices, StartError> {
    let index = lcr_patient_index::build(lcr_patient_index::Deps {
        metrics: metrics_or_error(lcr_patient_index::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::PatientIndex),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::PatientIndex)?,
        data_keys: shared.data_keys.clone(),
        consent: consent.api.clone(),
        searches_per_minute: shared.settings.searches_per_minute,
    })
    .await?;
    let records = lcr_record_aggregation::build(lcr_record_aggregation::Deps {
        metrics: metrics_or_error(lcr_record_aggregation::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::RecordAggregation),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::RecordAggregation)?,
        data_keys: shared.data_keys.clone(),
        cache: shared.cache.clone(),
        outbound: shared.outbound.clone(),
        patient_index: index.api.clone(),
        consent: consent.api.clone(),
        deadline: shared.settings.deadline,
        stop: shared.stop_token(ServiceName::RecordAggregation),
    })
    .await?;
    let ward = lcr_virtual_ward::build(lcr_virtual_ward::Deps {
        metrics: metrics_or_error(lcr_virtual_ward::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::VirtualWard),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::VirtualWard)?,
        data_keys: shared.data_keys.clone(),
        consent: consent.api.clone(),
        stop: shared.stop_token(ServiceName::VirtualWard),
    })
    .await?;
    let feeds = lcr_feeds::build(lcr_feeds::Deps {
        metrics: metrics_or_error(lcr_feeds::Metrics::new(meter))?,
        store: shared.store_location(ServiceName::Feeds),
        clock: shared.clock.clone(),
        authenticator: shared.authenticator(ServiceName::Feeds)?,
        data_keys: shared.data_keys.clone(),
        stop: shared.stop_token(ServiceName::Feeds),
    })
    .await?;
    Ok((index, records, ward, feeds))
}

/// Attaches every outbox to the bus, then subscribes every service, so that no event is missed.
async fn subscribe_all(
    shared: &SharedResources,
    services: &Services,
    meter: &Meter,
) -> Result<(EmbeddedBus, Subscriptions), StartError> {
    let bus = EmbeddedBus::open(&shared.settings.data_dir.join("bus.db")).await?;
    for (service, store) in [
        (ServiceName::Audit, &services.audit.store),
        (ServiceName::Identity, &services.identity.store),
        (ServiceName::Consent, &services.consent.store),
        (ServiceName::PatientIndex, &services.index.store),
        (ServiceName::RecordAggregation, &services.records.store),
        (ServiceName::VirtualWard, &services.ward.store),
        (ServiceName::Feeds, &services.feeds.store),
    ] {
        bus.attach(store.outbox());
        metrics_or_error(store.show_statements(meter, service.as_str()))?;
    }
    let subscriptions = Subscriptions::new(Arc::new(bus.clone()), shared.stop.clone());
    services.audit.listen(&subscriptions);
    services.consent.listen(&subscriptions);
    services.index.listen(&subscriptions);
    services.records.listen(&subscriptions);
    services.ward.listen(&subscriptions);
    services.feeds.listen(&subscriptions);
    Ok((bus, subscriptions))
}

/// The addresses to which the gateway forwards requests of machines.
fn internal_urls(ports: Ports) -> BTreeMap<ServiceName, String> {
    let base = |port: u16| format!("http://127.0.0.1:{port}");
    BTreeMap::from([
        (ServiceName::Identity, base(ports.identity())),
        (ServiceName::Consent, base(ports.consent())),
        (ServiceName::PatientIndex, base(ports.patient_index())),
        (ServiceName::RecordAggregation, base(ports.record_aggregation())),
        (ServiceName::VirtualWard, base(ports.virtual_ward())),
        (ServiceName::Feeds, base(ports.feeds())),
        (ServiceName::Audit, base(ports.audit())),
    ])
}
