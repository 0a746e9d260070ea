//! The full pass over all systems: removes unwanted mesh objects, sends identity the complete set of rows, and writes a
//! resource for each row of the portal. It is level-based, so it needs no deletion events. It must never run before all
//! systems are read: an empty set would suspend them all.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, Preconditions},
    runtime::reflector::ObjectRef,
};
use lcr_contracts::registrar::PartnerSet;
use lcr_runtime::Stop;
use tokio::time::sleep;

use super::{Context, apply, timing};
use crate::{
    Failure,
    crd::PartnerSystem,
    domain::{
        MANAGED_BY, MeshScope, OPERATOR,
        egress::{self, authorization_policies, service_entries},
        managed_elsewhere, registry,
    },
};

/// The shortest time between two passes, so that a hundred changes become one set.
const MIN_INTERVAL: Duration = Duration::from_secs(1);
/// The longest time between two passes. Changes in the registry are not announced to the operator.
const MAX_INTERVAL: Duration = Duration::from_mins(2);
/// The key of the pass in `Backoff`.
const BACKOFF_KEY: &str = "(all)";

/// Runs passes until `stop`.
pub async fn run(context: Arc<Context>, stop: Stop) {
    let mut leader = context.leader.clone();
    let mut wait = Duration::ZERO;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = context.pass_due.notified() => {}
            change = leader.changed() => if change.is_err() { return },
            () = sleep(wait) => {}
        }
        tokio::select! { () = stop.cancelled() => return, () = sleep(MIN_INTERVAL) => {} }
        wait = MAX_INTERVAL + timing::jitter(MAX_INTERVAL);
        if context.is_leader()
            && let Err(failure) = run_once(&context).await
        {
            context.metrics.count_failure(failure.reason());
            wait = context.backoff.next_delay(BACKOFF_KEY);
            tracing::warn!(%failure, ?wait, "the pass was not finished");
        }
    }
}

/// Runs one pass. Every part runs even if another fails. Returns the first failure.
pub async fn run_once(context: &Context) -> Result<(), Failure> {
    context.systems.wait_until_ready().await.map_err(|_| Failure::Identity("the watch ended".into()))?;
    let results = [
        remove_unwanted_objects(context).await,
        push_to_identity(context).await,
        write_portal_resources(context).await,
    ];
    let result = results.into_iter().collect::<Result<Vec<()>, Failure>>();
    if result.is_ok() {
        context.backoff.reset(BACKOFF_KEY);
    }
    result.map(drop)
}

/// Removes our mesh objects that no system needs.
async fn remove_unwanted_objects(context: &Context) -> Result<(), Failure> {
    let Some(scope) = &context.mesh_scope else { return Ok(()) };
    for resource in [service_entries(), authorization_policies()] {
        let api: Api<DynamicObject> = Api::namespaced_with(context.client.clone(), &scope.egress_namespace, &resource);
        let ours = ListParams::default().labels(&format!("{MANAGED_BY}={OPERATOR}"));
        let live = api.list(&ours).await.map_err(Failure::cluster(resource.kind.clone()))?;
        // Read the systems after the list: every listed object was written for a system that is known by now.
        let wanted = wanted_names(context, scope, &resource);
        for unwanted in live.items.iter().filter(|one| !wanted.contains(&one.name_any())) {
            remove(&api, unwanted).await?;
        }
    }
    let all = context.systems.state();
    context.probes.retain_hosts(|host| all.iter().any(|system| egress::open_host(system).as_ref() == Some(host)));
    Ok(())
}

fn wanted_names(context: &Context, scope: &MeshScope, resource: &ApiResource) -> BTreeSet<String> {
    let all = context.systems.state();
    let objects = all.iter().flat_map(|system| egress::desired_objects(system, &[], scope));
    let of_kind = |one: &DynamicObject| one.types.as_ref().is_some_and(|types| types.kind == resource.kind);
    objects.filter(of_kind).map(|one| one.name_any()).collect()
}

async fn remove(api: &Api<DynamicObject>, unwanted: &DynamicObject) -> Result<(), Failure> {
    let name = unwanted.name_any();
    let same_object = Preconditions { uid: unwanted.uid(), resource_version: None };
    let params = DeleteParams { preconditions: Some(same_object), ..DeleteParams::default() };
    match api.delete(&name, &params).await {
        Ok(_) => tracing::info!(name, "removed"),
        Err(kube::Error::Api(status)) if status.code == 404 => {}
        Err(error) => return Err(Failure::cluster(name)(error)),
    }
    Ok(())
}

/// Sends identity the complete set with the credentials. Requeues the systems whose registration or Secret changed. A Secret
/// that cannot be read stops no other row.
async fn push_to_identity(context: &Context) -> Result<(), Failure> {
    let all = context.systems.state();
    let reading = context.credentials.read_all(&all).await;
    let set = PartnerSet {
        credentials: reading.credentials,
        ..registry::partner_set(all.iter().map(AsRef::as_ref), context.clock.now())
    };
    let systems = set.systems.clone();
    let answer = context.registrar.replace(set).await;
    let of_answer = answer.map(|answer| {
        if answer.changed + answer.suspended > 0 {
            tracing::info!(changed = answer.changed, suspended = answer.suspended, "the registry was updated");
        }
        context.registration.record_answer(systems, answer)
    });
    let changed: BTreeSet<String> = reading.changed.into_iter().chain(of_answer.iter().flatten().cloned()).collect();
    for name in changed {
        let _ = context.requeue.send(ObjectRef::new(&name));
    }
    of_answer.map_err(Failure::identity)?;
    reading.failure.map_or(Ok(()), Err)
}

/// Writes the resources of the portal's rows that differ. One that the API server refuses stops no other.
async fn write_portal_resources(context: &Context) -> Result<(), Failure> {
    let others = context.registrar.others().await.map_err(Failure::identity)?;
    let mut result = Ok(());
    for resource in others.systems.iter().filter_map(|system| registry::to_resource(system, &others)) {
        let written = write_portal_resource(&resource, context).await;
        result = result.and(written);
    }
    result
}

async fn write_portal_resource(resource: &PartnerSystem, context: &Context) -> Result<(), Failure> {
    let name = resource.name_any();
    let existing = context.systems.get(&ObjectRef::new(&name));
    if existing.as_ref().is_some_and(|existing| !managed_elsewhere(existing)) {
        tracing::warn!(name, "a row of the portal has the same name as a resource; the resource stays");
        return Ok(());
    }
    if existing.is_some_and(|existing| existing.spec == resource.spec) {
        return Ok(());
    }
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let result = api.patch(&name, &apply::forced_apply(apply::ROW_MANAGER), &Patch::Apply(resource)).await;
    result.map(drop).map_err(Failure::cluster(format!("PartnerSystem {name}")))
}
