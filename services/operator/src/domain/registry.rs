//! Converts `PartnerSystem` resources to registry rows and back. Identity owns the registry. A row of the portal becomes
//! a resource, which must never be written back to identity.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kube::ResourceExt;
use lcr_contracts::{
    registrar::PartnerSet,
    registry::{DatasetSwitch, Feed, Organisation, System},
    vocabulary::SystemKind,
};
use lcr_model::{Dataset, OdsCode, SourceId};

use super::{MANAGED_BY, PORTAL, agreement, egress, is_being_deleted, managed_elsewhere};
use crate::crd::{Agreement, CareKind, OrganisationSpec, PartnerSystem, PartnerSystemSpec, Profile, Protocol, Sender};

/// The agreement reference of resources whose organisation signed in the portal.
const PORTAL_REFERENCE: &str = "portal";

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
        feed: to_feed(spec),
    };
    (organisation, system)
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

/// Builds the operator's complete set of rows. An organisation counts as signed while any of its agreements is in force;
/// each system shares by its own agreement.
pub fn partner_set<'r>(resources: impl IntoIterator<Item = &'r PartnerSystem>, now: Timestamp) -> PartnerSet {
    let mut own_resources: Vec<&PartnerSystem> =
        resources.into_iter().filter(|one| !managed_elsewhere(one) && !is_being_deleted(one)).collect();
    own_resources.sort_by_key(|one| one.name_any());
    let mut organisations: BTreeMap<String, Organisation> = BTreeMap::new();
    let mut systems = vec![];
    for (organisation, system) in own_resources.into_iter().map(|one| to_registry_rows(one, now)) {
        let signed = organisation.agreement_signed;
        let entry = organisations.entry(organisation.ods.to_string()).or_insert(organisation);
        entry.agreement_signed |= signed;
        systems.push(system);
    }
    PartnerSet { organisations: organisations.into_values().collect(), systems, clients: vec![] }
}

/// Converts a row of the portal to a resource. None if the definition would refuse its name or address.
pub fn to_resource(system: &System, organisation: &Organisation) -> Option<PartnerSystem> {
    let ods = organisation.ods.as_str().to_lowercase();
    let id = system.id.as_str();
    let system_name = id.strip_prefix(&format!("{ods}-")).unwrap_or(id);
    let name = format!("{ods}-{system_name}");
    let mut resource = PartnerSystem::new(&name, to_spec(system_name, system, organisation)?);
    resource.labels_mut().insert(MANAGED_BY.to_owned(), PORTAL.to_owned());
    is_valid_resource(&resource).then_some(resource)
}

fn to_spec(system_name: &str, system: &System, organisation: &Organisation) -> Option<PartnerSystemSpec> {
    let is_on = |(dataset, switch): (&Dataset, &DatasetSwitch)| (*switch == DatasetSwitch::On).then_some(*dataset);
    let has_endpoint = !system.base_url.is_empty();
    let feed = system.feed.as_ref();
    Some(PartnerSystemSpec {
        ods_code: organisation.ods.to_string(),
        system: system_name.to_owned(),
        name: system.name.clone(),
        organisation: OrganisationSpec {
            name: organisation.name.clone(),
            kind: organisation.kind.to_string(),
            part_of: organisation.part_of.as_ref().map(ToString::to_string),
            serves: organisation.serves.iter().map(ToString::to_string).collect(),
        },
        kind: to_kind(system)?,
        protocol: if has_endpoint { Protocol::FhirR4 } else { Protocol::Hl7v2Mllp },
        endpoint: has_endpoint.then(|| system.base_url.clone()),
        datasets: system.datasets.iter().filter_map(is_on).collect(),
        senders: to_senders(feed),
        profile: feed.and_then(|feed| parse_enum_name(&feed.profile)),
        place: feed.and_then(|feed| feed.place).map(Into::into),
        wards: feed.map(|feed| feed.wards.clone()).unwrap_or_default(),
        fields: feed.map(|feed| feed.fields.iter().cloned().map(Into::into).collect()).unwrap_or_default(),
        quiet_days: feed.and_then(|feed| feed.quiet_days),
        rhythm: parse_enum_name(&system.rhythm).unwrap_or_default(),
        discreet: system.discreet,
        agreement: organisation.agreement_signed.then(portal_agreement),
        credentials_ref: None,
        trust_bundle_ref: None,
        suspended: system.suspended,
    })
}

/// An agreement whose dates the portal stores.
fn portal_agreement() -> Agreement {
    Agreement { reference: PORTAL_REFERENCE.to_owned(), signed_on: None, expires: None }
}

fn to_senders(feed: Option<&Feed>) -> Vec<Sender> {
    let pairs = feed.into_iter().flat_map(|feed| feed.senders.iter().cloned());
    pairs.map(|(application, facility)| Sender { application, facility }).collect()
}

/// The kind of care. A discreet row has no kind of its own and is community care.
fn to_kind(system: &System) -> Option<CareKind> {
    match &system.kind {
        SystemKind::Discreet => Some(CareKind::Community),
        kind => parse_enum_name(kind.as_str()),
    }
}

/// Whether the API server would accept the resource. A refused row would fail every pass and block the others.
fn is_valid_resource(resource: &PartnerSystem) -> bool {
    let spec = &resource.spec;
    let is_code_byte = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let is_name_byte = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let has_no_outer_hyphen = |text: &str| !text.starts_with('-') && !text.ends_with('-');
    let has_address_or_sender = match spec.protocol {
        Protocol::FhirR4 => egress::endpoint_host(resource).is_some(),
        _ => !spec.senders.is_empty(),
    };
    (3..=10).contains(&spec.ods_code.len())
        && spec.ods_code.bytes().all(is_code_byte)
        && (1..=40).contains(&spec.system.len())
        && spec.system.bytes().all(is_name_byte)
        && has_no_outer_hyphen(&spec.system)
        && !spec.name.is_empty()
        && has_address_or_sender
}

/// The serialized name of an enum value, as the registry stores it.
fn enum_name(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn parse_enum_name<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
