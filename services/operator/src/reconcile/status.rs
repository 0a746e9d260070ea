//! Writes the status of a system if it changed, and an event if `Ready` changed. It must write only the status
//! subresource.

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
    domain::conditions::{Observation, READY, conditions},
};

/// Writes the status of `system` if it differs from the stored one.
pub async fn update_status(
    system: &PartnerSystem,
    observation: &Observation,
    context: &Context,
) -> Result<(), Failure> {
    if changed_status(system, observation, context).is_none() {
        return Ok(());
    }
    // The watched object may be older than our last write, so read it again before writing.
    let name = system.name_any();
    let api: Api<PartnerSystem> = Api::all(context.client.clone());
    let failed = || Failure::cluster(format!("PartnerSystem {name}"));
    let Some(stored) = api.get_opt(&name).await.map_err(failed())? else { return Ok(()) };
    let is_same = stored.uid() == system.uid() && stored.metadata.generation == system.metadata.generation;
    let Some(status) = changed_status(&stored, observation, context).filter(|_| is_same) else {
        return Ok(());
    };
    let kind = (PartnerSystem::api_version(&()), PartnerSystem::kind(&()));
    let patch = json!({"apiVersion": kind.0, "kind": kind.1, "metadata": {"name": name}, "status": status});
    api.patch_status(&name, &apply::forced_apply(apply::STATUS_MANAGER), &Patch::Apply(patch))
        .await
        .map_err(failed())?;
    publish_event(&stored, &status.conditions, context).await;
    Ok(())
}

/// The new status, or none if the stored one is equal.
fn changed_status(stored: &PartnerSystem, observation: &Observation, context: &Context) -> Option<PartnerSystemStatus> {
    let previous = stored.status.clone().unwrap_or_default();
    let conditions = conditions(stored, observation, &previous.conditions, context.clock.now());
    let status = PartnerSystemStatus { observed_generation: stored.metadata.generation, conditions };
    (status != previous).then_some(status)
}

/// Publishes an event if `Ready` changed. A failed event is only logged, because the status says the same.
async fn publish_event(stored: &PartnerSystem, now: &[Condition], context: &Context) {
    let ready_condition = |all: &[Condition]| all.iter().find(|one| one.type_ == READY).cloned();
    let previous = stored.status.as_ref().and_then(|status| ready_condition(&status.conditions));
    let Some(now) = ready_condition(now) else { return };
    if previous.is_some_and(|previous| previous.status == now.status && previous.reason == now.reason) {
        return;
    }
    let event = Event {
        type_: if now.status == "True" { EventType::Normal } else { EventType::Warning },
        reason: now.reason,
        note: Some(now.message),
        action: "Reconcile".into(),
        secondary: None,
    };
    if let Err(error) = context.recorder.publish(&event, &stored.object_ref(&())).await {
        let failure = Failure::cluster("an event")(error);
        context.metrics.count_failure(failure.reason());
        tracing::warn!(%failure, "the event was not published");
    }
}
