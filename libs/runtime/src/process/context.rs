//! The context of a service that runs alone: open adapters, keys, addresses of its callees. It must never hold anything
//! specific to one service.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use ipnet::IpNet;
use lcr_auth::KeyRing;
use lcr_bus::{NatsBus, Subscriptions};
use lcr_cache::{Cache, EmbeddedCache, RedisCache, SealedCache};
use lcr_contracts::call_graph;
use lcr_model::{Clock, Phi, ServiceName, SigningKey, SystemClock, seal::DataKeys};
use lcr_store::{Location, Store};
use lcr_web::{
    Authenticator, EgressRules, Outbound,
    metrics::PeerCalls,
    remote::{Peer, PeerDirectory},
};
use reqwest::Url;
use thiserror::Error;

use super::{
    secrets::{self, Secrets},
    service::{ServiceBus, ServiceCache},
    service_settings::ServiceSpec,
    settings::{BadSettings, CommonSettings},
};
use crate::{Metrics, Stop, metrics::RelayMetrics};

/// Memory limit of the embedded cache, in bytes.
const CACHE_BYTES: u64 = 16 << 20;

/// Why a service did not start.
#[derive(Debug, Error)]
pub enum StartError {
    #[error(transparent)]
    Settings(#[from] BadSettings),
    /// A dependency failed. The text names it and holds no address.
    #[error("{0}")]
    Unavailable(String),
}

impl StartError {
    pub fn unavailable(error: impl std::fmt::Display) -> Self {
        Self::Unavailable(error.to_string())
    }
}

/// What a service receives at its start.
#[expect(missing_debug_implementations, reason = "it holds keys")]
pub struct ServiceContext {
    pub common: CommonSettings,
    pub spec: ServiceSpec,
    pub clock: Arc<dyn Clock>,
    pub keys: KeyRing,
    pub stop: Stop,
    pub metrics: Arc<Metrics>,
    data_keys: Option<Arc<DataKeys>>,
    trial_log_key: Option<SigningKey>,
    peers: PeerDirectory,
}

impl ServiceContext {
    pub fn open(
        common: CommonSettings,
        spec: ServiceSpec,
        metrics: Arc<Metrics>,
        stop: Stop,
    ) -> Result<Self, BadSettings> {
        let secrets = Secrets::read(&common, &spec)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let calls =
            PeerCalls::new(metrics.meter()).map_err(|error| BadSettings::wrong("metrics", error.to_string()))?;
        let peers = PeerDirectory {
            me: spec.service,
            keys: secrets.ring.clone(),
            clock: clock.clone(),
            addresses: addresses(&common, spec.service)?,
            calls,
        };
        Ok(Self {
            common,
            spec,
            clock,
            keys: secrets.ring,
            stop,
            metrics,
            data_keys: secrets.data.map(Arc::new),
            trial_log_key: secrets.trial_log,
            peers,
        })
    }

    pub fn authenticator(&self) -> Authenticator {
        Authenticator { me: self.spec.service, keys: self.keys.clone(), clock: self.clock.clone() }
    }

    pub fn data_keys(&self) -> Result<Arc<DataKeys>, BadSettings> {
        self.data_keys.clone().ok_or_else(|| BadSettings::Missing("data_key".into()))
    }

    /// Audit's log key, from its setting. A trial derives it.
    pub fn log_key(&self, setting: Option<&Phi<String>>) -> Result<SigningKey, BadSettings> {
        match (&self.trial_log_key, setting) {
            // One would win without a word.
            (Some(_), Some(_)) => Err(BadSettings::wrong("trial_key", "does not go with `log_key`: one or the other")),
            (Some(key), None) => Ok(key.clone()),
            (None, Some(text)) => secrets::parse_signing_key(text.as_ref(), "log_key"),
            (None, None) => Err(BadSettings::Missing("log_key".into())),
        }
    }

    /// The location of its store.
    pub fn store(&self) -> Result<Location, BadSettings> {
        location(&self.common, self.spec.service, false)
    }

    /// The bus, relaying the log of `store`. It connects, and reconnects for ever, in the background.
    pub async fn bus(&self, store: &Store) -> Result<ServiceBus, StartError> {
        let url = bus_url(&self.common)?;
        let bus = NatsBus::connect(url, self.common.bus_replicas.unwrap_or(1)).await;
        let bus = bus.map_err(|failure| BadSettings::wrong("bus_url", failure.outward()))?;
        // Usually it is connected at once. If not, subscribers wait by themselves.
        let connected = async {
            while !bus.ready() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), connected).await;
        tokio::spawn(bus.clone().relay(store.clone()));
        let shown = store.show_statements(self.metrics.meter(), self.spec.service.as_str());
        shown.map_err(StartError::unavailable)?;
        let unsent = RelayMetrics::new(self.metrics.meter(), self.spec.service.as_str());
        tokio::spawn(unsent.map_err(StartError::unavailable)?.sample_forever(store.clone()));
        let subscriptions = Subscriptions::new(Arc::new(bus.clone()), self.stop.clone());
        Ok(ServiceBus { bus, subscriptions })
    }

