//! A searchset: its resources, each checked by itself so that one malformed entry loses no other; the next page.

use serde_json::Value;
use thiserror::Error;

use crate::{Item, NotReadable, read};

/// Why an answer is not a searchset.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum BundleError {
    #[error("not JSON")]
    NotJson,
    #[error("not a FHIR searchset")]
    NotABundle,
}

/// One page of a search.
#[derive(Debug, Default)]
pub struct Searchset {
    pub items: Vec<Item>,
    pub not_readable: Vec<NotReadable>,
    /// What the source itself warns of, in its words.
    pub warnings: Vec<String>,
    pub next: Option<String>,
}

impl Searchset {
    /// Reads a page of a search for `resource_type`; included resources of other types are left aside.
    pub fn read(body: &[u8], resource_type: &str) -> Result<Self, BundleError> {
        let bundle: Value = serde_json::from_slice(body).map_err(|_| BundleError::NotJson)?;
        if read::str_at(&bundle, "resourceType") != Some("Bundle") {
            return Err(BundleError::NotABundle);
        }
        let mut page = Self::default();
        let next = |link: &&Value| read::str_at(link, "relation") == Some("next");
        page.next = read::list(&bundle, "link").iter().find(next).and_then(|link| read::text(link, "url"));
        let Value::Object(mut fields) = bundle else { return Err(BundleError::NotABundle) };
        let entries = match fields.remove("entry") {
            None => vec![],
            Some(Value::Array(entries)) => entries,
            Some(_) => return Err(BundleError::NotABundle),
        };
        for mut entry in entries {
            page.take(entry.get_mut("resource").map_or(Value::Null, Value::take), resource_type);
        }
        Ok(page)
    }

    fn take(&mut self, resource: Value, resource_type: &str) {
        match read::str_at(&resource, "resourceType") {
            Some("OperationOutcome") => {
                let words = |issue: &Value| read::concept_at(issue, "details");
                self.warnings.extend(read::list(&resource, "issue").iter().filter_map(words));
            }
            Some(kind) if kind == resource_type => match Item::read(resource) {
                Ok(item) => self.items.push(item),
                Err(not_readable) => self.not_readable.push(not_readable),
            },
            Some(_) => {}
            None => self.not_readable.push(NotReadable { resource_type: None }),
        }
    }
}
