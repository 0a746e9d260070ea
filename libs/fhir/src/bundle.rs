//! A searchset: its resources, each checked by itself so that one malformed entry loses no other; its total, its
//! outcomes and its next page. It never follows a link.

use std::collections::HashSet;

use serde_json::Value;
use thiserror::Error;

use crate::{Item, NotReadable, is_usable_id, json, outcome, read};

/// Why an answer is not a searchset.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BundleError {
    #[error("not JSON")]
    NotJson,
    #[error("not a FHIR searchset")]
    NotABundle,
    /// The answer is an `OperationOutcome` alone; its words.
    #[error("an OperationOutcome in place of a searchset")]
    Outcome(Vec<String>),
}

/// The most warnings of one page that are kept.
const WARNINGS: usize = 50;

/// One page of a search.
#[derive(Debug, Default)]
pub struct Searchset {
    pub items: Vec<Item>,
    pub not_readable: Vec<NotReadable>,
    /// `Type/id` of every match of this page, readable or not; one without id has no key and counts by itself.
    pub keys: Vec<Option<String>>,
    /// Matches of all pages, where the source says how many there are.
    pub total: Option<u64>,
    /// What the source itself warns of, in its words.
    pub warnings: Vec<String>,
    /// The source reports an error beside the matches: they are not all.
    pub reports_error: bool,
    pub next: Option<String>,
}

impl Searchset {
    /// Reads a page of a search for `resource_type`; included resources are left aside.
    pub fn read(body: &[u8], resource_type: &str) -> Result<Self, BundleError> {
        let mut seen = HashSet::new();
        Self::read_new(body, resource_type, &mut seen)
    }

    /// The same, without the matches whose key is in `seen`; puts the keys of the others there.
    pub fn read_new(
        body: &[u8],
        resource_type: &str,
        seen: &mut HashSet<String>,
    ) -> Result<Self, BundleError> {
        let bundle = json::parse(body).ok_or(BundleError::NotJson)?;
        match read::str_at(&bundle, "resourceType") {
            Some("Bundle") => {}
            Some("OperationOutcome") => return Err(BundleError::Outcome(outcome::words_of(&bundle))),
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
            page.take(entry, resource_type, seen);
        }
        Ok(page)
    }

    fn take(&mut self, mut entry: Value, resource_type: &str, seen: &mut HashSet<String>) {
        let included = read::str_at(&entry, "search.mode") == Some("include");
        let resource = entry.get_mut("resource").map_or(Value::Null, Value::take);
        match read::str_at(&resource, "resourceType") {
            Some("OperationOutcome") => {
                self.reports_error |= outcome::is_error(&resource);
                let left = WARNINGS.saturating_sub(self.warnings.len());
                self.warnings.extend(outcome::words_of(&resource).into_iter().take(left));
            }
            Some(_) if included => {}
            Some(kind) if kind == resource_type => self.take_match(resource, resource_type, seen),
            Some(_) => {}
            None => {
                self.keys.push(None);
                self.not_readable.push(NotReadable { resource_type: None });
            }
        }
    }

    fn take_match(&mut self, resource: Value, resource_type: &str, seen: &mut HashSet<String>) {
        let id = read::str_at(&resource, "id");
        let key =
            id.map(|id| format!("{}/{id}", read::str_at(&resource, "resourceType").unwrap_or_default()));
        if key.as_ref().is_some_and(|key| !seen.insert(key.clone())) {
            return;
        }
        let is_id = read::str_at(&resource, "id").is_some_and(is_usable_id);
        self.keys.push(key);
        match Item::read(resource) {
            // An id goes into addresses and into our own ids: one that cannot is not read.
            Ok(_) if !is_id => {
                self.not_readable.push(NotReadable { resource_type: Some(resource_type.to_owned()) });
            }
            Ok(item) => self.items.push(item),
            Err(not_readable) => self.not_readable.push(not_readable),
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
    fn a_byte_order_mark_and_an_entry_of_null_are_read() {
        let empty =
            json!({ "resourceType": "Bundle", "type": "searchset", "total": 0, "entry": null, "link": null });
        assert!(page(&empty).items.is_empty());
        let one = json!({ "resourceType": "Bundle", "entry": [flag("1")] }).to_string();
        let marked = [b"\xef\xbb\xbf", one.as_bytes()].concat();
        assert_eq!(Searchset::read(&marked, "Flag").unwrap().items.len(), 1);
        let wide: Vec<u8> = one.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(Searchset::read(&wide, "Flag").unwrap_err(), BundleError::NotJson);
    }

    #[test]
    fn a_repeated_match_counts_once_and_an_included_one_not_at_all() {
        let mut included = flag("3");
        included["search"] = json!({ "mode": "include" });
        let bundle = json!({ "resourceType": "Bundle", "total": 2, "entry": [flag("1"), flag("1"), flag("2"), included] });
        let first = page(&bundle);
        assert_eq!((first.items.len(), first.keys.len(), first.total), (2, 2, Some(2)));
        let mut seen = HashSet::from(["Flag/1".to_owned()]);
        let again = Searchset::read_new(bundle.to_string().as_bytes(), "Flag", &mut seen).unwrap();
        assert_eq!(again.items.len(), 1);
    }

    #[test]
    fn an_outcome_speaks_by_text_display_or_diagnostics() {
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
    fn the_words_of_an_outcome_are_bounded() {
        let issue = json!({ "severity": "warning", "code": "x", "diagnostics": "é".repeat(10_000) });
        let outcome = json!({ "resourceType": "OperationOutcome", "issue": vec![issue; 1000] });
        let words = outcome::words_of(&outcome);
        assert!(words.len() <= 10 && words.iter().all(|one| one.chars().count() <= 301));
    }
}
