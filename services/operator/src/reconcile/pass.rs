//! The full pass: what concerns all systems together. Mesh objects that nobody wants any more are removed, identity is
//! told the operator's whole set, and rows that others keep become resources. Level-based: it says what is, as often as
//! it likes, and never needs to have seen a deletion. It must never run before all systems are known: an empty set
//! would suspend them all.

use std::{collections::BTreeSet, sync::Arc, time::Duration};

use kube::{
    Api, ResourceExt,
    api::{ApiResource, DeleteParams, DynamicObject, ListParams, Patch, Preconditions},
    runtime::reflector::ObjectRef,
};
use lcr_contracts::identity::System;
use lcr_runtime::Stop;
use tokio::time::sleep;

use super::{Context, apply, timing};
use crate::{
    Failure,
    crd::PartnerSystem,
    domain::{
        MANAGED_BY, OPERATOR, Places,
        egress::{self, authorization_policies, service_entries},
        kept_by_others, registry,
    },
};

/// At most one pass in this time, so that a hundred changes at once are one set.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// And one at least in this time: what others changed in the registry is not announced here.
const AT_LEAST_EVERY: Duration = Duration::from_mins(2);
/// The name under which its failures are counted.
const NAME: &str = "(all)";

/// Passes until told to stop.
pub async fn run(context: Arc<Context>, stop: Stop) {
    let mut leads = context.leads.clone();
    let mut wait = Duration::ZERO;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = context.changed.notified() => {}
            told = leads.changed() => if told.is_err() { return },
            () = sleep(wait) => {}
        }
        tokio::select! { () = stop.cancelled() => return, () = sleep(AT_MOST_EVERY) => {} }
        wait = AT_LEAST_EVERY + timing::jitter(AT_LEAST_EVERY);
        if context.leads()
            && let Err(failure) = once(&context).await
        {
            context.metrics.failed(failure.reason());
            wait = context.failures.again(NAME);
            tracing::warn!(%failure, ?wait, "the pass was not finished");
        }
    }
}

/// One pass. Each part is tried whatever became of the others; the first failure is told.
pub async fn once(context: &Context) -> Result<(), Failure> {
    context.all.wait_until_ready().await.map_err(|_| Failure::Identity("the watch has ended".into()))?;
    let done = [sweep(context).await, push(context).await, adopt(context).await];
    let result = done.into_iter().collect::<Result<Vec<()>, Failure>>();
    if result.is_ok() {
        context.failures.ended(NAME);
    }
    result.map(drop)
}

/// Removes mesh objects of ours that no system wants.
async fn sweep(context: &Context) -> Result<(), Failure> {
    let Some(places) = &context.places else { return Ok(()) };
    for resource in [service_entries(), authorization_policies()] {
        let api: Api<DynamicObject> =
            Api::namespaced_with(context.client.clone(), &places.egress_namespace, &resource);
        let ours = ListParams::default().labels(&format!("{MANAGED_BY}={OPERATOR}"));
        let live = api.list(&ours).await.map_err(Failure::cluster(resource.kind.clone()))?;
        // Systems are asked for after the list: whatever is on it was written for a system that was known by then.
        let wanted = wanted(context, places, &resource);
        for gone in live.items.iter().filter(|one| !wanted.contains(&one.name_any())) {
            remove(&api, gone).await?;
        }
    }
    let all = context.all.state();
    context.probes.keep(|host| all.iter().any(|system| egress::open(system).as_ref() == Some(host)));
    Ok(())
}

fn wanted(context: &Context, places: &Places, resource: &ApiResource) -> BTreeSet<String> {
    let all = context.all.state();
    let objects = all.iter().flat_map(|system| egress::desired(system, &[], places));
    let of_kind = |one: &DynamicObject| one.types.as_ref().is_some_and(|types| types.kind == resource.kind);
    objects.filter(of_kind).map(|one| one.name_any()).collect()
}

async fn remove(api: &Api<DynamicObject>, gone: &DynamicObject) -> Result<(), Failure> {
    let name = gone.name_any();
    let very = Preconditions { uid: gone.uid(), resource_version: None };
    let params = DeleteParams { preconditions: Some(very), ..DeleteParams::default() };
    match api.delete(&name, &params).await {
        Ok(_) => tracing::info!(name, "removed"),
        Err(kube::Error::Api(status)) if status.code == 404 => {}
        Err(error) => return Err(Failure::cluster(name)(error)),
    }
    Ok(())
}

/// Tells identity the whole set; those whose row is new to it are looked at again.
async fn push(context: &Context) -> Result<(), Failure> {
    let all = context.all.state();
    let set = registry::whole_set(all.iter().map(AsRef::as_ref), context.clock.now());
    let systems = set.systems.clone();
    let took = context.registrar.replace(set).await.map_err(Failure::identity)?;
    if took.changed + took.suspended > 0 {
        tracing::info!(changed = took.changed, suspended = took.suspended, "the registry was told");
    }
    for name in context.registered.took(systems, took.refused) {
        let _ = context.again.send(ObjectRef::new(&name));
    }
    Ok(())
}

/// Writes the resources of rows that others keep, where they differ.
async fn adopt(context: &Context) -> Result<(), Failure> {
    let others = context.registrar.others().await.map_err(Failure::identity)?;
    let resource = |system: &System| {
        let organisation = others.organisations.iter().find(|one| one.ods == system.organisation)?;
        registry::resource_of(system, organisation)
    };
    for resource in others.systems.iter().filter_map(resource) {
        adopt_one(&resource, context).await?;
    }
    Ok(())
}

async fn adopt_one(resource: &PartnerSystem, context: &Context) -> Result<(), Failure> {
    let name = resource.name_any();
    let held = context.all.get(&ObjectRef::new(&name));
    if held.as_ref().is_some_and(|held| !kept_by_others(held)) {
        tracing::warn!(name, "kept in the portal and in the cluster: the cluster's stays");
        return Ok(());
    }
    if held.is_some_and(|held| held.spec == resource.spec) {
        return Ok(());
    }
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let written = api.patch(&name, &apply::forced(apply::ROWS), &Patch::Apply(resource)).await;
    written.map(drop).map_err(Failure::cluster(format!("PartnerSystem {name}")))
}
