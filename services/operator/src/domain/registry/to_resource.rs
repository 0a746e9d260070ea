//! Converts a row of the portal to a resource. The resource must be one that the API server accepts, and must never hold
//! credentials.

use kube::ResourceExt;
use lcr_contracts::{
    registrar::PartnerSet,
    registry::{DatasetSwitch, Feed, Organisation, System},
    vocabulary::SystemKind,
};
use lcr_model::Dataset;

use super::super::{MANAGED_BY, PORTAL, egress, stages};
use crate::crd::{
    Agreement, CareKind, ClientSpec, OrganisationSpec, PartnerSystem, PartnerSystemSpec, Protocol, Sender, SiteSpec,
};

/// The agreement reference of resources whose organisation signed in the portal.
const PORTAL_REFERENCE: &str = "portal";
/// The limits of the definition. The portal's own are not above them, and a row of an older version may be.
const MAX_SITES: usize = 200;
const MAX_CLIENTS: usize = 20;
const MAX_CONTACT_CHARS: usize = 200;

/// Converts a row of the portal to a resource. `others` are all rows of the portal. None if the definition would refuse its
/// name or address, or if its organisation is missing.
pub fn to_resource(system: &System, others: &PartnerSet) -> Option<PartnerSystem> {
    let organisation = others.organisations.iter().find(|one| one.ods == system.organisation)?;
    let ods = organisation.ods.as_str().to_lowercase();
    let id = system.id.as_str();
    let system_name = id.strip_prefix(&format!("{ods}-")).unwrap_or(id);
    let name = format!("{ods}-{system_name}");
    let mut resource = PartnerSystem::new(&name, to_spec(system_name, system, organisation, others)?);
    resource.labels_mut().insert(MANAGED_BY.to_owned(), PORTAL.to_owned());
    is_valid_resource(&resource).then_some(resource)
}

fn to_organisation(organisation: &Organisation, others: &PartnerSet) -> OrganisationSpec {
    let details = others.details.get(&organisation.ods);
    let sites = details.into_iter().flat_map(|details| &details.sites);
    OrganisationSpec {
        name: organisation.name.clone(),
        kind: organisation.kind.to_string(),
        part_of: organisation.part_of.as_ref().map(ToString::to_string),
        serves: organisation.serves.iter().map(ToString::to_string).collect(),
        state: (!organisation.state.is_live()).then_some(organisation.state),
        contact: details.and_then(|details| to_contact(&details.contact)),
        sites: sites
            .take(MAX_SITES)
            .map(|site| SiteSpec { ods: site.ods.to_string(), name: site.name.clone() })
            .collect(),
    }
}

fn to_contact(contact: &str) -> Option<String> {
    let contact: String = contact.chars().take(MAX_CONTACT_CHARS).collect();
    (!contact.is_empty()).then_some(contact)
}

/// The token endpoint, if the way to it can be opened.
fn to_token_url(system: &System, others: &PartnerSet) -> Option<String> {
    let url = others.token_urls.get(&system.id)?;
    let is_openable =
        !system.base_url.is_empty() && egress::https_host(url).is_some() && !url.contains(['?', '#', '@']);
    is_openable.then(|| url.clone())
}

/// The clients of the organisation, in the resource of its first system: each client is in one resource.
fn to_clients(system: &System, others: &PartnerSet) -> Vec<ClientSpec> {
    let of_organisation = others.systems.iter().filter(|one| one.organisation == system.organisation);
    if of_organisation.map(|one| &one.id).min() != Some(&system.id) {
        return vec![];
    }
    let clients = others.clients.iter().filter(|client| client.org == system.organisation);
    clients.filter_map(ClientSpec::of_client).take(MAX_CLIENTS).collect()
}

fn to_spec(
    system_name: &str,
    system: &System,
    organisation: &Organisation,
    others: &PartnerSet,
) -> Option<PartnerSystemSpec> {
    let is_on = |(dataset, switch): (&Dataset, &DatasetSwitch)| (*switch == DatasetSwitch::On).then_some(*dataset);
    let has_endpoint = !system.base_url.is_empty();
    let feed = system.feed.as_ref();
    Some(PartnerSystemSpec {
        ods_code: organisation.ods.to_string(),
        system: system_name.to_owned(),
        name: system.name.clone(),
        organisation: to_organisation(organisation, others),
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
        token_url: to_token_url(system, others),
        trust_bundle_ref: None,
        suspended: system.suspended,
        live: system.setup.live,
        stages: stages::to_specs(system),
        testers: stages::to_testers(&system.setup.stages),
        pilots: stages::to_pilots(&system.setup.stages),
        clients: to_clients(system, others),
        contact: to_contact(&system.setup.contact),
    })
}

/// An agreement whose dates the portal stores.
fn portal_agreement() -> Agreement {
    Agreement { reference: PORTAL_REFERENCE.to_owned(), signed_on: None, expires: None, signatories: vec![] }
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

fn parse_enum_name<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    serde_json::from_value(text.into()).ok()
}
