use proptest::prelude::*;
use serde_json::json;

use super::*;

fn matches(text: &str) -> bool {
    let resource = json!({
        "id": "Abc",
        "userName": "Sam@Example.org",
        "externalId": "Ext-1",
        "active": true,
        "name": { "familyName": "Reed" },
        "emails": [{ "type": "work", "value": "sam@example.org" }, { "type": "home", "value": "sam@home.example" }],
        "roles": [{ "value": "gp", "primary": true }],
        "meta": { "lastModified": "2026-11-25T10:00:00Z" },
    });
    parse(text).unwrap().matches(resource.as_object().unwrap())
}

#[test]
fn filters_match_as_the_standard_has_it() {
    for text in [
        r#"userName eq "sam@example.org""#,
        r#"USERNAME Eq "SAM@example.org""#,
        r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "sam""#,
        r#"externalId eq "Ext-1""#,
        "active eq true",
        r#"active eq "True""#,
        r#"name.familyName co "ee""#,
        r#"emails[type eq "work" and value ew "example.org"]"#,
        r#"emails.type eq "home""#,
        r#"roles eq "gp""#,
        "emails pr and not (title pr)",
        r#"userName eq "nobody" or active eq true and name.familyName eq "reed""#,
        r#"(userName eq "nobody" or active eq true) and externalId ne "x""#,
        r#"meta.lastModified ge "2026-11-25T11:00:00+01:00""#,
        r#"roles[primary eq "True"]"#,
    ] {
        assert!(matches(text), "{text}");
    }
    for text in [
        r#"externalId eq "ext-1""#,
        r#"id eq "abc""#,
        "active eq false",
        "title pr",
        r#"emails[type eq "home" and value ew "example.org"]"#,
        r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq "x""#,
        r#"meta.lastModified gt "2026-11-25T10:00:00Z""#,
    ] {
        assert!(!matches(text), "{text}");
    }
}

#[test]
fn what_does_not_read_is_refused() {
    let deep = format!("{}active pr{}", "(".repeat(50), ")".repeat(50));
    let long = format!(r#"userName eq "{}""#, "x".repeat(2000));
    for text in [
        "",
        "userName",
        "userName eq",
        r#"userName eq "open"#,
        r#"userName is "x""#,
        "userName eq sam",
        "(active pr",
        "active pr)",
        "active pr and",
        "not active pr",
        r#"emails[type eq "work""#,
        r#""userName" eq "x""#,
        "1x eq true",
        &deep,
        &long,
    ] {
        assert_eq!(parse(text).unwrap_err().scim_type, Some("invalidFilter"), "{text}");
    }
}

#[test]
fn a_filter_that_names_somebody_is_found_by_an_index() {
    let filter = parse(r#"active eq true and userName eq "sam""#).unwrap();
    assert_eq!(filter.required_text("username"), Some("sam"));
    assert_eq!(parse(r#"active eq true or userName eq "sam""#).unwrap().required_text("userName"), None);
    assert_eq!(parse(r#"not (userName eq "sam")"#).unwrap().required_text("userName"), None);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in ".{0,200}") {
        let _ = parse(&text);
    }

    #[test]
    fn no_words_of_filters_make_the_parser_or_a_match_panic(
        words in proptest::collection::vec(
            prop_oneof![
                Just("("), Just(")"), Just("["), Just("]"), Just("and"), Just("or"), Just("not"), Just("eq"), Just("pr"),
                Just("userName"), Just("emails.value"), Just("\"x\""), Just("\"\\u00e9"), Just("true"), Just("3"),
                Just("é"), Just("urn:a:b"),
            ],
            0..20,
        ),
    ) {
        if let Ok(filter) = parse(&words.join(" ")) {
            let resource = json!({ "userName": "x", "emails": [{ "value": 3 }, "text", null] });
            let _ = filter.matches(resource.as_object().unwrap());
            let _ = filter.described_element();
        }
    }
}
