//! Decides which organisation a page names for what a system sent: readers know "Beckside Surgery", not "GP (east)". It must
//! never name a discreet service, nor the practice of a person whose location is protected.

use lcr_contracts::{
    record::Entry,
    registry::{Organisation, Registry, System},
    vocabulary::SystemKind,
};
use lcr_fhir::{display, read};
use lcr_model::{
    Dataset, OdsCode,
    permit::{Hide, PersonGrant},
};
use serde_json::Value;

use super::{resource_type::ResourceType, source_answer::SourceAnswer};

/// The system of ODS codes.
const ODS: &str = "https://fhir.nhs.uk/Id/ods-organization-code";
/// Elements that hold an organisation and nothing else.
const ORGANISATIONS: [&str; 3] = ["managingOrganization", "custodian", "serviceProvider"];
/// Types whose performer did what the item reports. The performer of a request only may do it.
const PERFORMED: [&str; 4] = ["Observation", "DiagnosticReport", "Procedure", "Immunization"];

/// The organisations of one system's items.
pub struct SystemOrganisations<'a> {
    registry: &'a Registry,
    system: &'a System,
    /// For items without an organisation: the person's practice at a GP system, else the owner of the system.
    usual: Option<String>,
    hidden: bool,
}

impl<'a> SystemOrganisations<'a> {
    pub fn new(system: &'a System, registry: &'a Registry, answers: &[SourceAnswer], grant: &PersonGrant) -> Self {
        let owner = || named(registry, registry.organisation(&system.organisation)?);
        let answer = answers.iter().find(|answer| answer.source == system.id);
        let is_practice = system.kind == SystemKind::Gp && grant.allows(&system.id, Dataset::Demographics);
        let practice = answer.filter(|_| is_practice).and_then(|answer| practice(registry, answer));
        let hidden = [Hide::Gp, Hide::Location].iter().any(|hide| grant.hides(*hide));
        Self { registry, system, usual: practice.or_else(owner), hidden }
    }

    /// The organisation to name, if it is not what the system is called: the item's own, else the usual one.
    pub fn name(&self, item: Option<&Value>) -> Option<String> {
        let own = item.and_then(|item| own_organisation(self.registry, item));
        own.or_else(|| self.usual.clone()).filter(|name| !self.hidden && *name != self.system.name)
    }

    /// Names the organisation beside the entries of an item.
    pub fn add_to(&self, entries: &mut [Entry], item: &Value) {
        let Some(name) = self.name(Some(item)) else { return };
        for one in entries.iter_mut().flat_map(|entry| &mut entry.provenance) {
            // Ward messages have a name of their own: "Community, ward messages".
            let rest = one.name.strip_prefix(&self.system.name).unwrap_or_default();
            one.organisation_name = Some(format!("{name}{rest}"));
        }
    }
}

/// The name of an organisation of the registry, unless it tells the care.
fn named(registry: &Registry, organisation: &Organisation) -> Option<String> {
    (!registry.is_discreet(organisation)).then(|| organisation.name.clone())
}

/// The practice at which a GP system has the person registered. Several practices may share the system.
fn practice(registry: &Registry, answer: &SourceAnswer) -> Option<String> {
    let patient = answer.types.get(&ResourceType::Patient)?.items.first()?.value();
    let practitioners = read::list(patient, "generalPractitioner").iter();
    let mut practices = practitioners.filter(|one| is_organisation(patient, one));
    let practice = practices.find_map(|one| organisation_name(registry, patient, one));
    practice.or_else(|| own_organisation(registry, patient))
}

/// The organisation that an item names as its own.
fn own_organisation(registry: &Registry, item: &Value) -> Option<String> {
    own_references(item).find_map(|one| organisation_name(registry, item, one))
}

/// The ODS codes of every organisation that an item names as its own: as sent, or the registry's for the name that was sent.
pub fn own_codes(registry: &Registry, item: &Value) -> Vec<String> {
    own_references(item).flat_map(|one| organisation_codes(registry, item, one)).collect()
}

/// The references to organisations that an item names as its own.
fn own_references(item: &Value) -> impl Iterator<Item = &Value> {
    let performed = read::str_at(item, "resourceType").is_some_and(|one| PERFORMED.contains(&one));
    let performers = read::list(item, "performer").iter().filter(move |_| performed);
    let performers = performers.map(|one| one.get("actor").unwrap_or(one));
    let authors = read::list(item, "author").iter().chain(read::at(item, "author"));
    let organisations = performers.chain(authors).filter(move |one| is_organisation(item, one));
    let fixed = ORGANISATIONS.iter().filter_map(move |path| read::at(item, path));
    fixed.chain(organisations)
}

/// The resource contained in `root` that a reference names.
fn contained<'v>(root: &'v Value, reference: &Value) -> Option<&'v Value> {
    display::find_contained(root, read::str_at(reference, "reference")?)
}

/// Whether a reference that may name a person names an organisation.
fn is_organisation(root: &Value, reference: &Value) -> bool {
    let is = |path: &str, expected: &str| read::str_at(reference, path) == Some(expected);
    let resource_type = contained(root, reference).and_then(|one| read::str_at(one, "resourceType"));
    is("type", "Organization")
        || is("identifier.system", ODS)
        || resource_type == Some("Organization")
        || read::str_at(reference, "reference").is_some_and(|to| to.contains("Organization/"))
}

/// The name of a referenced organisation: the registry's by its ODS code, else as sent.
fn organisation_name(registry: &Registry, root: &Value, reference: &Value) -> Option<String> {
    let resource = contained(root, reference);
    let code = || resource.and_then(|one| read::str_at(one, "identifier.0.value"));
    let code = read::str_at(reference, "identifier.value").or_else(code);
    if let Some(known) = code.and_then(|code| registry.organisation(&OdsCode::new(code))) {
        return named(registry, known);
    }
    let sent = read::text(reference, "display").or_else(|| read::text(resource?, "name"))?;
    let is_that = |one: &&Organisation| one.name.trim().eq_ignore_ascii_case(sent.trim());
    let known = registry.organisations.iter().find(is_that);
    known.is_none_or(|known| !registry.is_discreet(known)).then_some(sent)
}

/// The codes of a referenced organisation. A server may use the code as the id of its `Organization`.
fn organisation_codes(registry: &Registry, root: &Value, reference: &Value) -> Vec<String> {
    let resource = contained(root, reference);
    let of_contained = resource.into_iter().flat_map(|one| read::list(one, "identifier"));
    let identifiers = read::at(reference, "identifier").into_iter().chain(of_contained);
    let sent = identifiers.filter_map(|one| read::str_at(one, "value"));
    let linked = read::str_at(reference, "reference").and_then(|to| to.rsplit_once("Organization/"));
    let linked = linked.and_then(|(_, id)| id.split('/').next());
    let name = read::text(reference, "display").or_else(|| read::text(resource?, "name"));
    let is_named =
        |one: &&Organisation| name.as_ref().is_some_and(|name| one.name.trim().eq_ignore_ascii_case(name.trim()));
    let by_name = registry.organisations.iter().filter(is_named).map(|one| one.ods.as_str());
    sent.chain(linked).chain(by_name).map(|code| code.trim().to_owned()).collect()
}

#[cfg(test)]
#[path = "organisation_tests.rs"]
mod tests;
