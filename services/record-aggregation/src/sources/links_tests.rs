//! Tests of `links.rs`.

use super::*;

fn base() -> Url {
    Url::parse("https://fhir.example.org/leeds/R4").unwrap()
}

#[test]
fn a_link_may_not_leave_the_source() {
    let base = Url::parse("https://fhir.example.org/R4").unwrap();
    assert!(resolve_link(&base, "https://fhir.example.org/R4/Condition?page=2").is_ok());
    assert!(resolve_link(&base, "Condition?page=2").is_ok());
    for outside in
        ["https://evil.example/R4/x", "http://fhir.example.org/R4/x", "/other", "../admin", "//evil.example/R4"]
    {
        assert!(resolve_link(&base, outside).is_err(), "{outside}");
        assert!(rebase_link(&base, outside, "Condition").is_err(), "{outside}");
    }
}

#[test]
fn an_id_of_a_source_is_one_segment_of_the_path() {
    for (id, path) in [("7", "7"), ("a/../../admin", "a%2F..%2F..%2Fadmin"), ("7?x=1#y", "7%3Fx=1%23y")] {
        let url = patient_url(&base(), id).unwrap();
        assert_eq!(url.as_str(), format!("https://fhir.example.org/leeds/R4/Patient/{path}"));
    }
    for id in ["", ".", ".."] {
        assert!(patient_url(&base(), id).is_err(), "{id:?}");
    }
}

#[test]
fn a_link_behind_a_proxy_is_rewritten_onto_the_base() {
    for (link, expected) in [
        ("http://fhir.internal:8080/fhir/Condition?page=2", "Condition?page=2"),
        ("https://user:pw@evil.example/Condition?page=2#x", "Condition?page=2"),
        ("//evil.example/Condition?page=2", "Condition?page=2"),
        ("/fhir/Condition?page=2", "Condition?page=2"),
        ("/fhir/Condition/_search?page=2", "Condition/_search?page=2"),
        ("http://fhir.internal/fhir/Patient/7/Condition?page=2", "Patient/7/Condition?page=2"),
        ("http://fhir.internal/fhir?_getpages=9&_getpagesoffset=10", "?_getpages=9&_getpagesoffset=10"),
        ("Condition?page=2", "Condition?page=2"),
        ("https://fhir.example.org/leeds/R4/pages/9", "pages/9"),
    ] {
        let url = rebase_link(&base(), link, "Condition").unwrap();
        assert_eq!(url.as_str(), format!("https://fhir.example.org/leeds/R4/{expected}"), "{link}");
    }
}

#[test]
fn a_link_that_names_no_page_of_the_type_is_not_followed() {
    for link in ["http://fhir.internal/pages/9", "ftp://fhir.internal/Condition", "http://[", "mailto:Condition"] {
        assert_eq!(rebase_link(&base(), link, "Condition"), Err(FhirError::LinkElsewhere), "{link}");
    }
    assert!(rebase_link(&base(), "http://fhir.internal/fhir/Observation?page=2", "Condition").is_err());
}