    /// The cache. Keys are hashed, values sealed.
    pub async fn cache(&self) -> Result<ServiceCache, StartError> {
        let open = |url| RedisCache::open(url).map_err(|_| BadSettings::wrong("cache_url", "is not a Redis address"));
        let redis = cache_url(&self.common)?.map(open).transpose()?.map(Arc::new);
        if let Some(redis) = &redis {
            // Connect now, so that the first reader need not wait. A Redis that is down may stay down.
            redis.ready().await;
        }
        let inner: Arc<dyn Cache> = match redis.clone() {
            Some(redis) => redis,
            None => Arc::new(EmbeddedCache::new(CACHE_BYTES)),
        };
        Ok(ServiceCache { cache: SealedCache::new(inner, self.data_keys()?), redis })
    }

    /// The client for calls to partners. `allow` holds the private ranges they may be in.
    pub fn outbound(&self, allow: Option<Vec<IpNet>>) -> Result<Outbound, StartError> {
        Outbound::new(self.egress_rules(allow)).map_err(StartError::unavailable)
    }

    /// Where partners may be.
    pub fn egress_rules(&self, allow: Option<Vec<IpNet>>) -> EgressRules {
        EgressRules { loopback: self.common.is_demo(), allow: allow.unwrap_or_default(), inside: false }
    }

    /// The client for a callee.
    pub fn peer(&self, to: ServiceName) -> Result<Peer, StartError> {
        self.peers.peer(to).map_err(StartError::Unavailable)
    }

    /// The addresses of callees, for requests that are proxied.
    pub fn addresses(&self) -> BTreeMap<ServiceName, String> {
        let text = |url: &Url| url.as_str().trim_end_matches('/').to_owned();
        self.peers.addresses.iter().map(|(service, url)| (*service, text(url))).collect()
    }
}

/// Parses the origin under which browsers see the portal.
pub fn origin_of(text: &str) -> Result<String, BadSettings> {
    let plain = |url: &Url| {
        matches!(url.scheme(), "http" | "https")
            && url.has_host()
            && url.path() == "/"
            && (url.query(), url.fragment(), url.username()) == (None, None, "")
    };
    let read = Url::parse(text).ok().filter(plain);
    if read.is_none() || text.ends_with('/') {
        return Err(BadSettings::wrong("public_origin", "is not `https://host` or `https://host:port`"));
    }
    Ok(text.to_owned())
}

/// The store's address. `migrating` prefers the address of the role that may change tables. Outside trials, an address
/// must verify the server.
pub(super) fn location(
    settings: &CommonSettings,
    service: ServiceName,
    migrating: bool,
) -> Result<Location, BadSettings> {
    let migrate = settings.migrate_database_url.as_ref().filter(|_| migrating);
    let name = if migrate.is_some() { "migrate_database_url" } else { "database_url" };
    let url = required_secret(migrate.or(settings.database_url.as_ref()), name)?;
    let location = Location::parse(url, service.as_str());
    let location = location.map_err(|error| BadSettings::wrong(name, error.to_string()))?;
    let for_a_trial = settings.trial_key.is_some() || settings.is_demo();
    if for_a_trial {
        return Ok(location);
    }
    location.verified().map_err(|error| BadSettings::wrong(name, error.to_string()))
}

/// The address of the bus.
pub(super) fn bus_url(settings: &CommonSettings) -> Result<&str, BadSettings> {
    let url = required_secret(settings.bus_url.as_ref(), "bus_url")?;
    let known = |one: &str| one.trim().starts_with("nats://") || one.trim().starts_with("tls://");
    if url.split(',').all(known) && NatsBus::are_addresses(url) {
        return Ok(url);
    }
    Err(BadSettings::wrong("bus_url", "is not `nats://host:4222` (the embedded bus is for one process)"))
}

/// The address of the shared cache; `None` if it is embedded.
pub(super) fn cache_url(settings: &CommonSettings) -> Result<Option<&str>, BadSettings> {
    let text = required_secret(settings.cache_url.as_ref(), "cache_url")?;
    if text == "embedded:" {
        return Ok(None);
    }
    let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "redis" | "rediss") && url.has_host());
    let why = "is not `redis://host:6379`, `rediss://host:6380` or `embedded:`";
    url.map(|_| Some(text)).ok_or_else(|| BadSettings::wrong("cache_url", why))
}

fn required_secret<'s>(value: Option<&'s Phi<String>>, name: &str) -> Result<&'s str, BadSettings> {
    value.map(|value| value.as_ref().as_str()).ok_or_else(|| BadSettings::Missing(name.to_owned()))
}

fn addresses(settings: &CommonSettings, me: ServiceName) -> Result<BTreeMap<ServiceName, Url>, BadSettings> {
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
    for (service, url) in all.into_iter().filter(|(service, _)| call_graph::may_call(me, *service)) {
        let Some(text) = url else { continue };
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let name = format!("{}_url", service.as_str().replace('-', "_"));
        addresses.insert(service, url.ok_or_else(|| BadSettings::wrong(&name, "is not `http://host:8080`"))?);
    }
    Ok(addresses)
}

#[cfg(test)]
#[path = "context_tests.rs"]
mod tests;
