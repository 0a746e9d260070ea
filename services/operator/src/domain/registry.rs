//! A `PartnerSystem` and the registry's rows, each as the other's words. Identity owns the registry: rows of the
//! operator are made exactly what the resources say, and a row that others keep becomes a resource here and is never
//! said back.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kube::ResourceExt;
use lcr_contracts::{
    identity::{DatasetSwitch, Feed, Organisation, System},
    registrar::PartnerSet,
};
use lcr_model::{Dataset, OdsCode, SourceId};

use super::{MANAGED_BY, PORTAL, agreement, egress, kept_by_others, leaving};
use crate::crd::{
    Agreement, Kind, OrganisationSpec, PartnerSystem, PartnerSystemSpec, Profile, Protocol, Sender,
};

/// Under which reference a resource stands on what was signed in the portal.
const IN_PORTAL: &str = "portal";
const DISCREET: &str = "discreet";

/// The rows that a resource is, at `now`: agreements end by themselves.
pub fn system_of(resource: &PartnerSystem, now: Timestamp) -> (Organisation, System) {
    let spec = &resource.spec;
    let signed = agreement::standing(resource, now).holds();
    let organisation = Organisation {
        ods: OdsCode::new(&spec.ods_code),
        name: spec.organisation.name.clone(),
        kind: spec.organisation.kind.clone(),
        agreement_signed: signed,
        part_of: spec.organisation.part_of.as_ref().map(OdsCode::new),
    };
    let system = System {
        id: SourceId::new(resource.name_any()),
        name: spec.name.clone(),
        organisation: OdsCode::new(&spec.ods_code),
        base_url: spec.endpoint.clone().unwrap_or_default(),
        kind: if spec.discreet { DISCREET.to_owned() } else { word(&spec.kind) },
        authority: spec.kind == Kind::Authority,
        discreet: spec.discreet,
        datasets: switches(&spec.datasets, signed),
        rhythm: word(&spec.rhythm),
        default_practice: None,
        suspended: spec.suspended,
        feed: feed(spec),
    };
    (organisation, system)
}

/// What was agreed is on while the agreement holds; what was not is not agreed, and says so.
fn switches(agreed: &BTreeSet<Dataset>, signed: bool) -> BTreeMap<Dataset, DatasetSwitch> {
    let switch = |dataset: &Dataset| {
        if signed && agreed.contains(dataset) { DatasetSwitch::On } else { DatasetSwitch::NotAgreed }
    };
    Dataset::ALL.iter().map(|dataset| (*dataset, switch(dataset))).collect()
}

fn feed(spec: &PartnerSystemSpec) -> Option<Feed> {
    let senders: Vec<(String, String)> =
        spec.senders.iter().map(|one| (one.application.clone(), one.facility.clone())).collect();
    let profile = word(&spec.profile.unwrap_or(Profile::Default));
    let feed = Feed {
        senders,
        profile,
        // Test messages have no place in a registry of live partners.
        training: false,
        place: spec.place.map(Into::into),
        wards: spec.wards.clone(),
        fields: spec.fields.iter().cloned().map(Into::into).collect(),
        quiet_days: spec.quiet_days,
    };
    // The definition refuses what the registry would. If it ever does not, one row must not hold up the others.
    let feed = if feed.validate().is_ok() { feed } else { Feed { fields: vec![], ..feed } };
    (!feed.senders.is_empty()).then_some(feed)
}

/// Everything that the resources say: the operator's whole set. An organisation with several systems has signed while
/// one agreement holds; what each system shares hangs on its own.
pub fn whole_set<'r>(resources: impl IntoIterator<Item = &'r PartnerSystem>, now: Timestamp) -> PartnerSet {
    let mut ours: Vec<&PartnerSystem> =
        resources.into_iter().filter(|one| !kept_by_others(one) && !leaving(one)).collect();
    ours.sort_by_key(|one| one.name_any());
    let mut organisations: BTreeMap<String, Organisation> = BTreeMap::new();
    let mut systems = vec![];
    for (organisation, system) in ours.into_iter().map(|one| system_of(one, now)) {
        let signed = organisation.agreement_signed;
        let held = organisations.entry(organisation.ods.to_string()).or_insert(organisation);
        held.agreement_signed |= signed;
        systems.push(system);
    }
    PartnerSet { organisations: organisations.into_values().collect(), systems, clients: vec![] }
}

