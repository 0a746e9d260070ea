//! The addresses of the services that a service calls. It must refuse a call that the call graph does not have.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use jiff::SignedDuration;
use lcr_auth::KeyRing;
use lcr_contracts::call_graph;
use lcr_model::{Clock, ServiceName};
use reqwest::Url;
use tower::retry::budget::TpsBudget;

use super::Peer;
use crate::{EgressRules, Outbound, breaker::Breaker, metrics::PeerCalls};

/// Failures in a row that open the breaker, and for how long: briefly, because the callee has other replicas.
const BREAKER_FAILURES: u32 = 10;
const BREAKER_PAUSE: SignedDuration = SignedDuration::from_millis(500);

/// The callees of a service and their addresses.
#[derive(Debug, Clone)]
pub struct PeerDirectory {
    pub me: ServiceName,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
    pub addresses: BTreeMap<ServiceName, Url>,
    pub calls: PeerCalls,
}

impl PeerDirectory {
    /// The connection to `to`. The error names the missing setting.
    pub fn peer(&self, to: ServiceName) -> Result<Peer, String> {
        let setting = to.as_str().replace('-', "_");
        if !call_graph::may_call(self.me, to) {
            return Err(format!("{} does not call {to}", self.me));
        }
        let base = self.addresses.get(&to).ok_or_else(|| format!("`{setting}_url` is missing"))?;
        let rules = EgressRules { inside: true, ..EgressRules::default() };
        Ok(Peer {
            outbound: Outbound::new(rules).map_err(|error| error.to_string())?,
            base: base.clone(),
            me: self.me,
            to,
            keys: self.keys.clone(),
            clock: self.clock.clone(),
            breaker: Breaker::new(BREAKER_FAILURES, BREAKER_PAUSE),
            budget: TpsBudget::new(Duration::from_secs(10), 10, 0.2),
            token: Mutex::default(),
            calls: self.calls.clone(),
        })
    }
}
