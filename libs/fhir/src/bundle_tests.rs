//! Tests of `bundle.rs`.

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
    let bundle = json!({ "resourceType": "Bundle", "total": 2, "entry": [flag("1"), flag("1"), flag("2"), included] });
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
