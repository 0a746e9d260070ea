//! What a service is handed when it starts alone: its adapters open, its keys read, its callees reachable by name; and
//! what it hands back to be served.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use axum::Router;
use futures::future::BoxFuture;
use lcr_auth::KeyRing;
use lcr_bus::{Bus, NatsBus};
use lcr_cache::{Cache, EmbeddedCache, RedisCache, SealedCache};
use lcr_contracts::arrows;
use lcr_model::{Clock, Phi, ServiceName, SigningKey, SystemClock, seal::DataKeys};
use lcr_store::{Location, Store};
use lcr_web::{
    EgressRules, Gate, Outbound,
    measure::PeerCalls,
    remote::{Peer, Peers},
};
use reqwest::Url;
use thiserror::Error;

use super::{
    secrets::Secrets,
    settings::{BadSettings, Needs, Settings},
};
use crate::{Metrics, Stop, admin::Check, metrics::Unsent};

/// Memory the embedded cache may use, in bytes.
const CACHE_BYTES: u64 = 16 << 20;

/// Why a service did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// Something it depends on; the text names it and holds no address.
    #[error("{0}")]
    Away(String),
}

impl StartError {
    pub fn away(error: impl std::fmt::Display) -> Self {
        Self::Away(error.to_string())
    }
}

/// What a service gets.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct Frame {
    pub settings: Settings,
    pub needs: Needs,
    pub clock: Arc<dyn Clock>,
    pub keys: KeyRing,
    pub stop: Stop,
    pub metrics: Arc<Metrics>,
    data_keys: Option<Arc<DataKeys>>,
    log_key: Option<SigningKey>,
    peers: Peers,
}

