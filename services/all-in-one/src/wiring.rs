//! Every service and its needs: the order of these lines is the call graph (design section 3).

use std::{collections::BTreeMap, sync::Arc};

use lcr_bus::{Ears, EmbeddedBus};
use lcr_gateway as gateway;
use lcr_model::ServiceName;
use lcr_observe::Meter;
use lcr_runtime::Metrics;
use lcr_web::{EgressRules, Outbound};
use tokio::task::JoinSet;

use crate::{Extras, Platform, Ports, Settings, StartError, common::Common, doors::Listeners};

/// The running services.
#[derive(Debug, Clone)]
pub struct Services {
    pub audit: lcr_audit::Handle,
    pub identity: lcr_identity::Handle,
    pub consent: lcr_consent::Handle,
    pub index: lcr_patient_index::Handle,
    pub records: lcr_record_aggregation::Handle,
    pub ward: lcr_virtual_ward::Handle,
    pub feeds: lcr_feeds::Handle,
}

/// Starts everything; returns once every port serves.
pub async fn start(settings: Settings, extras: Extras) -> Result<Platform, StartError> {
    let ports = settings.ports;
    let listeners = Listeners::bind(settings.address, ports).await?;
    let mut common = Common::open(settings, &extras)?;
    let own = || format!("http://localhost:{}", ports.gateway);
    let origin = common.settings.public_origin.clone().unwrap_or_else(own);

    let metrics = Arc::new(numbers(Metrics::new("all-in-one"))?);
    let services = build(&mut common, metrics.meter(), &origin, &extras).await?;
    let (bus, ears) = connect(&common, &services).await?;
    services
        .identity
        .seed(extras.seed.clone())
        .await
        .map_err(|failure| StartError::Seed(failure.inward().to_owned()))?;

    let inside = Outbound::new(EgressRules { inside: true, ..EgressRules::default() })?;
    let deps = gateway::Deps {
        identity: services.identity.api.clone(),
        consent: services.consent.api.clone(),
        patient_index: services.index.api.clone(),
        records: services.records.api.clone(),
        virtual_ward: services.ward.api.clone(),
        messages: services.feeds.api.clone(),
        audit: services.audit.api.clone(),
        clock: common.clock.clone(),
        cache: common.gateway_cache.clone(),
        stop: common.stop.clone(),
        settings: gateway::Settings { public_origin: origin, demo: extras.demo, proxied: proxied(ports) },
    };
    let portal = gateway::router(deps, inside);
    let mut serving = JoinSet::new();
    listeners.serve(&mut serving, &mut common, &services, portal, &metrics);
    let (told, finished) = (common.stop.clone(), ears.finished());
    serving.spawn(async move {
        told.cancelled().await;
        // A batch that fails again and again is not waited for: it comes again at the next start.
        let _ = tokio::time::timeout(lcr_runtime::serve::DRAIN, finished).await;
        Ok(())
    });
    Ok(Platform {
        ports,
        services,
        bus,
        stops: common.stops,
        stop: common.stop,
        leaving: common.leaving,
        serving,
        _folder: common.folder,
    })
}

fn numbers<T>(made: Result<T, lcr_observe::Error>) -> Result<T, StartError> {
    made.map_err(|error| StartError::Metrics(error.to_string()))
}

async fn build(
    common: &mut Common,
    meter: &Meter,
    origin: &str,
    extras: &Extras,
) -> Result<Services, StartError> {
    let audit = lcr_audit::build(lcr_audit::Deps {
        metrics: numbers(lcr_audit::Numbers::new(meter))?,
        store: common.file(ServiceName::Audit),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::Audit)?,
        stop: common.stop_of(ServiceName::Audit),
        log_key: common.log_key()?,
    })
    .await?;
    let identity = lcr_identity::build(lcr_identity::Deps {
        metrics: numbers(lcr_identity::Numbers::new(meter))?,
        store: common.file(ServiceName::Identity),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::Identity)?,
        data_keys: common.data_keys.clone(),
        outbound: common.outbound.clone(),
        public_origin: origin.to_owned(),
        providers: extras.providers.clone(),
        demo: extras.demo,
    })
    .await?;
    let consent_gate = common.gate(ServiceName::Consent)?;
    let consent = lcr_consent::build(lcr_consent::Deps {
        metrics: numbers(lcr_consent::Numbers::new(meter))?,
        store: common.file(ServiceName::Consent),
        clock: common.clock.clone(),
        signer: consent_gate.keys.own().clone(),
        gate: consent_gate,
        audit: audit.api.clone(),
        data_keys: common.data_keys.clone(),
    })
    .await?;
    let index = lcr_patient_index::build(lcr_patient_index::Deps {
        metrics: numbers(lcr_patient_index::Numbers::new(meter))?,
        store: common.file(ServiceName::PatientIndex),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::PatientIndex)?,
        data_keys: common.data_keys.clone(),
        consent: consent.api.clone(),
        searches_per_minute: common.settings.searches_per_minute,
    })
    .await?;
    let records = lcr_record_aggregation::build(lcr_record_aggregation::Deps {
        metrics: numbers(lcr_record_aggregation::Numbers::new(meter))?,
        store: common.file(ServiceName::RecordAggregation),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::RecordAggregation)?,
        data_keys: common.data_keys.clone(),
        cache: common.cache.clone(),
        outbound: common.outbound.clone(),
        patient_index: index.api.clone(),
        consent: consent.api.clone(),
        deadline: common.settings.deadline,
        stop: common.stop_of(ServiceName::RecordAggregation),
    })
    .await?;
    let ward = lcr_virtual_ward::build(lcr_virtual_ward::Deps {
        metrics: numbers(lcr_virtual_ward::Numbers::new(meter))?,
        store: common.file(ServiceName::VirtualWard),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::VirtualWard)?,
        data_keys: common.data_keys.clone(),
        consent: consent.api.clone(),
        stop: common.stop_of(ServiceName::VirtualWard),
    })
    .await?;
    let feeds = lcr_feeds::build(lcr_feeds::Deps {
        metrics: numbers(lcr_feeds::Numbers::new(meter))?,
        store: common.file(ServiceName::Feeds),
        clock: common.clock.clone(),
        gate: common.gate(ServiceName::Feeds)?,
        data_keys: common.data_keys.clone(),
        stop: common.stop_of(ServiceName::Feeds),
    })
    .await?;
    Ok(Services { audit, identity, consent, index, records, ward, feeds })
}

/// Every log on the bus first, then everybody listens.
async fn connect(common: &Common, services: &Services) -> Result<(EmbeddedBus, Ears), StartError> {
    let bus = EmbeddedBus::open(&common.settings.data_dir.join("bus.db")).await?;
    for store in [
        &services.audit.store,
        &services.identity.store,
        &services.consent.store,
        &services.index.store,
        &services.records.store,
        &services.ward.store,
        &services.feeds.store,
    ] {
        bus.attach(store.outbox());
    }
    let ears = Ears::new(Arc::new(bus.clone()), common.stop.clone());
    services.audit.listen(&ears);
    services.consent.listen(&ears);
    services.index.listen(&ears);
    services.records.listen(&ears);
    services.ward.listen(&ears);
    services.feeds.listen(&ears);
    Ok((bus, ears))
}

/// Where the gateway forwards machines to.
fn proxied(ports: Ports) -> BTreeMap<ServiceName, String> {
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
