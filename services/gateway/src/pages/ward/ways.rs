//! Whose list it is, and the ways to the other lists that a reader may turn to without typing.

use lcr_contracts::{identity::Registry, ward::ListOf};
use lcr_model::OdsCode;

use super::asked::own;
use crate::{session::SignedInReader, view::ward::list::href};

/// A link among several.
pub(super) struct Way {
    pub words: String,
    pub href: String,
    pub current: bool,
}

fn name(registry: &Registry, ods: &OdsCode) -> String {
    let found = registry.organisations.iter().find(|one| one.ods == *ods);
    found.map_or_else(|| format!("organisation {ods}"), |one| one.name.clone())
}

pub(super) fn whose(of: &ListOf, registry: &Registry) -> String {
    match of {
        ListOf::Practice(ods) => format!("Patients of {}", name(registry, ods)),
        ListOf::Team(ods) => format!("Patients in the area of {}", name(registry, ods)),
        ListOf::Ward(ward) => format!("Patients of ward {ward}"),
        ListOf::Consultant(consultant) => format!("Patients of {consultant}"),
        ListOf::Watched => "Patients you watch".to_owned(),
    }
}

/// The lists this reader may turn to without typing: their practice, their team, the practices of their team.
pub(super) fn switch(
    reader: &SignedInReader,
    registry: &Registry,
    of: Option<&ListOf>,
    left: bool,
) -> Vec<Way> {
    let mut lists = own_lists(reader, registry);
    if let Some(of) = of.filter(|of| !lists.contains(of)) {
        lists.push(of.clone());
    }
    if !lists.contains(&ListOf::Watched) {
        lists.push(ListOf::Watched);
    }
    let way = |list: &ListOf| Way {
        words: whose(list, registry),
        href: href(list, left),
        current: of == Some(list),
    };
    lists.iter().map(way).collect()
}

fn own_lists(reader: &SignedInReader, registry: &Registry) -> Vec<ListOf> {
    let Some(own) = own(reader, registry) else { return vec![] };
    let kind = |ods: &OdsCode| {
        registry.organisations.iter().find(|one| one.ods == *ods).map_or("", |one| one.kind.as_str())
    };
    let mut lists = match own.kind.as_str() {
        "gp-practice" => vec![ListOf::Practice(own.ods.clone())],
        "neighbourhood-team" => vec![ListOf::Team(own.ods.clone())],
        _ => vec![],
    };
    let team = own.part_of.iter().filter(|ods| kind(ods) == "neighbourhood-team");
    lists.extend(team.map(|ods| ListOf::Team(ods.clone())));
    let practices = registry.organisations.iter().filter(|one| one.part_of.as_ref() == Some(&own.ods));
    let practices = practices.filter(|one| one.kind == "gp-practice");
    lists.extend(practices.map(|one| ListOf::Practice(one.ods.clone())));
    lists
}

pub(super) fn here(of: Option<&ListOf>, left: bool) -> [Way; 2] {
    let way = |words: &str, is_left: bool| Way {
        words: words.to_owned(),
        href: of.map_or_else(
            || if is_left { "/ward/discharged".to_owned() } else { "/ward".to_owned() },
            |of| href(of, is_left),
        ),
        current: left == is_left,
    };
    [way("In hospital now", false), way("Left hospital in the last 28 days", true)]
}
