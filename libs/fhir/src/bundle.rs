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
mod tests {
    use serde_json::json;

    use super::*;

    fn flag(id: &str) -> Value {
        json!({ "resource": { "resourceType": "Flag", "id": id, "status": "active", "code": { "text": "Falls" },
            "subject": { "reference": "Patient/7" } } })
    }

    fn page(bundle: &Value) -> Searchset {
        Searchset::read(bundle.to_string().as_bytes(), "Flag").unwrap()
    }

    #[test]
    fn a_byte_order_mark_and_a_null_entry_list_are_accepted() {
        let empty = json!({ "resourceType": "Bundle", "type": "searchset", "total": 0, "entry": null, "link": null });
        assert!(page(&empty).items.is_empty());
        let one = json!({ "resourceType": "Bundle", "entry": [flag("1")] }).to_string();
        let marked = [b"\xef\xbb\xbf", one.as_bytes()].concat();
        assert_eq!(Searchset::read(&marked, "Flag").unwrap().items.len(), 1);
        let wide: Vec<u8> = one.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Searchset::read(&wide, "Flag").unwrap_err(), BundleError::NotJson);
    }

    #[test]
    fn a_repeated_match_counts_once_and_an_included_one_is_ignored() {
        let mut included = flag("3");
        included["search"] = json!({ "mode": "include" });
        let bundle =
            json!({ "resourceType": "Bundle", "total": 2, "entry": [flag("1"), flag("1"), flag("2"), included] });
        let first = page(&bundle);
        assert_eq!((first.items.len(), first.keys.len(), first.total), (2, 2, Some(2)));
        let mut seen = HashSet::from(["Flag/1".to_owned()]);
        let again = Searchset::read_unseen(bundle.to_string().as_bytes(), "Flag", &mut seen).unwrap();
        assert_eq!(again.items.len(), 1);
    }

    #[test]
    fn an_outcome_is_read_by_text_display_or_diagnostics() {
        let issue = |severity: &str, more: Value| {
            let mut issue = json!({ "severity": severity, "code": "incomplete" });
            issue.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            issue
        };
        let outcome = json!({ "resourceType": "OperationOutcome", "issue": [
            issue("warning", json!({ "details": { "text": "Some were left out." } })),
            issue("warning", json!({ "details": { "coding": [{ "code": "X", "display": "Confidential items" }] } })),
            issue("warning", json!({ "diagnostics": "The archive\u{0}\ndid not answer." })),
            issue("warning", json!({})),
        ] });
        let bundle = json!({ "resourceType": "Bundle", "entry": [flag("1"),
            { "search": { "mode": "outcome" }, "resource": outcome }] });
        let read = page(&bundle);
        assert_eq!(read.items.len(), 1);
        assert_eq!(
            read.warnings,
            ["Some were left out.", "Confidential items", "The archive did not answer.", "incomplete"]
        );
        assert!(!read.reports_error);
        let error = json!({ "resourceType": "OperationOutcome", "issue": [issue("error", json!({}))] });
        let bundle = json!({ "resourceType": "Bundle", "entry": [{ "resource": error }] });
        assert!(page(&bundle).reports_error);
        let alone = Searchset::read(error.to_string().as_bytes(), "Flag").unwrap_err();
        assert_eq!(alone, BundleError::Outcome(vec!["incomplete".into()]));
    }

    #[test]
    fn the_texts_of_an_outcome_are_bounded() {
        let issue = json!({ "severity": "warning", "code": "x", "diagnostics": "é".repeat(10_000) });
        let outcome = json!({ "resourceType": "OperationOutcome", "issue": vec![issue; 1000] });
        let texts = outcome::issue_texts(&outcome);
        assert!(texts.len() <= 10 && texts.iter().all(|one| one.chars().count() <= 301));
    }
}
