//! The operator: keeps the cluster's way out to each partner, and the registry's rows, as the `PartnerSystem` resources
//! say. It is the only service that knows Kubernetes, holds nothing durable, reads no Secret, and never sees a patient.
//!
//! Flow: `process → reconcile → {domain, probe}`; `crd` is what people write. Calls identity alone.

pub mod crd;
pub mod domain;
mod failure;
pub mod lease;
pub mod metrics;
pub mod probe;
pub mod process;
pub mod reconcile;

use std::{io, sync::Arc};

use kube::runtime::reflector::{ObjectRef, store::Writer};
use lcr_runtime::Stop;
use tokio::sync::{mpsc, watch};

use crate::{crd::PartnerSystem, lease::Lease, reconcile::Context};

pub use failure::Failure;

/// Everything that runs.
#[derive(Debug)]
pub struct Operator {
    pub context: Arc<Context>,
    pub writer: Writer<PartnerSystem>,
    pub again: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
    pub lease: Lease,
    pub leads: watch::Sender<bool>,
}

impl Operator {
    /// Watches, and writes while it holds the lease, until `stop`. The lease is given back when nothing is written any
    /// more. An error when a part ends by itself: nobody would notice a watch without a lease.
    pub async fn run(self, stop: Stop) -> io::Result<()> {
        let gives_back = Stop::new();
        let mut lease = tokio::spawn(self.lease.keep(self.leads, gives_back.clone()));
        let works = async {
            tokio::join!(
                reconcile::watch::run(self.context.clone(), self.writer, self.again, stop.clone()),
                reconcile::pass::run(self.context.clone(), stop.clone()),
            )
        };
        tokio::select! {
            _ = works => {}
            _ = &mut lease => return Err(io::Error::other("the lease is kept no more")),
        }
        gives_back.cancel();
        let _ = lease.await;
        if stop.is_cancelled() { Ok(()) } else { Err(io::Error::other("the watch has ended")) }
    }
}
