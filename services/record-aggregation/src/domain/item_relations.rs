//! What an item says of other items: which ones it replaces, and which results a report names. It is read out of the item
//! once (`PreparedItem::relations`), so it must depend on the item alone, and never on its source or its reader.

use lcr_fhir::read;
use serde_json::Value;

/// What an item says of other items.
pub struct ItemRelations {
    /// An item entered in error replaces nothing.
    pub is_entered_in_error: bool,
    /// `Type/id` of the items that it replaces.
    pub replaces: Box<[String]>,
    /// The identifiers of the documents that it replaces.
    pub replaced_identifiers: Box<[Identifier]>,
    /// The results that a report names, each as its reference without a version.
    results: Box<[String]>,
}

/// The value of an identifier, and its system if it has one.
pub struct Identifier {
    pub system: Option<String>,
    pub value: String,
}

impl ItemRelations {
    pub fn read(item: &Value) -> Self {
        let replacements = || read::list(item, "relatesTo").iter().filter(|one| is_replacement(one));
        let targets = replacements().filter_map(|one| read::str_at(one, "target.reference"));
        let direct = read::list(item, "replaces").iter().filter_map(|one| read::str_at(one, "reference"));
        let identifiers = replacements().filter_map(|one| read_identifier(read::at(one, "target.identifier")?));
        let results = read::list(item, "result").iter().filter_map(|one| read::str_at(one, "reference"));
        Self {
            is_entered_in_error: ["status", "docStatus"]
                .iter()
                .any(|path| read::str_at(item, path) == Some("entered-in-error")),
            replaces: targets.chain(direct).filter_map(type_and_id).map(str::to_owned).collect(),
            replaced_identifiers: identifiers
                .map(|(system, value)| Identifier { system: system.map(str::to_owned), value: value.to_owned() })
                .collect(),
            results: results.map(|reference| without_version(reference).to_owned()).collect(),
        }
    }

    /// `Type/id` of the results that the report names.
    pub fn results(&self) -> impl Iterator<Item = &str> {
        self.results.iter().filter_map(|reference| type_and_id(reference))
    }

    /// The ids of the results that the report names, contained ones included.
    pub fn result_ids(&self) -> impl Iterator<Item = &str> {
        self.results.iter().filter_map(|reference| reference.rsplit('/').next())
    }
}

fn is_replacement(related: &Value) -> bool {
    read::str_at(related, "code") == Some("replaces")
}

/// The system and the value of an identifier. `None` without a value.
pub fn read_identifier(identifier: &Value) -> Option<(Option<&str>, &str)> {
    let value = read::str_at(identifier, "value")?;
    Some((read::str_at(identifier, "system"), value))
}

fn without_version(reference: &str) -> &str {
    reference.split("/_history").next().unwrap_or(reference)
}

/// `Type/id` of a reference, relative or absolute, with or without a version.
fn type_and_id(reference: &str) -> Option<&str> {
    let plain = without_version(reference);
    let (before, id) = plain.rsplit_once('/')?;
    let start = before.rfind('/').map_or(0, |slash| slash + 1);
    plain.get(start..).filter(|_| !id.is_empty())
}

#[cfg(test)]
#[path = "item_relations_tests.rs"]
mod tests;
