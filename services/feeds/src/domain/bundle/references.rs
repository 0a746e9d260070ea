//! Resolves references inside a Bundle: copies files and names into the items, because a sender's links cannot be
//! resolved later. Must never fetch anything.

use std::collections::HashMap;

use lcr_fhir::{display, read};
use lcr_model::OdsCode;
use serde_json::Value;

use super::link_resources::{Identifier, Reference};

/// Types that only serve as targets of references.
pub(super) const REFERENCED_TYPES: [&str; 9] = [
    "Binary",
    "Practitioner",
    "PractitionerRole",
    "Organization",
    "Location",
    "Medication",
    "Specimen",
    "Device",
    "HealthcareService",
];

/// The referenced resources by full URL and by `Type/id`.
#[derive(Default)]
pub struct References(HashMap<String, Value>);

impl References {
    /// Collects the referenced resources of a Bundle. A team is one too: it names the team of an episode.
    pub fn of(bundle: &Value) -> Self {
        let mut linked = HashMap::new();
        for entry in read::list(bundle, "entry") {
            let Some(resource) = entry.get("resource") else { continue };
            let kind = read::str_at(resource, "resourceType").unwrap_or_default();
            if !REFERENCED_TYPES.contains(&kind) && kind != "CareTeam" {
                continue;
            }
            if let Some(url) = read::text(entry, "fullUrl") {
                linked.insert(url, resource.clone());
            }
            if let Some(id) = read::str_at(resource, "id") {
                linked.insert(format!("{kind}/{id}"), resource.clone());
            }
        }
        Self(linked)
    }

    /// Copies files into attachments and names into references.
    pub fn inline_into(&self, value: &mut Value) {
        if self.0.is_empty() {
            return;
        }
        match value {
            Value::Array(all) => all.iter_mut().for_each(|one| self.inline_into(one)),
            Value::Object(fields) => {
                if let Some(binary) = fields.get("url").and_then(Value::as_str).and_then(|url| self.binary(url)) {
                    let (data, kind) = (binary.get("data").cloned(), binary.get("contentType").cloned());
                    if let Some(data) = data.filter(|_| !fields.contains_key("data")) {
                        fields.remove("url");
                        fields.insert("data".to_owned(), data);
                        if let Some(kind) = kind {
                            fields.entry("contentType").or_insert(kind);
                        }
                    }
                }
                let name = fields.get("reference").and_then(Value::as_str).and_then(|link| self.name(link));
                if let Some(name) = name {
                    fields.entry("display").or_insert(Value::String(name));
                }
                fields.values_mut().for_each(|one| self.inline_into(one));
            }
            _ => {}
        }
    }

    fn binary(&self, url: &str) -> Option<&Value> {
        self.find(url).filter(|one| read::str_at(one, "resourceType") == Some("Binary"))
    }

    fn name(&self, link: &str) -> Option<String> {
        display::resource_name(self.find(link)?)
    }

    /// The resource that a reference points to: a contained one, else one of the Bundle.
    pub fn resolve<'v>(&'v self, contained: &'v [Value], reference: &Reference) -> Option<&'v Value> {
        let link = reference.reference.as_deref()?;
        match link.strip_prefix('#') {
            Some(id) => contained.iter().find(|one| read::str_at(one, "id") == Some(id)),
            None => self.find(link),
        }
    }

    /// The ODS code of the organisation that a reference names, or to which the place, service or role belongs that it names.
    pub fn ods_code(&self, contained: &[Value], reference: &Reference) -> Option<OdsCode> {
        let named = |one: &Reference| one.identifier.as_ref().and_then(Identifier::ods_code);
        if let Some(code) = named(reference) {
            return Some(code);
        }
        let target = self.resolve(contained, reference)?;
        let path = match read::str_at(target, "resourceType")? {
            "Location" => "managingOrganization",
            "HealthcareService" => "providedBy",
            "PractitionerRole" => "organization",
            _ => return organisation_code(target),
        };
        let owner = Reference::at(target, path)?;
        named(&owner).or_else(|| organisation_code(self.resolve(contained, &owner)?))
    }

    /// Finds a resource by the whole link, else by its last two parts.
    fn find(&self, link: &str) -> Option<&Value> {
        let relative = || {
            let mut parts = link.rsplitn(3, '/');
            let (id, kind) = (parts.next()?, parts.next()?);
            self.0.get(&format!("{kind}/{id}"))
        };
        self.0.get(link).or_else(relative)
    }
}

fn organisation_code(resource: &Value) -> Option<OdsCode> {
    let is_organisation = read::str_at(resource, "resourceType") == Some("Organization");
    let mut identifiers = read::list(resource, "identifier").iter().filter(|_| is_organisation);
    identifiers.find_map(|one| Identifier::of(one)?.ods_code())
}

#[cfg(test)]
#[path = "references_tests.rs"]
mod tests;
