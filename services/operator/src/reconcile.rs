//! Reconciles one `PartnerSystem`: on every change and every five minutes, always the complete intent. It must write only
//! what differs, so that a cluster at rest is only read. There is no finalizer: the cluster deletes a system's objects by
//! their owner references.

pub mod apply;
pub mod partner_credentials;
pub mod pass;
pub mod registration;
pub mod status;
pub mod timing;
pub mod watch_systems;

use std::sync::Arc;

use k8s_openapi::api::core::v1::Secret;
use kube::{
    Api, Client, ResourceExt,
    runtime::{
        controller::Action,
        events::{Recorder, Reporter},
        reflector::{ObjectRef, Store},
    },
};
use lcr_contracts::Registrar;
use lcr_model::{Clock, OdsCode};
use tokio::sync::{Notify, mpsc, watch};

use crate::{
    Failure,
    crd::{ClientSpec, PartnerSystem},
    domain::{
        MeshScope,
        conditions::{Observation, ProbeResult},
        egress, managed_elsewhere, registry,
    },
    metrics::Metrics,
    probe::Probes,
};
use partner_credentials::PartnerCredentials;
use registration::Registration;
use timing::Backoff;

/// The shared state of all reconcile attempts.
pub struct Context {
    pub client: Client,
    /// None in a cluster without a mesh: then no mesh objects are written.
    pub mesh_scope: Option<MeshScope>,
    pub clock: Arc<dyn Clock>,
    pub registrar: Arc<dyn Registrar>,
    pub metrics: Metrics,
    pub probes: Probes,
    /// Whether this replica writes.
    pub leader: watch::Receiver<bool>,
    /// All systems, as last watched.
    pub systems: Store<PartnerSystem>,
    pub registration: Registration,
    pub credentials: PartnerCredentials,
    /// Notified when a full pass is due.
    pub pass_due: Arc<Notify>,
    /// Reconciles one system again.
    pub requeue: mpsc::UnboundedSender<ObjectRef<PartnerSystem>>,
    pub recorder: Recorder,
    pub backoff: Backoff,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reconcile::Context")
    }
}

/// The arguments of `Context::new`.
#[expect(missing_debug_implementations, reason = "clients have none")]
pub struct ContextParts {
    pub client: Client,
    pub mesh_scope: Option<MeshScope>,
    pub clock: Arc<dyn Clock>,
    pub registrar: Arc<dyn Registrar>,
    pub metrics: Metrics,
    pub probes: Probes,
    pub leader: watch::Receiver<bool>,
    pub systems: Store<PartnerSystem>,
    /// This replica's name, for events.
    pub identity: String,
    /// The namespace of the Secrets that systems name.
    pub credentials_namespace: Option<String>,
}

impl Context {
    pub fn new(parts: ContextParts) -> (Arc<Self>, mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>) {
        let (requeue, requeued) = mpsc::unbounded_channel();
        let reporter = Reporter { controller: apply::OBJECT_MANAGER.into(), instance: Some(parts.identity) };
        let secrets = |namespace: String| Api::<Secret>::namespaced(parts.client.clone(), &namespace);
        let credentials = PartnerCredentials::new(parts.credentials_namespace.map(secrets));
        let context = Self {
            recorder: Recorder::new(parts.client.clone(), reporter),
            client: parts.client,
            mesh_scope: parts.mesh_scope,
            clock: parts.clock,
            registrar: parts.registrar,
            metrics: parts.metrics,
            probes: parts.probes,
            leader: parts.leader,
            systems: parts.systems,
            registration: Registration::default(),
            credentials,
            pass_due: Arc::default(),
            requeue,
            backoff: Backoff::default(),
        };
        (Arc::new(context), requeued)
    }

    pub fn is_leader(&self) -> bool {
        *self.leader.borrow()
    }
}

/// Reconciles one system.
pub async fn reconcile(system: Arc<PartnerSystem>, context: Arc<Context>) -> Result<Action, Failure> {
    if !context.is_leader() {
        // A new leader reconciles all systems.
        return Ok(Action::await_change());
    }
    let written = apply_mesh_objects(&system, &context).await;
    let observed = Observation {
        mesh_objects: written.as_ref().copied().map_err(Failure::summary),
        registered: is_registered(&system, &context),
        refusal: refusal_of(&system, &context),
        credentials: context.credentials.result_of(&system.name_any()),
        probe: latest_probe(&system, &context),
    };
    status::update_status(&system, &observed, &context).await?;
    written?;
    context.backoff.reset(&system.name_any());
    Ok(Action::requeue(timing::requeue_interval()))
}

/// Counts the failure and retries, later each time.
#[expect(clippy::needless_pass_by_value, reason = "as the controller calls it")]
pub fn error_policy(system: Arc<PartnerSystem>, failure: &Failure, context: Arc<Context>) -> Action {
    context.metrics.count_failure(failure.reason());
    let delay = context.backoff.next_delay(&system.name_any());
    tracing::warn!(system = system.name_any(), %failure, wait = ?delay, "the system was not reconciled");
    Action::requeue(delay)
}

/// Writes the system's mesh objects that differ from the intent.
async fn apply_mesh_objects(system: &PartnerSystem, context: &Context) -> Result<(), Failure> {
    let Some(scope) = &context.mesh_scope else { return Ok(()) };
    for object in egress::desired_objects(system, &context.systems.state(), scope) {
        apply::apply_if_changed(&context.client, &object).await?;
    }
    Ok(())
}

/// Whether identity has the system's row. If it does not, requests a full pass.
fn is_registered(system: &PartnerSystem, context: &Context) -> Option<bool> {
    if managed_elsewhere(system) {
        return Some(true);
    }
    let (_, row) = registry::to_registry_rows(system, context.clock.now());
    let is_registered = context.registration.contains(&row);
    if is_registered != Some(true) {
        context.pass_due.notify_one();
    }
    is_registered
}

/// The reason why identity refused the system's row, its organisation's, or one of its clients.
fn refusal_of(system: &PartnerSystem, context: &Context) -> Option<String> {
    let of_client = |client: &ClientSpec| {
        let reason = context.registration.refused_client(&client.id)?;
        Some(format!("its client {}: {reason}", client.id))
    };
    let refused = context.registration.refused(&system.name_any());
    let of_organisation = || {
        let reason = context.registration.refused_organisation(&OdsCode::new(&system.spec.ods_code))?;
        Some(format!("its organisation {}: {reason}", system.spec.ods_code))
    };
    let of_parts = || of_organisation().or_else(|| system.spec.clients.iter().find_map(of_client));
    refused.or_else(|| of_parts().filter(|_| !managed_elsewhere(system)))
}

/// The last probe result of the system's endpoint. A changed result requeues the system.
fn latest_probe(system: &PartnerSystem, context: &Context) -> Option<ProbeResult> {
    let host = egress::open_host(system)?;
    let (requeue, system_ref) = (context.requeue.clone(), ObjectRef::from_obj(system));
    context.probes.latest_result(&host, move || {
        let _ = requeue.send(system_ref);
    })
}