/// What a service gives.
#[expect(missing_debug_implementations, reason = "routers and tasks have none")]
pub struct Running {
    pub router: Router,
    /// What `/readyz` asks: without it nothing can be answered.
    pub checks: Vec<(&'static str, Check)>,
    /// What it does without for a while, and says so.
    pub degrades: Vec<(&'static str, Check)>,
    /// What runs besides HTTP (MLLP); it ends by itself when told to stop.
    pub beside: Vec<BoxFuture<'static, std::io::Result<()>>>,
}

impl Running {
    pub fn new(router: Router) -> Self {
        Self { router, checks: vec![], degrades: vec![], beside: vec![] }
    }

    /// Nothing works without the store.
    #[must_use]
    pub fn needs_store(mut self, store: &Store) -> Self {
        let store = store.clone();
        let ask: Check = Arc::new(move || {
            let store = store.clone();
            Box::pin(async move { store.ready().await })
        });
        self.checks.push(("store", ask));
        self
    }

    /// Reads go on without the bus; what others did is heard later.
    #[must_use]
    pub fn hears(mut self, carried: &Carried) -> Self {
        let bus = carried.0.clone();
        let ask: Check = Arc::new(move || {
            let connected = bus.ready();
            Box::pin(async move {
                connected
                    .then_some(())
                    .ok_or_else(|| "not connected: what others did is heard later".to_owned())
            })
        });
        self.degrades.push(("bus", ask));
        self
    }
}

/// The bus of this process.
#[derive(Debug, Clone)]
pub struct Carried(NatsBus);

impl Carried {
    pub fn bus(&self) -> Arc<dyn Bus> {
        Arc::new(self.0.clone())
    }
}

impl Frame {
    pub fn open(
        settings: Settings,
        needs: Needs,
        metrics: Arc<Metrics>,
        stop: Stop,
    ) -> Result<Self, BadSettings> {
        let secrets = Secrets::read(&settings, &needs)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let numbers = PeerCalls::new(metrics.meter())
            .map_err(|error| BadSettings::wrong("metrics", error.to_string()))?;
        let peers = Peers {
            me: needs.service,
            keys: secrets.ring.clone(),
            clock: clock.clone(),
            addresses: addresses(&settings, needs.service)?,
            numbers,
        };
        Ok(Self {
            settings,
            needs,
            clock,
            keys: secrets.ring,
            stop,
            metrics,
            data_keys: secrets.data.map(Arc::new),
            log_key: secrets.log,
            peers,
        })
    }

    pub fn gate(&self) -> Gate {
        Gate { me: self.needs.service, keys: self.keys.clone(), clock: self.clock.clone() }
    }

    pub fn data_keys(&self) -> Result<Arc<DataKeys>, BadSettings> {
        self.data_keys.clone().ok_or_else(|| BadSettings::Missing("data_key".into()))
    }

    pub fn log_key(&self) -> Result<SigningKey, BadSettings> {
        self.log_key.clone().ok_or_else(|| BadSettings::Missing("log_key".into()))
    }

    /// Where its own data is.
    pub fn store(&self) -> Result<Location, BadSettings> {
        location(&self.settings, self.needs.service, false)
    }

    /// The bus, carrying the log of `store`. It connects when it can, and again for ever.
    pub async fn bus(&self, store: &Store) -> Result<Carried, StartError> {
        let url = secret(self.settings.bus_url.as_ref(), "bus_url")?;
        let known = |one: &str| one.trim().starts_with("nats://") || one.trim().starts_with("tls://");
        if !url.split(',').all(known) {
            let why = "is not `nats://host:4222` (the embedded bus is for one process)";
            return Err(BadSettings::wrong("bus_url", why).into());
        }
        let bus = NatsBus::connect(url, self.settings.bus_replicas.unwrap_or(1)).await;
        let bus = bus.map_err(|failure| BadSettings::wrong("bus_url", failure.outward()))?;
        // Most of the time it is there at once; where it is not, whoever hears waits by itself.
        let connected = async {
            while !bus.ready() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), connected).await;
        tokio::spawn(bus.clone().relay(store.clone()));
        let unsent = Unsent::new(self.metrics.meter(), self.needs.service.as_str());
        tokio::spawn(unsent.map_err(StartError::away)?.look(store.clone()));
        Ok(Carried(bus))
    }

    /// The cache, its names hashed and its values sealed.
    pub async fn cache(&self) -> Result<SealedCache, StartError> {
        let url = secret(self.settings.cache_url.as_ref(), "cache_url")?;
        let inner: Arc<dyn Cache> = if url == "embedded:" {
            Arc::new(EmbeddedCache::new(CACHE_BYTES))
        } else {
            let why = "is not `redis://host:6379` or `embedded:`";
            let redis = RedisCache::open(url).map_err(|_| BadSettings::wrong("cache_url", why))?;
            // Its first connection is made now, not by the first reader's page. One that is away may stay away.
            redis.ready().await;
            Arc::new(redis)
        };
        Ok(SealedCache::new(inner, self.data_keys()?))
    }

    /// The one client for what is not ours.
    pub fn outbound(&self) -> Result<Outbound, StartError> {
        Outbound::new(self.egress_rules()).map_err(StartError::away)
    }

    /// Where what is not ours may be.
    pub fn egress_rules(&self) -> EgressRules {
        EgressRules {
            loopback: self.settings.demo.unwrap_or(false),
            allow: self.settings.egress_allow.clone().unwrap_or_default(),
            inside: false,
        }
    }

    /// The way to a callee.
    pub fn peer(&self, to: ServiceName) -> Result<Peer, StartError> {
        self.peers.peer(to).map_err(StartError::Away)
    }

    /// Where callees are, for what is passed on whole.
    pub fn addresses(&self) -> BTreeMap<ServiceName, String> {
        let text = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        self.peers.addresses.iter().map(|(service, url)| (*service, text(url))).collect()
    }

    pub fn public_origin(&self) -> Result<String, BadSettings> {
        let origin = self
            .settings
            .public_origin
            .clone()
            .ok_or_else(|| BadSettings::Missing("public_origin".into()))?;
        let read = Url::parse(&origin).ok().filter(|url| url.path() == "/" && url.query().is_none());
        if read.is_none() || origin.ends_with('/') {
            return Err(BadSettings::wrong("public_origin", "is not `https://host` or `https://host:port`"));
        }
        Ok(origin)
    }

    pub fn deadline(&self) -> Duration {
        Duration::from_millis(self.settings.deadline_ms.unwrap_or(2000))
    }
}

/// The store's address as settings name it; `migrating` prefers the address of the role that may change tables.
pub(super) fn location(
    settings: &Settings,
    service: ServiceName,
    migrating: bool,
) -> Result<Location, BadSettings> {
    let migrate = settings.migrate_database_url.as_ref().filter(|_| migrating);
    let url = secret(migrate.or(settings.database_url.as_ref()), "database_url")?;
    Location::parse(url, service.as_str())
        .map_err(|error| BadSettings::wrong("database_url", error.to_string()))
}

fn secret<'s>(value: Option<&'s Phi<String>>, name: &str) -> Result<&'s str, BadSettings> {
    value.map(|value| value.as_ref().as_str()).ok_or_else(|| BadSettings::Missing(name.to_owned()))
}

fn addresses(settings: &Settings, me: ServiceName) -> Result<BTreeMap<ServiceName, Url>, BadSettings> {
    let all = [
        (ServiceName::Identity, &settings.identity_url),
        (ServiceName::Consent, &settings.consent_url),
        (ServiceName::PatientIndex, &settings.patient_index_url),
        (ServiceName::RecordAggregation, &settings.record_aggregation_url),
        (ServiceName::VirtualWard, &settings.virtual_ward_url),
        (ServiceName::Audit, &settings.audit_url),
        (ServiceName::Feeds, &settings.feeds_url),
    ];
    let mut addresses = BTreeMap::new();
    for (service, url) in all.into_iter().filter(|(service, _)| arrows::may_call(me, *service)) {
        let Some(text) = url else { continue };
        let url =
            Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let name = format!("{}_url", service.as_str().replace('-', "_"));
        addresses.insert(service, url.ok_or_else(|| BadSettings::wrong(&name, "is not `http://host:8080`"))?);
    }
    Ok(addresses)
}
