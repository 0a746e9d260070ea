//! The operator: makes the mesh's egress objects and the registry's rows match the `PartnerSystem` resources. Only this
//! service uses Kubernetes. It stores nothing, and must never see a patient's data. What it reads from a Secret goes to identity
//! and nowhere else.
//!
//! Flow: `process → reconcile → {domain, probe}`. `crd` defines the resource. It calls no service but identity.

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

/// The controller, the full pass and the lease, ready to run.
#[derive(Debug)]
pub struct Operator {
    pub context: Arc<Context>,
    pub writer: Writer<PartnerSystem>,
    pub requeue: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
    pub lease: Lease,
    pub leader: watch::Sender<bool>,
}

impl Operator {
    /// Runs until `stop`: every replica watches, the leader writes. Releases the lease after the last write. Returns an
    /// error if a part ends by itself, because a watch without a lease would go unnoticed.
    pub async fn run(self, stop: Stop) -> io::Result<()> {
        let release_lease = Stop::new();
        let mut lease = tokio::spawn(self.lease.run(self.leader, release_lease.clone()));
        let reconciling = async {
            tokio::join!(
                reconcile::watch_systems::run(self.context.clone(), self.writer, self.requeue, stop.clone()),
                reconcile::pass::run(self.context.clone(), stop.clone()),
            )
        };
        tokio::select! {
            _ = reconciling => {}
            _ = &mut lease => return Err(io::Error::other("the lease task ended")),
        }
        release_lease.cancel();
        let _ = lease.await;
        if stop.is_cancelled() { Ok(()) } else { Err(io::Error::other("the watch ended")) }
    }
}
