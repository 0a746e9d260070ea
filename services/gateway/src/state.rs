//! The state that all handlers share: the other services, the settings and the caches. No page or path belongs here.

use std::{collections::BTreeMap, fmt, sync::Arc};

use lcr_cache::SealedCache;
use lcr_contracts::{Audit, Consent, Identity, Messages, Partners, PatientIndex, Records, VirtualWard};
use lcr_model::{Clock, ServiceName};
use lcr_runtime::Stop;

use crate::{
    cache::{
        framed_sessions::FramedSessions, open_overrides::OpenOverrides, override_rules::OverrideRules,
        recent_people::RecentPeople, recent_views::RecentViews, search_cache::SearchCache,
        sharing_register::CachedRegister,
    },
    proxy::forward::Forward,
    stream::stream_limits::StreamLimits,
};

/// What the gateway is built from.
#[derive(Clone)]
pub struct Deps {
    pub identity: Arc<dyn Identity>,
    pub partners: Arc<dyn Partners>,
    pub consent: Arc<dyn Consent>,
    pub patient_index: Arc<dyn PatientIndex>,
    pub records: Arc<dyn Records>,
    pub virtual_ward: Arc<dyn VirtualWard>,
    pub messages: Arc<dyn Messages>,
    pub audit: Arc<dyn Audit>,
    pub clock: Arc<dyn Clock>,
    /// Shared by replicas: search results and recent views of lists.
    pub cache: SealedCache,
    pub stop: Stop,
    pub settings: Settings,
}

impl fmt::Debug for Deps {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deps").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// The portal's public address and the addresses that it forwards to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The origin that browsers see, such as `http://localhost:8080`. Forms must come from it.
    pub public_origin: String,
    /// Demonstration: a ribbon on every page, and only the public host is served.
    pub demo: bool,
    /// The base address of each service that `proxy` may reach.
    pub proxied: BTreeMap<ServiceName, String>,
}

/// A cheap handle to the shared state, passed to every handler.
#[derive(Clone)]
pub(crate) struct App(pub Arc<SharedState>);

pub(crate) struct SharedState {
    pub deps: Deps,
    pub search_cache: SearchCache,
    pub stream_limits: StreamLimits,
    pub recent_views: RecentViews,
    pub recent_people: RecentPeople,
    pub framed_sessions: FramedSessions,
    pub open_overrides: OpenOverrides,
    pub override_rules: OverrideRules,
    pub sharing_register: CachedRegister,
    pub forward: Arc<dyn Forward>,
}

impl std::ops::Deref for App {
    type Target = SharedState;
    fn deref(&self) -> &SharedState {
        &self.0
    }
}
