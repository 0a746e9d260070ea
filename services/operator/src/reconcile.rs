//! From what is to be to what is: one `PartnerSystem` at a time, whole each time, as often as anything changes and every
//! few minutes besides. Nothing is written that is so already, so that at rest the cluster is only read. There is no
//! finalizer: what a system owns goes with it whether or not an operator runs.

pub mod apply;
pub mod pass;
pub mod registered;
pub mod status;
pub mod timing;
pub mod watch;

use std::sync::Arc;

use kube::{
    Client, ResourceExt,
    runtime::{
        controller::Action,
        events::{Recorder, Reporter},
        reflector::{ObjectRef, Store},
    },
};
use lcr_contracts::Registrar;
use lcr_model::Clock;
use tokio::sync::{Notify, mpsc, watch as told};

use crate::{
    Failure,
    crd::PartnerSystem,
    domain::{
        Places,
        conditions::{Observed, Probed},
        egress, kept_by_others, registry,
    },
    metrics::Metrics,
    probe::Probes,
};
use registered::Registered;
use timing::Failures;

/// What every attempt needs.
pub struct Context {
    pub client: Client,
    /// None where there is no mesh: then nothing is written for it.
    pub places: Option<Places>,
    pub clock: Arc<dyn Clock>,
    pub registrar: Arc<dyn Registrar>,
    pub metrics: Metrics,
    pub probes: Probes,
    /// Whether this replica writes.
    pub leads: told::Receiver<bool>,
    /// All systems, as the cluster last said.
    pub all: Store<PartnerSystem>,
    pub registered: Registered,
    /// A full pass is due.
    pub changed: Arc<Notify>,
    /// One system is to be looked at again.
    pub again: mpsc::UnboundedSender<ObjectRef<PartnerSystem>>,
    pub recorder: Recorder,
    pub failures: Failures,
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("reconcile::Context")
    }
}

/// What a context is made of besides what it makes itself.
#[expect(missing_debug_implementations, reason = "clients have none")]
pub struct Parts {
    pub client: Client,
    pub places: Option<Places>,
    pub clock: Arc<dyn Clock>,
    pub registrar: Arc<dyn Registrar>,
    pub metrics: Metrics,
    pub probes: Probes,
    pub leads: told::Receiver<bool>,
    pub all: Store<PartnerSystem>,
    /// This replica's name, for events.
    pub me: String,
}

impl Context {
    pub fn new(parts: Parts) -> (Arc<Self>, mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>) {
        let (again, asked) = mpsc::unbounded_channel();
        let reporter = Reporter { controller: apply::OBJECTS.into(), instance: Some(parts.me) };
        let context = Self {
            recorder: Recorder::new(parts.client.clone(), reporter),
            client: parts.client,
            places: parts.places,
            clock: parts.clock,
            registrar: parts.registrar,
            metrics: parts.metrics,
            probes: parts.probes,
            leads: parts.leads,
            all: parts.all,
            registered: Registered::default(),
            changed: Arc::default(),
            again,
            failures: Failures::default(),
        };
        (Arc::new(context), asked)
    }

    pub fn leads(&self) -> bool {
        *self.leads.borrow()
    }
}

/// Brings one system about.
pub async fn reconcile(system: Arc<PartnerSystem>, context: Arc<Context>) -> Result<Action, Failure> {
    if !context.leads() {
        // Whoever begins to lead looks at all of them.
        return Ok(Action::await_change());
    }
    let way = open_way(&system, &context).await;
    let observed = Observed {
        way: way.as_ref().copied().map_err(Failure::short),
        registered: registered(&system, &context),
        refused: context.registered.refused(&system.name_any()),
        probed: probed(&system, &context),
    };
    status::tell(&system, &observed, &context).await?;
    way?;
    context.failures.ended(&system.name_any());
    Ok(Action::requeue(timing::again()))
}

/// What to do when it failed: try again, later each time.
#[expect(clippy::needless_pass_by_value, reason = "as the controller calls it")]
pub fn failed(system: Arc<PartnerSystem>, failure: &Failure, context: Arc<Context>) -> Action {
    context.metrics.failed(failure.reason());
    let wait = context.failures.again(&system.name_any());
    tracing::warn!(system = system.name_any(), %failure, ?wait, "not brought about");
    Action::requeue(wait)
}

/// Writes the mesh objects that differ from what they are to be.
async fn open_way(system: &PartnerSystem, context: &Context) -> Result<(), Failure> {
    let Some(places) = &context.places else { return Ok(()) };
    for object in egress::desired(system, &context.all.state(), places) {
        apply::ensure(&context.client, &object).await?;
    }
    Ok(())
}

/// Whether identity holds its row; where it does not, a pass is due.
fn registered(system: &PartnerSystem, context: &Context) -> Option<bool> {
    if kept_by_others(system) {
        return Some(true);
    }
    let (_, row) = registry::system_of(system, context.clock.now());
    let holds = context.registered.holds(&row);
    if holds != Some(true) {
        context.changed.notify_one();
    }
    holds
}

/// What the last look at its endpoint showed; a look that is due is begun, and its news bring the system back here.
fn probed(system: &PartnerSystem, context: &Context) -> Option<Probed> {
    let host = egress::open(system)?;
    let (again, reference) = (context.again.clone(), ObjectRef::from_obj(system));
    context.probes.ask(&host, move || {
        let _ = again.send(reference);
    })
}
