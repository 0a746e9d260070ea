//! The resources that all services share in one process: data folder, keys, cache, HTTP client, clock and stop tokens.
//! It must know no service.

use std::sync::Arc;

use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_model::{Clock, ServiceName, SystemClock, seal::DataKeys};
use lcr_runtime::{DataDir, KeyFolder, Stop};
use lcr_store::Location;
use lcr_web::{Authenticator, EgressRules, Outbound};

use crate::{DemoConfig, Settings, StartError};

/// Memory the embedded cache may use, in bytes.
const CACHE_BYTES: u64 = 48 << 20;

/// The resources that all services share in one process.
pub(crate) struct SharedResources {
    pub folder: DataDir,
    pub settings: Settings,
    pub keys: KeyFolder,
    pub data_keys: Arc<DataKeys>,
    pub cache: SealedCache,
    /// The gateway's cache: the same memory, sealed with a key of its own.
    pub gateway_cache: SealedCache,
    pub clock: Arc<dyn Clock>,
    pub outbound: Outbound,
    pub stops: Vec<(ServiceName, Stop)>,
    pub stop: Stop,
    /// Cancelled before `stop`: the process still serves but is no longer ready.
    pub draining: Stop,
}

impl SharedResources {
    pub fn open(settings: Settings, demo_config: &DemoConfig) -> Result<Self, StartError> {
        let data_dir = settings.data_dir.clone();
        let folder_error = |reason: std::io::Error| StartError::Folder {
            folder: data_dir.display().to_string(),
            why: reason.to_string(),
        };
        let folder = DataDir::lock(&settings.data_dir).map_err(folder_error)?;
        let keys = KeyFolder::open(&settings.data_dir.join("keys")).map_err(folder_error)?;
        let data_keys = Arc::new(keys.data_keys().map_err(folder_error)?);
        let egress_rules =
            EgressRules { loopback: demo_config.demo, allow: settings.egress_allow.clone(), inside: false };
        let outbound = Outbound::new(egress_rules)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let gateway_keys = Arc::new(keys.gateway_data_keys().map_err(folder_error)?);
        let embedded_cache = Arc::new(EmbeddedCache::new(CACHE_BYTES));
        let gateway_cache = SealedCache::new(embedded_cache.clone(), gateway_keys);
        let cache = SealedCache::new(embedded_cache, data_keys.clone());
        Ok(Self {
            folder,
            settings,
            keys,
            data_keys,
            cache,
            gateway_cache,
            clock,
            outbound,
            stops: vec![],
            stop: Stop::new(),
            draining: Stop::new(),
        })
    }

    pub fn store_location(&self, service: ServiceName) -> Location {
        self.settings.data_dir.join(format!("{service}.db")).into()
    }

    pub fn authenticator(&self, me: ServiceName) -> Result<Authenticator, StartError> {
        let keys = self.keys.ring(me).map_err(|reason| StartError::Folder {
            folder: self.settings.data_dir.join("keys").display().to_string(),
            why: reason.to_string(),
        })?;
        Ok(Authenticator { me, keys, clock: self.clock.clone() })
    }

    pub fn log_key(&self) -> Result<lcr_model::SigningKey, StartError> {
        self.keys.log_key().map_err(|reason| StartError::Folder {
            folder: self.settings.data_dir.join("keys").display().to_string(),
            why: reason.to_string(),
        })
    }

    pub fn stop_token(&mut self, service: ServiceName) -> Stop {
        let stop = self.stop.child_token();
        self.stops.push((service, stop.clone()));
        stop
    }
}
