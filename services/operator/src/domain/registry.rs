//! Converts `PartnerSystem` resources to registry rows and back. Identity owns the registry. A row of the portal becomes
//! a resource, which must never be written back to identity.

mod to_resource;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kube::ResourceExt;
use lcr_contracts::{
    partners::organisation::{OrganisationDetails, Site},
    registrar::PartnerSet,
    registry::{DatasetSwitch, Feed, Organisation, PartnerState, System, SystemSetup},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, OdsCode, SourceId};

use super::{agreement, is_being_deleted, managed_elsewhere, stages};
use crate::crd::{CareKind, OrganisationSpec, PartnerSystem, PartnerSystemSpec, Profile};

pub use to_resource::to_resource;

/// Converts a resource to its rows at `now`, since agreements expire.
pub fn to_registry_rows(resource: &PartnerSystem, now: Timestamp) -> (Organisation, System) {
    let spec = &resource.spec;
    let signed = agreement::state_of(resource, now).is_in_force();
    let organisation = Organisation {
        ods: OdsCode::new(&spec.ods_code),
        name: spec.organisation.name.clone(),
        kind: spec.organisation.kind.as_str().into(),
        agreement_signed: signed,
        part_of: spec.organisation.part_of.as_ref().map(OdsCode::new),
        serves: spec.organisation.serves.iter().map(OdsCode::new).collect(),
        state: spec.organisation.state.unwrap_or(PartnerState::Live),
        receives: None,
    };
    let system = System {
        id: SourceId::new(resource.name_any()),
        name: spec.name.clone(),
        organisation: OdsCode::new(&spec.ods_code),
        base_url: spec.endpoint.clone().unwrap_or_default(),
        kind: if spec.discreet { SystemKind::Discreet } else { enum_name(&spec.kind).into() },
        authority: spec.kind == CareKind::Authority,
        discreet: spec.discreet,
        datasets: switches(&spec.datasets, signed),
        rhythm: enum_name(&spec.rhythm),
        default_practice: None,
        suspended: spec.suspended,
        setup: to_setup(spec),
        feed: to_feed(spec),
    };
    (organisation, system)
}

/// Credentials are sent beside the rows, because identity seals them.
fn to_setup(spec: &PartnerSystemSpec) -> SystemSetup {
    SystemSetup {
        live: spec.live,
        credentials: None,
        stages: stages::to_stages(spec),
        contact: spec.contact.clone().unwrap_or_default(),
        ..SystemSetup::default()
    }
}

/// Agreed datasets are on while the agreement is in force. All others are not agreed.
fn switches(agreed: &BTreeSet<Dataset>, signed: bool) -> BTreeMap<Dataset, DatasetSwitch> {
    let switch = |dataset: &Dataset| {
        if signed && agreed.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotAgreed }
    };
    Dataset::ALL.iter().map(|dataset| (*dataset, switch(dataset))).collect()
}

fn to_feed(spec: &PartnerSystemSpec) -> Option<Feed> {
    let senders: Vec<(String, String)> =
        spec.senders.iter().map(|one| (one.application.clone(), one.facility.clone())).collect();
    let profile = enum_name(&spec.profile.unwrap_or(Profile::Default));
    let feed = Feed {
        senders,
        profile,
        // A live registry accepts no training messages.
        training: false,
        place: spec.place.map(Into::into),
        wards: spec.wards.clone(),
        fields: spec.fields.iter().cloned().map(Into::into).collect(),
        quiet_days: spec.quiet_days,
    };
    // The definition should refuse whatever the registry refuses. If it does not, one row must not block the others.
    let feed = if feed.validate().is_ok() { feed } else { Feed { fields: vec![], ..feed } };
    (!feed.senders.is_empty()).then_some(feed)
}

/// Builds the operator's complete set of rows, without credentials. An organisation counts as signed while any of its
/// agreements is in force; each system shares by its own agreement. A state other than live counts whichever system says it.
pub fn partner_set<'r>(resources: impl IntoIterator<Item = &'r PartnerSystem>, now: Timestamp) -> PartnerSet {
    let mut own_resources: Vec<&PartnerSystem> = resources.into_iter().filter(|one| is_own(one)).collect();
    own_resources.sort_by_key(|one| one.name_any());
    let mut organisations: BTreeMap<String, Organisation> = BTreeMap::new();
    let mut set = PartnerSet::default();
    for resource in own_resources {
        let (organisation, system) = to_registry_rows(resource, now);
        let (ods, signed, state) = (organisation.ods.clone(), organisation.agreement_signed, organisation.state);
        let entry = organisations.entry(ods.to_string()).or_insert(organisation);
        entry.agreement_signed |= signed;
        if !state.is_live() {
            entry.state = state;
        }
        set.sign_offs.extend(stages::sign_offs(&resource.spec, &system.id));
        set.clients.extend(resource.spec.clients.iter().map(|client| client.to_client(&ods)));
        if let Some(details) = to_details(&resource.spec.organisation) {
            set.details.entry(ods).or_insert(details);
        }
        set.systems.push(system);
    }
    set.organisations = organisations.into_values().collect();
    set
}

/// Whether the operator sends the resource's rows to identity.
pub fn is_own(resource: &PartnerSystem) -> bool {
    !managed_elsewhere(resource) && !is_being_deleted(resource)
}

/// What the resource says of the organisation beyond its row. None if it says nothing.
fn to_details(spec: &OrganisationSpec) -> Option<OrganisationDetails> {
    let site = |site: &crate::crd::SiteSpec| Site { ods: OdsCode::new(&site.ods), name: site.name.clone() };
    let says_more = spec.contact.is_some() || !spec.sites.is_empty();
    says_more.then(|| OrganisationDetails {
        name: spec.name.clone(),
        kind: spec.kind.as_str().into(),
        part_of: spec.part_of.as_ref().map(OdsCode::new),
        serves: spec.serves.iter().map(OdsCode::new).collect(),
        sites: spec.sites.iter().map(site).collect(),
        contact: spec.contact.clone().unwrap_or_default(),
    })
}

/// The serialized name of an enum value, as the registry stores it.
fn enum_name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
