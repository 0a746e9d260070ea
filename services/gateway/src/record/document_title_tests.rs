//! Tests of `document_title.rs`.

use lcr_contracts::record::Entry;

use super::*;

fn titled(title: &str) -> Entry {
    Entry { title: title.into(), date: Some("2026-08-04T16:00:00Z".into()), ..Entry::default() }
}

#[test]
fn a_title_that_is_missing_a_code_or_only_the_kind_says_kind_author_and_date() {
    for (title, kind, shown) in [
        ("", "clinic", "Clinic letter · Dr Moss · 04-Aug-2026"),
        ("Clinic letter", "clinic", "Clinic letter · Dr Moss · 04-Aug-2026"),
        ("34133-9 (LOINC)", "34133-9 (LOINC)", "Document · Dr Moss · 04-Aug-2026"),
        ("DOC_000123", "discharge", "Discharge letter · Dr Moss · 04-Aug-2026"),
        ("scan of a letter.pdf", "letter", "Letter · Dr Moss · 04-Aug-2026"),
        ("ReSPECT form", "end-of-life", "ReSPECT form"),
        ("Clinic letter, heart failure", "clinic", "Clinic letter, heart failure"),
    ] {
        assert_eq!(document_title(&titled(title), kind, Some("Dr Moss")), shown, "{title}");
    }
}

#[test]
fn the_specialty_comes_before_the_author_and_a_name_that_was_replaced_is_kept() {
    let mut entry = titled("scan1.pdf");
    entry.more = vec![("Specialty".into(), "Cardiology".into())];
    let shown = document_title(&entry, "clinic", Some("Dr Moss"));
    assert_eq!(shown, "Clinic letter · Cardiology · 04-Aug-2026");
    assert_eq!(replaced_title(&entry, &shown).as_deref(), Some("named “scan1.pdf” by its source"));
    assert_eq!(replaced_title(&titled("clinic letter"), &shown), None);
}
