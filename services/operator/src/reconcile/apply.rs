//! Writes an object by server-side apply: always the complete intent, and only if the live object differs. It must never
//! send back an object that it read.

use std::collections::BTreeSet;

use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject, Patch, PatchParams, TypeMeta},
    core::GroupVersionKind,
};

use crate::{
    Failure,
    crd::PartnerSystem,
    domain::{
        MANAGED_BY, OPERATOR,
        egress::{authorization_policies, service_entries},
    },
};

/// The field manager of mesh objects. Each kind of write has its own, so that none can remove another's fields.
pub const OBJECT_MANAGER: &str = "lcr-operator";
/// The field manager of statuses.
pub const STATUS_MANAGER: &str = "lcr-operator-status";
/// The field manager of resources that come from the portal.
pub const ROW_MANAGER: &str = "lcr-operator-rows";

/// Overwrites fields that others changed.
pub fn forced_apply(manager: &str) -> PatchParams {
    PatchParams::apply(manager).force()
}

/// Writes the object if it differs and is ours. Returns whether it was written.
pub async fn apply_if_changed(client: &Client, intent: &DynamicObject) -> Result<bool, Failure> {
    let name = intent.name_any();
    let Some(api) = api_of(client, intent) else { return Ok(false) };
    let what = || format!("{} {name}", intent.types.as_ref().map_or("object", |types| types.kind.as_str()));
    let live = api.get_opt(&name).await.map_err(Failure::cluster(what()))?;
    if live.is_some_and(|live| matches_intent(&live, intent) || is_entry_of_another(&live, intent)) {
        return Ok(false);
    }
    api.patch(&name, &forced_apply(OBJECT_MANAGER), &Patch::Apply(intent)).await.map_err(Failure::cluster(what()))?;
    tracing::info!(name, what = what(), "written");
    Ok(true)
}

fn api_of(client: &Client, object: &DynamicObject) -> Option<Api<DynamicObject>> {
    let resource = resource_of_types(object.types.as_ref()?)?;
    Some(Api::namespaced_with(client.clone(), object.metadata.namespace.as_deref()?, &resource))
}

fn resource_of_types(types: &TypeMeta) -> Option<ApiResource> {
    let kind = GroupVersionKind::try_from(types).ok()?;
    [service_entries(), authorization_policies()]
        .into_iter()
        .find(|resource| resource.group == kind.group && resource.kind == kind.kind)
}

/// Whether somebody else declares the host, as the chart does that of a sign-in provider whose token endpoint a partner uses too.
/// Taking the entry over would delete it with the partner. The system's policy opens the way in either case.
fn is_entry_of_another(live: &DynamicObject, intent: &DynamicObject) -> bool {
    let is_entry = intent.types.as_ref().is_some_and(|types| types.kind == service_entries().kind);
    is_entry && live.labels().get(MANAGED_BY).is_none_or(|by| by != OPERATOR)
}

/// Whether the live object has the intended spec, labels and owners. Other metadata may differ.
pub fn matches_intent(live: &DynamicObject, intent: &DynamicObject) -> bool {
    let labels = intent.labels().iter().all(|(key, value)| live.labels().get(key) == Some(value));
    labels && owners(live) == owners(intent) && live.data.get("spec") == intent.data.get("spec")
}

fn owners(object: &DynamicObject) -> BTreeSet<&str> {
    let ours = |kind: &str| kind == <PartnerSystem as kube::Resource>::kind(&());
    object.owner_references().iter().filter(|owner| ours(&owner.kind)).map(|owner| owner.uid.as_str()).collect()
}
