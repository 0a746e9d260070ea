//! The title of a list, and the links between the lists. No link may be decided on here: virtual-ward refuses a list that
//! is not the reader's.

use lcr_contracts::{registry::Registry, vocabulary::OrganisationKind, ward::ListOf};
use lcr_model::OdsCode;

use crate::{
    ward::{list::href, query::own_organisation},
    web::session::SignedInReader,
};

pub(super) struct ListLink {
    pub label: String,
    pub href: String,
    pub current: bool,
}

fn organisation_name(registry: &Registry, ods: &OdsCode) -> String {
    let organisation = registry.organisation(ods);
    organisation.map_or_else(|| format!("organisation {ods}"), |known| known.name.clone())
}

pub(super) fn list_title(list: &ListOf, registry: &Registry) -> String {
    match list {
        ListOf::Practice(ods) => format!("Patients of {}", organisation_name(registry, ods)),
        ListOf::Team(ods) => format!("Patients in the area of {}", organisation_name(registry, ods)),
        ListOf::Ward(ward) => format!("Patients of {}", ward_words(ward)),
        ListOf::Consultant(name) | ListOf::Specialty(name) => format!("Patients of {name}"),
        ListOf::Emergency => "Patients in the emergency department".to_owned(),
        ListOf::Watched => "Patients you watch".to_owned(),
    }
}

/// "ward J27", or the name if it says that it is a ward.
pub(super) fn ward_words(ward: &str) -> String {
    if ward.to_lowercase().contains("ward") { ward.to_owned() } else { format!("ward {ward}") }
}

/// Links to the reader's practice, their team, the practices of their team, and the patients they watch.
pub(super) fn reader_list_links(
    reader: &SignedInReader,
    registry: &Registry,
    current: Option<&ListOf>,
    left: bool,
) -> Vec<ListLink> {
    let mut lists = own_lists(reader, registry);
    if let Some(current) = current.filter(|current| !lists.contains(current)) {
        lists.push(current.clone());
    }
    if !lists.contains(&ListOf::Watched) {
        lists.push(ListOf::Watched);
    }
    let link = |list: &ListOf| ListLink {
        label: list_title(list, registry),
        href: href(list, left),
        current: current == Some(list),
    };
    lists.iter().map(link).collect()
}

fn own_lists(reader: &SignedInReader, registry: &Registry) -> Vec<ListOf> {
    let Some(own) = own_organisation(reader, registry) else { return vec![] };
    let is_team =
        |ods: &OdsCode| registry.organisation(ods).is_some_and(|one| one.kind == OrganisationKind::NeighbourhoodTeam);
    let mut lists = match own.kind {
        OrganisationKind::GpPractice => vec![ListOf::Practice(own.ods.clone())],
        OrganisationKind::NeighbourhoodTeam => vec![ListOf::Team(own.ods.clone())],
        _ => vec![],
    };
    let team = own.part_of.iter().filter(|ods| is_team(ods));
    lists.extend(team.map(|ods| ListOf::Team(ods.clone())));
    let practices =
        registry.organisations.iter().filter(|organisation| organisation.part_of.as_ref() == Some(&own.ods));
    let practices = practices.filter(|organisation| organisation.kind == OrganisationKind::GpPractice);
    lists.extend(practices.map(|organisation| ListOf::Practice(organisation.ods.clone())));
    lists
}

pub(super) fn period_links(current: Option<&ListOf>, left: bool) -> [ListLink; 2] {
    let link = |label: &str, is_left: bool| ListLink {
        label: label.to_owned(),
        href: current.map_or_else(
            || if is_left { "/ward/discharged".to_owned() } else { "/ward".to_owned() },
            |list| href(list, is_left),
        ),
        current: left == is_left,
    };
    [link("In hospital now", false), link("Left hospital in the last 28 days", true)]
}
