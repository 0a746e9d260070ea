//! The watch: what brings a system to `reconcile`. Its own changes of generation (never of status: a status that was
//! written would be news for ever), changes of what it owns, and whoever asks. All replicas watch; who leads is asked
//! at each attempt.

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

use super::{Context, failed, reconcile};
use crate::{
    crd::PartnerSystem,
    domain::egress::{authorization_policies, service_entries},
};

/// Attempts at once: 300 systems are nothing, 300 requests at once are not. An attempt waits for the API server for most of
/// its time.
const AT_ONCE: u16 = 32;
/// News of one system within this time are one attempt: what it owns was written, identity has taken it, its look is done.
const TOGETHER: Duration = Duration::from_millis(200);

/// Reconciles until told to stop, and finishes what is in hand.
pub async fn run(
    context: Arc<Context>,
    writer: Writer<PartnerSystem>,
    again: mpsc::UnboundedReceiver<ObjectRef<PartnerSystem>>,
    stop: Stop,
) {
    let reader = context.all.clone();
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let seen = context.clone();
    let systems = watcher(api, watcher::Config::default())
        .default_backoff()
        .reflect(writer)
        .inspect_ok(move |event| heard(event, &seen))
        .inspect_err(|error| tracing::warn!(%error, "the watch"))
        .applied_objects()
        .predicate_filter(predicates::generation, PredicateConfig::default());
    let begins = WatchStream::new(context.leads.clone()).filter(|leads| ready(*leads)).map(|_| ());
    let mut controller = Controller::for_stream(systems, reader)
        .with_config(Config::default().concurrency(AT_ONCE).debounce(TOGETHER))
        .reconcile_all_on(begins)
        .reconcile_on(UnboundedReceiverStream::new(again))
        .graceful_shutdown_on(async move { stop.cancelled().await });
    if let Some(places) = &context.places {
        for resource in [service_entries(), authorization_policies()] {
            let owned: Api<DynamicObject> =
                Api::namespaced_with(context.client.clone(), &places.egress_namespace, &resource);
            controller = controller.owns_with(owned, resource, watcher::Config::default());
        }
    }
    controller
        .run(reconcile, failed, context)
        .for_each(|ended| {
            // What failed to be brought about was told by `failed`; a system that is gone by now is no fault.
            if let Err(error @ (Error::QueueError(_) | Error::RunnerError(_))) = ended {
                tracing::warn!(%error, "the watch");
            }
            ready(())
        })
        .await;
}

/// How all stand is counted again; what is gone, or may have gone unseen, makes a pass due.
fn heard(event: &watcher::Event<PartnerSystem>, context: &Context) {
    if matches!(event, watcher::Event::Delete(_) | watcher::Event::InitDone) {
        context.changed.notify_one();
    }
    context.metrics.count(&context.all.state());
}
