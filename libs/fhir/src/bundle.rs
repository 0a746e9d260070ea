//! Reads a searchset page: resources, total, outcomes and next page. Each resource is checked by itself, so that a malformed one
//! does not lose the others. It must never follow a link.

use std::collections::HashSet;

use serde_json::Value;
use thiserror::Error;

use crate::{Item, UnreadableResource, is_usable_id, json, outcome, read};

/// Why an answer is not a searchset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    #[error("not JSON")]
    NotJson,
    #[error("not a FHIR searchset")]
    NotABundle,
    /// The answer is only an `OperationOutcome`; holds its texts.
    #[error("an OperationOutcome in place of a searchset")]
    Outcome(Vec<String>),
}

/// Warnings kept of one page.
const MAX_WARNINGS: usize = 50;

/// One page of a search.
#[derive(Debug, Default)]
pub struct Searchset {
    pub items: Vec<Item>,
    pub unreadable: Vec<UnreadableResource>,
    /// `Type/id` of every match of this page, readable or not. A match without an id has no key.
    pub keys: Vec<Option<String>>,
    /// The number of matches on all pages, if the source gives it.
    pub total: Option<u64>,
    /// The source's own warnings.
    pub warnings: Vec<String>,
    /// Whether the source reports an error beside the matches, which are then incomplete.
    pub reports_error: bool,
    pub next: Option<String>,
}

impl Searchset {
    /// Reads a page of a search for `resource_type`. Included resources are ignored.
    pub fn read(body: &[u8], resource_type: &str) -> Result<Self, BundleError> {
        let mut seen = HashSet::new();
        Self::read_unseen(body, resource_type, &mut seen)
    }

    /// Reads a page without the matches whose key is in `seen`, and adds the keys of the others.
    pub fn read_unseen(body: &[u8], resource_type: &str, seen: &mut HashSet<String>) -> Result<Self, BundleError> {
        let bundle = json::parse(body).ok_or(BundleError::NotJson)?;
        match read::str_at(&bundle, "resourceType") {
            Some("Bundle") => {}
            Some("OperationOutcome") => return Err(BundleError::Outcome(outcome::issue_texts(&bundle))),
            _ => return Err(BundleError::NotABundle),
        }
        let next = |link: &&Value| read::str_at(link, "relation") == Some("next");
        let mut page = Self {
            next: read::list(&bundle, "link").iter().find(next).and_then(|link| read::text(link, "url")),
            total: read::at(&bundle, "total").and_then(Value::as_u64),
            ..Self::default()
        };
        let Value::Object(mut fields) = bundle else { return Err(BundleError::NotABundle) };
        let entries = match fields.remove("entry") {
            None | Some(Value::Null) => vec![],
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(BundleError::NotABundle),
        };
        for entry in entries {
            page.add_entry(entry, resource_type, seen);
        }
        Ok(page)
    }

    fn add_entry(&mut self, mut entry: Value, resource_type: &str, seen: &mut HashSet<String>) {
        let is_included = read::str_at(&entry, "search.mode") == Some("include");
        let resource = entry.get_mut("resource").map_or(Value::Null, Value::take);
        match read::str_at(&resource, "resourceType") {
            Some("OperationOutcome") => {
                self.reports_error |= outcome::is_error(&resource);
                let left = MAX_WARNINGS.saturating_sub(self.warnings.len());
                self.warnings.extend(outcome::issue_texts(&resource).into_iter().take(left));
            }
            Some(_) if is_included => {}
            Some(kind) if kind == resource_type => self.add_match(resource, resource_type, seen),
            Some(_) => {}
            None => {
                self.keys.push(None);
                self.unreadable.push(UnreadableResource { resource_type: None });
            }
        }
    }

    fn add_match(&mut self, resource: Value, resource_type: &str, seen: &mut HashSet<String>) {
        let id = read::str_at(&resource, "id");
        let key = id.map(|id| format!("{}/{id}", read::str_at(&resource, "resourceType").unwrap_or_default()));
        if key.as_ref().is_some_and(|key| !seen.insert(key.clone())) {
            return;
        }
        let has_usable_id = read::str_at(&resource, "id").is_some_and(is_usable_id);
        self.keys.push(key);
        match Item::read(resource) {
            // Ids become parts of URLs and of our own ids, so an unusable one is refused.
            Ok(_) if !has_usable_id => {
                self.unreadable.push(UnreadableResource { resource_type: Some(resource_type.to_owned()) });
            }
            Ok(item) => self.items.push(item),
            Err(not_readable) => self.unreadable.push(not_readable),
        }
    }
}

#[cfg(test)]
#[path = "bundle_tests.rs"]
mod tests;
