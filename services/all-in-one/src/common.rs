//! What all services share in one process: a folder, keys, a cache, a client, the clock, and how each is told to stop.

use std::sync::Arc;

use lcr_cache::{EmbeddedCache, SealedCache};
use lcr_model::{Clock, ServiceName, SystemClock, seal::DataKeys};
use lcr_runtime::{DataFolder, KeyFolder, Stop};
use lcr_store::Location;
use lcr_web::{EgressRules, Gate, Outbound};

use crate::{Extras, Settings, StartError};

/// Memory the embedded cache may use, in bytes.
const CACHE_BYTES: u64 = 48 << 20;

/// What all services share in one process.
pub(crate) struct Common {
    pub folder: DataFolder,
    pub settings: Settings,
    pub keys: KeyFolder,
    pub data_keys: Arc<DataKeys>,
    pub cache: SealedCache,
    /// The gateway's: the same memory under a key of its own.
    pub gateway_cache: SealedCache,
    pub clock: Arc<dyn Clock>,
    pub outbound: Outbound,
    pub stops: Vec<(ServiceName, Stop)>,
    pub stop: Stop,
    /// Told to stop, still serving: not ready any more.
    pub leaving: Stop,
}

impl Common {
    pub fn open(settings: Settings, extras: &Extras) -> Result<Self, StartError> {
        let named = settings.data_dir.clone();
        let unusable = |why: std::io::Error| StartError::Folder {
            folder: named.display().to_string(),
            why: why.to_string(),
        };
        let folder = DataFolder::claim(&settings.data_dir).map_err(unusable)?;
        let keys = KeyFolder::open(&settings.data_dir.join("keys")).map_err(unusable)?;
        let data_keys = Arc::new(keys.data_keys().map_err(unusable)?);
        let rules =
            EgressRules { loopback: extras.demo, allow: settings.egress_allow.clone(), inside: false };
        let outbound = Outbound::new(rules)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let gateway_keys = Arc::new(keys.gateway_data_keys().map_err(unusable)?);
        let memory = Arc::new(EmbeddedCache::new(CACHE_BYTES));
        let gateway_cache = SealedCache::new(memory.clone(), gateway_keys);
        let cache = SealedCache::new(memory, data_keys.clone());
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
            leaving: Stop::new(),
        })
    }

    pub fn file(&self, service: ServiceName) -> Location {
        self.settings.data_dir.join(format!("{service}.db")).into()
    }

    pub fn gate(&self, me: ServiceName) -> Result<Gate, StartError> {
        let keys = self.keys.ring(me).map_err(|why| StartError::Folder {
            folder: self.settings.data_dir.join("keys").display().to_string(),
            why: why.to_string(),
        })?;
        Ok(Gate { me, keys, clock: self.clock.clone() })
    }

    pub fn log_key(&self) -> Result<lcr_model::SigningKey, StartError> {
        self.keys.log_key().map_err(|why| StartError::Folder {
            folder: self.settings.data_dir.join("keys").display().to_string(),
            why: why.to_string(),
        })
    }

    pub fn stop_of(&mut self, service: ServiceName) -> Stop {
        let stop = self.stop.child_token();
        self.stops.push((service, stop.clone()));
        stop
    }
}
