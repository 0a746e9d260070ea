//! What every handler shares: the seams it was given, how it is reached, and the little it holds in memory.
//! Nothing here is a page or a path.

use std::{collections::BTreeMap, fmt, sync::Arc};

use lcr_cache::SealedCache;
use lcr_contracts::{Audit, Consent, Identity, Messages, PatientIndex, Records, VirtualWard};
use lcr_model::{Clock, ServiceName};
use lcr_runtime::Stop;

use crate::{looked::Looked, proxy::forward::Forward, searches::Searches, slots::Streams};

/// The seams the portal renders, and how it is reached.
#[derive(Clone)]
pub struct Deps {
    pub identity: Arc<dyn Identity>,
    pub consent: Arc<dyn Consent>,
    pub patient_index: Arc<dyn PatientIndex>,
    pub records: Arc<dyn Records>,
    pub virtual_ward: Arc<dyn VirtualWard>,
    pub messages: Arc<dyn Messages>,
    pub audit: Arc<dyn Audit>,
    pub clock: Arc<dyn Clock>,
    /// What replicas share of readers for a while: search answers, looks at lists.
    pub cache: SealedCache,
    pub stop: Stop,
    pub settings: Settings,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// How the portal is reached and what it forwards to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// As browsers see it: `http://localhost:8080`. Forms must come from it.
    pub public_origin: String,
    /// The demonstration: a ribbon on every page, and only the public host answers.
    pub demo: bool,
    /// Base address of each service that `proxy` may reach.
    pub proxied: BTreeMap<ServiceName, String>,
}

/// What every handler shares.
#[derive(Clone)]
pub(crate) struct App(pub Arc<Shared>);

pub(crate) struct Shared {
    pub deps: Deps,
    pub searches: Searches,
    pub streams: Streams,
    pub looked: Looked,
    pub forward: Arc<dyn Forward>,
}

impl std::ops::Deref for App {
    type Target = Shared;
    fn deref(&self) -> &Shared {
        &self.0
    }
}
