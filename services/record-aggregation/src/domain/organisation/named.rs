//! Reads which organisations an item names as its own. It must depend on the item alone, and never says whether the registry
//! knows an organisation or whether a page may name it.

use lcr_fhir::{display, read};
use serde_json::Value;

use super::ODS;

/// Elements that hold an organisation and nothing else.
const ORGANISATIONS: [&str; 3] = ["managingOrganization", "custodian", "serviceProvider"];
/// Types whose performer did what the item reports. The performer of a request only may do it.
const PERFORMED: [&str; 4] = ["Observation", "DiagnosticReport", "Procedure", "Immunization"];

/// An organisation as an item names it.
pub struct NamedOrganisation {
    /// The code by which the registry may know it.
    pub code: Option<String>,
    /// Its name as sent.
    pub name: Option<String>,
    /// All its codes. A server may use the code as the id of its `Organization`.
    pub codes: Box<[String]>,
}

impl NamedOrganisation {
    fn read(root: &Value, reference: &Value) -> Self {
        let resource = contained(root, reference);
        let of_contained = resource.into_iter().flat_map(|one| read::list(one, "identifier"));
        let identifiers = read::at(reference, "identifier").into_iter().chain(of_contained);
        let sent = identifiers.filter_map(|one| read::str_at(one, "value"));
        let linked = read::str_at(reference, "reference").and_then(|to| to.rsplit_once("Organization/"));
        let linked = linked.and_then(|(_, id)| id.split('/').next());
        let first = || read::text(resource?, "identifier.0.value");
        Self {
            code: read::text(reference, "identifier.value").or_else(first),
            name: read::text(reference, "display").or_else(|| read::text(resource?, "name")),
            codes: sent.chain(linked).map(|code| code.trim().to_owned()).collect(),
        }
    }
}

/// The organisations that an item names as its own.
pub fn own_organisations(item: &Value) -> Box<[NamedOrganisation]> {
    own_references(item).map(|one| NamedOrganisation::read(item, one)).collect()
}

/// The organisations that a patient names as general practitioner.
pub fn practices(patient: &Value) -> impl Iterator<Item = NamedOrganisation> {
    let practitioners = read::list(patient, "generalPractitioner").iter();
    let organisations = practitioners.filter(move |one| is_organisation(patient, one));
    organisations.map(move |one| NamedOrganisation::read(patient, one))
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
