//! The controller: calls `reconcile` when a system's generation, one of its mesh objects or the requeue channel changes.
//! A status change must not trigger it, or each status write would cause the next one. All replicas watch; `reconcile`
//! checks leadership.

use std::{future::ready, sync::Arc, time::Duration};

use futures::{StreamExt, TryStreamExt};
use kube::{
    Api,
    api::DynamicObject,
    runtime::{
        Controller, PredicateConfig, WatchStreamExt,
        controller::{Config, Error},
        predicates,
        reflector::{ObjectRef, store::Writer},
        watcher,
    },
};
use lcr_runtime::Stop;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{UnboundedReceiverStream, WatchStream};

use super::{Context, error_policy, reconcile};
use crate::{
    crd::PartnerSystem,
    domain::egress::{authorization_policies, service_entries},
};

/// Concurrent attempts. The API server must not receive 300 requests at once.
const MAX_CONCURRENT_RECONCILES: u16 = 32;
/// Changes of one system within this time are one attempt.
const DEBOUNCE: Duration = Duration::from_millis(200);

/// Reconciles until `stop`, then finishes the attempts in progress.
pub async fn run(
    context: Arc<Context>,
    writer: Writer<PartnerSystem>,
    requeue: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
    stop: Stop,
) {
    let reader = context.systems.clone();
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let event_context = context.clone();
    let systems = watcher(api, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .inspect_ok(move |event| on_event(event, &event_context))
        .inspect_err(|error| tracing::warn!(%error, "the watch failed"))
        .applied_objects()
        .predicate_filter(predicates::generation, PredicateConfig::default());
    let leadership_starts = WatchStream::new(context.leader.clone()).filter(|is_leader| ready(*is_leader)).map(|_| ());
    let mut controller = Controller::for_stream(systems, reader)
        .with_config(Config::default().concurrency(MAX_CONCURRENT_RECONCILES).debounce(DEBOUNCE))
        .reconcile_all_on(leadership_starts)
        .reconcile_on(UnboundedReceiverStream::new(requeue))
        .graceful_shutdown_on(async move { stop.cancelled().await });
    if let Some(scope) = &context.mesh_scope {
        for resource in [service_entries(), authorization_policies()] {
            let owned: Api<DynamicObject> =
                Api::namespaced_with(context.client.clone(), &scope.egress_namespace, &resource);
            controller = controller.owns_with(owned, resource, watcher::Config::default());
        }
    }
    controller
        .run(reconcile, error_policy, context)
        .for_each(|result| {
            // `error_policy` has already logged failed attempts, and a deleted system is not an error.
            if let Err(error @ (Error::QueueError(_) | Error::RunnerError(_))) = result {
                tracing::warn!(%error, "the watch failed");
            }
            ready(())
        })
        .await;
}

/// Updates the metrics. Requests a full pass after a deletion, and after a new start of the watch.
fn on_event(event: &watcher::Event<PartnerSystem>, context: &Context) {
    if matches!(event, watcher::Event::Delete(_) | watcher::Event::InitDone) {
        context.pass_due.notify_one();
    }
    context.metrics.set_system_counts(&context.systems.state());
}
