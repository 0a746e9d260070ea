//! Telling how a system stands: its status, written only where it says something else than before, and an event when
//! whether it is ready has changed. Only the status is ever written here, and only by its own subresource.

use k8s_openapi::apimachinery::pkg::apis::meta::v1::Condition;
use kube::{
    Api, Resource, ResourceExt,
    api::Patch,
    runtime::events::{Event, EventType},
};
use serde_json::json;

use super::{Context, apply};
use crate::{
    Failure,
    crd::{PartnerSystem, PartnerSystemStatus},
    domain::conditions::{Observed, READY, conditions},
};

/// Writes the status of `system` if it says something else than what is held.
pub async fn tell(system: &PartnerSystem, observed: &Observed, context: &Context) -> Result<(), Failure> {
    if is_told(system, observed, context).is_none() {
        return Ok(());
    }
    // What was watched may be older than what was written last: before writing, it is read anew.
    let name = system.name_any();
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let failed = || Failure::cluster(format!("PartnerSystem {name}"));
    let Some(held) = api.get_opt(&name).await.map_err(failed())? else { return Ok(()) };
    let is_same = held.uid() == system.uid() && held.metadata.generation == system.metadata.generation;
    let Some(status) = is_told(&held, observed, context).filter(|_| is_same) else { return Ok(()) };
    let kind = (PartnerSystem::api_version(&()), PartnerSystem::kind(&()));
    let patch = json!({"apiVersion": kind.0, "kind": kind.1, "metadata": {"name": name}, "status": status});
    api.patch_status(&name, &apply::forced(apply::STATUS), &Patch::Apply(patch)).await.map_err(failed())?;
    report(&held, &status.conditions, context).await;
    Ok(())
}

/// The status as it is to be; none when it is so already.
fn is_told(held: &PartnerSystem, observed: &Observed, context: &Context) -> Option<PartnerSystemStatus> {
    let before = held.status.clone().unwrap_or_default();
    let conditions = conditions(held, observed, &before.conditions, context.clock.now());
    let status = PartnerSystemStatus { observed_generation: held.metadata.generation, conditions };
    (status != before).then_some(status)
}

/// An event when `Ready` changed. One that cannot be written is no reason to fail: the status says the same.
async fn report(held: &PartnerSystem, now: &[Condition], context: &Context) {
    let ready = |all: &[Condition]| all.iter().find(|one| one.type_ == READY).cloned();
    let before = held.status.as_ref().and_then(|status| ready(&status.conditions));
    let Some(now) = ready(now) else { return };
    if before.is_some_and(|before| before.status == now.status && before.reason == now.reason) {
        return;
    }
    let event = Event {
        type_: if now.status == "True" { EventType::Normal } else { EventType::Warning },
        reason: now.reason,
        note: Some(now.message),
        action: "Reconcile".into(),
        secondary: None,
    };
    if let Err(error) = context.recorder.publish(&event, &held.object_ref(&())).await {
        let failure = Failure::cluster("an event")(error);
        context.metrics.failed(failure.reason());
        tracing::warn!(%failure, "not reported");
    }
}
