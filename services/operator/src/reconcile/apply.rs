//! Writing an object: the complete intent, by server-side apply, and only where what is there differs from it. An
//! object that was read is never sent back, and `managedFields` never leave here.

use std::collections::BTreeSet;

use kube::{
    Api, Client, ResourceExt,
    api::{ApiResource, DynamicObject, Patch, PatchParams, TypeMeta},
    core::GroupVersionKind,
};

use crate::{
    Failure,
    crd::PartnerSystem,
    domain::egress::{authorization_policies, service_entries},
};

/// Under which name fields are owned, one for each thing that is written: mesh objects, statuses, and the resources of
/// rows that others keep. Applying one can then never take a field away from another.
pub const OBJECTS: &str = "lcr-operator";
pub const STATUS: &str = "lcr-operator-status";
pub const ROWS: &str = "lcr-operator-rows";

/// Takes back what others have changed.
pub fn forced(manager: &str) -> PatchParams {
    PatchParams::apply(manager).force()
}

/// Makes it so; true when it was not.
pub async fn ensure(client: &Client, intent: &DynamicObject) -> Result<bool, Failure> {
    let name = intent.name_any();
    let Some(api) = api_of(client, intent) else { return Ok(false) };
    let what = || format!("{} {name}", intent.types.as_ref().map_or("object", |types| types.kind.as_str()));
    let live = api.get_opt(&name).await.map_err(Failure::cluster(what()))?;
    if live.is_some_and(|live| carries(&live, intent)) {
        return Ok(false);
    }
    api.patch(&name, &forced(OBJECTS), &Patch::Apply(intent)).await.map_err(Failure::cluster(what()))?;
    tracing::info!(name, what = what(), "written");
    Ok(true)
}

fn api_of(client: &Client, object: &DynamicObject) -> Option<Api<DynamicObject>> {
    let resource = of_types(object.types.as_ref()?)?;
    Some(Api::namespaced_with(client.clone(), object.metadata.namespace.as_deref()?, &resource))
}

fn of_types(types: &TypeMeta) -> Option<ApiResource> {
    let told = GroupVersionKind::try_from(types).ok()?;
    [service_entries(), authorization_policies()]
        .into_iter()
        .find(|resource| resource.group == told.group && resource.kind == told.kind)
}

/// Whether what is there is what is meant: the spec to the letter, our labels among the labels, the same owners of our
/// kind. Whatever else others have added to its metadata is theirs.
pub fn carries(live: &DynamicObject, intent: &DynamicObject) -> bool {
    let labels = intent.labels().iter().all(|(key, value)| live.labels().get(key) == Some(value));
    labels && owners(live) == owners(intent) && live.data.get("spec") == intent.data.get("spec")
}

fn owners(object: &DynamicObject) -> BTreeSet<&str> {
    let ours = |kind: &str| kind == <PartnerSystem as kube::Resource>::kind(&());
    object
        .owner_references()
        .iter()
        .filter(|owner| ours(&owner.kind))
        .map(|owner| owner.uid.as_str())
        .collect()
}
