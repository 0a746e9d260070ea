//! Decides which organisation a page names for what a system sent: readers know "Beckside Surgery", not "GP (east)". It must
//! never name a discreet service, nor the practice of a person whose location is protected.

mod named;

use std::collections::HashMap;

use lcr_contracts::{
    record::Entry,
    registry::{Organisation, Registry, System},
    vocabulary::SystemKind,
};
use lcr_model::{
    Dataset, OdsCode,
    permit::{Hide, PersonGrant},
};
use serde_json::Value;

pub use named::{NamedOrganisation, own_organisations};

use super::{prepared_item::PreparedItem, resource_type::ResourceType, source_answer::SourceAnswer};

/// The system of ODS codes.
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";

/// The organisations of one system's items.
pub struct SystemOrganisations<'a> {
    registry: &'a Registry,
    system: &'a System,
    /// For items without an organisation: the person's practice at a GP system, else the owner of the system.
    usual: Option<String>,
    hidden: bool,
    /// The name to show for each code and name that an item gave. Most items of a system give the same.
    names: HashMap<CodeAndName<'a>, Option<String>>,
}

/// The code and the name by which an item names an organisation.
type CodeAndName<'a> = (Option<&'a str>, Option<&'a str>);

impl<'a> SystemOrganisations<'a> {
    pub fn new(system: &'a System, registry: &'a Registry, answers: &[SourceAnswer], grant: &PersonGrant) -> Self {
        let owner = || public_name(registry, registry.organisation(&system.organisation)?);
        let answer = answers.iter().find(|answer| answer.source == system.id);
        let is_practice = system.kind == SystemKind::Gp && grant.allows(&system.id, Dataset::Demographics);
        let practice = answer.filter(|_| is_practice).and_then(|answer| practice(registry, answer));
        let hidden = [Hide::Gp, Hide::Location].iter().any(|hide| grant.hides(*hide));
        Self { registry, system, usual: practice.or_else(owner), hidden, names: HashMap::new() }
    }

    /// The organisation to name for the system as a whole, if it is not what the system is called.
    pub fn usual_name(&self) -> Option<&str> {
        self.to_show(self.usual.as_deref())
    }

    /// Names the organisation beside the entries of an item: the item's own, else the usual one.
    pub fn add_to(&mut self, entries: &mut [Entry], item: &'a PreparedItem) {
        let system = self.system;
        let Some(name) = self.name(item) else { return };
        for one in entries.iter_mut().flat_map(|entry| &mut entry.provenance) {
            // Ward messages have a name of their own: "Community, ward messages".
            let rest = one.name.strip_prefix(&system.name).unwrap_or_default();
            one.organisation_name = Some(format!("{name}{rest}"));
        }
    }

    fn name(&mut self, item: &'a PreparedItem) -> Option<&str> {
        if self.hidden {
            return None;
        }
        let (registry, own) = (self.registry, item.organisations());
        for one in own {
            self.names.entry(code_and_name(one)).or_insert_with(|| name_of(registry, one));
        }
        let own = own.iter().find_map(|one| self.names.get(&code_and_name(one))?.as_deref());
        self.to_show(own.or(self.usual.as_deref()))
    }

    fn to_show<'n>(&self, name: Option<&'n str>) -> Option<&'n str> {
        name.filter(|name| !self.hidden && *name != self.system.name)
    }
}

fn code_and_name(named: &NamedOrganisation) -> CodeAndName<'_> {
    (named.code.as_deref(), named.name.as_deref())
}

/// The name of an organisation of the registry, unless it tells the care.
fn public_name(registry: &Registry, organisation: &Organisation) -> Option<String> {
    (!registry.is_discreet(organisation)).then(|| organisation.name.clone())
}

/// The practice at which a GP system has the person registered. Several practices may share the system.
fn practice(registry: &Registry, answer: &SourceAnswer) -> Option<String> {
    let patient = answer.types.get(&ResourceType::Patient)?.items.first()?;
    let value: &Value = patient.value();
    let practice = named::practices(value).find_map(|one| name_of(registry, &one));
    practice.or_else(|| patient.organisations().iter().find_map(|one| name_of(registry, one)))
}

/// The name of an organisation: the registry's by its ODS code, else as sent. `None` for a discreet service.
fn name_of(registry: &Registry, named: &NamedOrganisation) -> Option<String> {
    let known = named.code.as_deref().and_then(|code| registry.organisation(&OdsCode::new(code)));
    if let Some(known) = known {
        return public_name(registry, known);
    }
    let sent = named.name.as_ref()?;
    let known = registry.organisations.iter().find(|one| has_name(one, sent));
    known.is_none_or(|known| !registry.is_discreet(known)).then(|| sent.clone())
}

fn has_name(organisation: &Organisation, name: &str) -> bool {
    organisation.name.trim().eq_ignore_ascii_case(name.trim())
}

/// The ODS codes of every organisation that an item names as its own: as sent, or the registry's for the name that was sent.
pub fn own_codes<'v>(registry: &'v Registry, item: &'v PreparedItem) -> impl Iterator<Item = &'v str> {
    item.organisations().iter().flat_map(move |one| {
        let is_named = move |known: &&Organisation| one.name.as_ref().is_some_and(|name| has_name(known, name));
        let by_name = registry.organisations.iter().filter(is_named).map(|known| known.ods.as_str().trim());
        one.codes.iter().map(String::as_str).chain(by_name)
    })
}

#[cfg(test)]
#[path = "organisation_tests.rs"]
mod tests;
