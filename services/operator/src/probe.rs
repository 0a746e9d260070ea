//! Looks whether partners answer: a connection and a TLS handshake, nothing asked and nothing sent after it. At most
//! every five minutes for each host whoever asks, a hundred at once, three seconds each: three hundred that do not answer are
//! known in ten. It goes the way that
//! record-aggregation goes, through the mesh, under the same rules for addresses: nothing may be opened for it alone.

mod tls;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use jiff::Timestamp;
use lcr_model::Clock;
use lcr_web::EgressRules;
use tokio::{net::TcpStream, sync::Semaphore, time::timeout};

use crate::{
    domain::{
        conditions::{Probed, Unreached},
        egress::Host,
    },
    reconcile::timing,
};

pub use tls::Trust;

/// A look is a socket and a few kilobytes, and waits for most of its time.
const AT_ONCE: usize = 100;
/// Of one look, from the name to the certificate.
const TIME: Duration = Duration::from_secs(3);
const EVERY: Duration = Duration::from_mins(5);

/// What is known of a host.
#[derive(Debug, Default)]
struct Known {
    last: Option<Probed>,
    /// Not looked at again before.
    again: Option<Timestamp>,
}

/// All hosts that were asked about.
#[derive(Clone)]
pub struct Probes {
    rules: Arc<EgressRules>,
    trust: Trust,
    clock: Arc<dyn Clock>,
    turn: Arc<Semaphore>,
    known: Arc<Mutex<HashMap<Host, Known>>>,
}

impl std::fmt::Debug for Probes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Probes")
    }
}

impl Probes {
    pub fn new(rules: EgressRules, trust: Trust, clock: Arc<dyn Clock>) -> Self {
        let turn = Arc::new(Semaphore::new(AT_ONCE));
        Self { rules: Arc::new(rules), trust, clock, turn, known: Arc::default() }
    }

    /// What the last look showed. When one is due it is begun, and `news` called if it showed something else.
    pub fn ask(&self, host: &Host, news: impl FnOnce() + Send + 'static) -> Option<Probed> {
        let now = self.clock.now();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = known.entry(host.clone()).or_default();
        let last = entry.last.clone();
        if entry.again.is_none_or(|again| again <= now) {
            entry.again = now.checked_add(EVERY + timing::jitter(EVERY)).ok();
            tokio::spawn(self.clone().look(host.clone(), news));
        }
        last
    }

    /// Hosts that nobody names any more are forgotten.
    pub fn keep(&self, named: impl Fn(&Host) -> bool) {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).retain(|host, _| named(host));
    }

    async fn look(self, host: Host, news: impl FnOnce()) {
        let Ok(_turn) = self.turn.acquire().await else { return };
        let probed = self.once(&host).await;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let differs =
            known.get_mut(&host).is_some_and(|entry| entry.last.replace(probed.clone()) != Some(probed));
        drop(known);
        if differs {
            news();
        }
    }

    /// One look.
    pub async fn once(&self, host: &Host) -> Probed {
        let unreached = |why| Probed { reached: Err(why), certificate: None };
        let look = async {
            match self.connect(host).await {
                Err(why) => unreached(why),
                Ok(stream) => match self.trust.handshake(&host.name, stream).await {
                    None => unreached(Unreached::NoTls),
                    certificate => Probed { reached: Ok(()), certificate },
                },
            }
        };
        timeout(TIME, look).await.unwrap_or_else(|_| unreached(Unreached::TimedOut))
    }

    async fn connect(&self, host: &Host) -> Result<TcpStream, Unreached> {
        let found = tokio::net::lookup_host((host.name.as_str(), host.port)).await;
        let found: Vec<_> = found.map_err(|_| Unreached::NoAddress)?.collect();
        let permitted: Vec<_> =
            found.iter().filter(|address| self.rules.permits(address.ip())).copied().collect();
        match (found.is_empty(), permitted.is_empty()) {
            (true, _) => Err(Unreached::NoAddress),
            (false, true) => Err(Unreached::NotPermitted),
            _ => TcpStream::connect(permitted.as_slice()).await.map_err(|_| Unreached::NoConnection),
        }
    }
}
