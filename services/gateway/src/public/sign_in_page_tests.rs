//! Tests of `sign_in_page.rs`.

use super::*;

#[test]
fn only_a_providers_name_comes_into_a_link() {
    assert!(is_provider_name("p-0f3a") && is_provider_name("nhs-login"));
    for other in ["", "p&x=1", "../x", "P", "a b", &"a".repeat(41)] {
        assert!(!is_provider_name(other), "{other}");
    }
}

#[test]
fn an_ended_session_says_why_and_a_reason_beyond_the_list_reads_as_its_age() {
    assert!(ended_words(ENDED_BY_SUSPENSION).starts_with("Your organisation is suspended."));
    assert!(ended_words(ENDED_BY_LEAVING).contains("has left"));
    for age in ["1", "<script>"] {
        assert_eq!(ended_words(age), "You were signed out after 15 minutes.");
    }
}

#[test]
fn every_refusal_has_a_sentence_and_nothing_else_is_repeated() {
    for reason in [
        "not-registered",
        "ended",
        "not-in-directory",
        "no-role",
        "assurance",
        "not-proved",
        "suspended",
        "left",
        "provider-changed",
    ] {
        assert!(refusal_words(reason).is_some_and(|words| words.ends_with('.')), "{reason}");
    }
    assert_eq!(refusal_words("<script>"), None);
}