/// The resource of a row that others keep. A row that the definition would refuse has none: a name or an address that
/// is not as the cluster wants it.
pub fn resource_of(system: &System, organisation: &Organisation) -> Option<PartnerSystem> {
    let own = organisation.ods.as_str().to_lowercase();
    let id = system.id.as_str();
    let word = id.strip_prefix(&format!("{own}-")).unwrap_or(id);
    let name = format!("{own}-{word}");
    let mut resource = PartnerSystem::new(&name, spec_of(word, system, organisation)?);
    resource.labels_mut().insert(MANAGED_BY.to_owned(), PORTAL.to_owned());
    can_be_said(&resource).then_some(resource)
}

fn spec_of(word: &str, system: &System, organisation: &Organisation) -> Option<PartnerSystemSpec> {
    let is_on =
        |(dataset, switch): (&Dataset, &DatasetSwitch)| (*switch == DatasetSwitch::On).then_some(*dataset);
    let asked = !system.base_url.is_empty();
    let feed = system.feed.as_ref();
    Some(PartnerSystemSpec {
        ods_code: organisation.ods.to_string(),
        system: word.to_owned(),
        name: system.name.clone(),
        organisation: OrganisationSpec {
            name: organisation.name.clone(),
            kind: organisation.kind.clone(),
            part_of: organisation.part_of.as_ref().map(ToString::to_string),
        },
        kind: kind(system)?,
        protocol: if asked { Protocol::FhirR4 } else { Protocol::Hl7v2Mllp },
        endpoint: asked.then(|| system.base_url.clone()),
        datasets: system.datasets.iter().filter_map(is_on).collect(),
        senders: senders(feed),
        profile: feed.and_then(|feed| of_word(&feed.profile)),
        place: feed.and_then(|feed| feed.place).map(Into::into),
        wards: feed.map(|feed| feed.wards.clone()).unwrap_or_default(),
        fields: feed.map(|feed| feed.fields.iter().cloned().map(Into::into).collect()).unwrap_or_default(),
        quiet_days: feed.and_then(|feed| feed.quiet_days),
        rhythm: of_word(&system.rhythm).unwrap_or_default(),
        discreet: system.discreet,
        agreement: organisation.agreement_signed.then(in_portal),
        credentials_ref: None,
        trust_bundle_ref: None,
        suspended: system.suspended,
    })
}

/// The portal keeps its dates.
fn in_portal() -> Agreement {
    Agreement { reference: IN_PORTAL.to_owned(), signed_on: None, expires: None }
}

fn senders(feed: Option<&Feed>) -> Vec<Sender> {
    let pairs = feed.into_iter().flat_map(|feed| feed.senders.iter().cloned());
    pairs.map(|(application, facility)| Sender { application, facility }).collect()
}

/// A discreet row says no kind; community care is what its clinics give.
fn kind(system: &System) -> Option<Kind> {
    if system.kind == DISCREET { Some(Kind::Community) } else { of_word(&system.kind) }
}

/// What the API server would refuse is not sent to it, again and again: one row must not hold up the others.
fn can_be_said(resource: &PartnerSystem) -> bool {
    let spec = &resource.spec;
    let code = |b: u8| b.is_ascii_uppercase() || b.is_ascii_digit();
    let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
    let ends = |text: &str| !text.starts_with('-') && !text.ends_with('-');
    let reached = match spec.protocol {
        Protocol::FhirR4 => egress::host(resource).is_some(),
        _ => !spec.senders.is_empty(),
    };
    (3..=10).contains(&spec.ods_code.len())
        && spec.ods_code.bytes().all(code)
        && (1..=40).contains(&spec.system.len())
        && spec.system.bytes().all(word)
        && ends(&spec.system)
        && !spec.name.is_empty()
        && reached
}

/// An enumeration's own word, as the registry writes it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn of_word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
