//! The current value is found in any order of the source's list, and a former one never is.

use serde_json::json;

use super::*;

fn now() -> Timestamp {
    "2026-06-15T12:00:00Z".parse().unwrap()
}

fn family_of(names: &Value) -> Option<String> {
    current_name(&json!({ "name": names }), now()).map(|name| family_and_given(name).0)
}

#[test]
fn the_current_name_is_chosen_by_period_and_use() {
    let old = json!({ "use": "old", "family": "Old" });
    let maiden = json!({ "use": "maiden", "family": "Maiden" });
    let ended = json!({ "use": "official", "family": "Ended", "period": { "end": "2019-05-01" } });
    let future = json!({ "use": "official", "family": "Future", "period": { "start": "2027" } });
    let usual = json!({ "use": "usual", "family": "Usual" });
    let official = json!({ "use": "official", "family": "Official" });
    let newer = json!({ "use": "official", "family": "Newer", "period": { "start": "2020-02" } });
    let temporary = json!({ "use": "temp", "family": "Temporary" });
    let plain = json!({ "family": "Plain" });
    let empty = json!({ "use": "official" });
    let cases = [
        (vec![&old, &maiden], None),
        (vec![&old, &usual, &ended], Some("Usual")),
        (vec![&ended, &future, &plain], Some("Plain")),
        (vec![&usual, &official], Some("Official")),
        (vec![&official, &newer], Some("Newer")),
        (vec![&temporary, &plain], Some("Plain")),
        (vec![&temporary, &old], Some("Temporary")),
        (vec![&empty, &usual], Some("Usual")),
    ];
    for (names, chosen) in cases {
        assert_eq!(family_of(&json!(names)).as_deref(), chosen, "{names:?}");
        let reversed: Vec<_> = names.iter().rev().collect();
        assert_eq!(family_of(&json!(reversed)).as_deref(), chosen, "reversed {names:?}");
    }
}

#[test]
fn an_end_includes_its_whole_day_month_or_year() {
    for (end, in_force) in [
        ("2026-06-15", true),
        ("2026-06-14", false),
        ("2026-06", true),
        ("2026-05", false),
        ("2026", true),
        ("2025", false),
        ("2026-06-15T12:00:01+00:00", true),
        ("2026-06-15T11:59:59+00:00", false),
        ("not a date", true),
    ] {
        let name = json!([{ "family": "Smith", "period": { "end": end } }]);
        assert_eq!(family_of(&name).is_some(), in_force, "{end}");
    }
    let starts = |start: &str| family_of(&json!([{ "family": "Smith", "period": { "start": start } }])).is_some();
    assert!(starts("2026-06-15") && starts("2026") && !starts("2026-06-16") && !starts("2027-01"));
}

#[test]
fn a_name_that_is_only_text_is_split() {
    for (text, family, given) in [
        ("Fredrica Smith", "Smith", "Fredrica"),
        ("Mrs Fredrica Anne Smith", "Smith", "Fredrica Anne"),
        ("SMITH, Fredrica (Mrs)", "SMITH", "Fredrica"),
        ("SMITH JONES, Dr. Fredrica", "SMITH JONES", "Fredrica"),
        ("Anna van der Berg", "van der Berg", "Anna"),
        ("fredrica smith", "smith", "fredrica"),
        ("Smith", "Smith", ""),
        ("   ", "", ""),
        ("Mr", "", ""),
    ] {
        let (found_family, found_given) = family_and_given(&json!({ "text": text }));
        assert_eq!((found_family.as_str(), found_given.as_str()), (family, given), "{text}");
    }
    let both = json!({ "text": "Freddie Smith", "family": "Smith", "given": ["Fredrica", "Anne"] });
    assert_eq!(family_and_given(&both), ("Smith".to_owned(), "Fredrica Anne".to_owned()));
}

#[test]
fn the_current_address_is_never_an_old_or_temporary_one() {
    let address = |used: &str, city: &str| json!({ "use": used, "city": city });
    let city = |addresses: Value| {
        let patient = json!({ "address": addresses });
        current_address(&patient, now()).and_then(|one| read::text(one, "city"))
    };
    assert_eq!(
        city(json!([address("old", "Hull"), address("temp", "York"), address("home", "Leeds")])).unwrap(),
        "Leeds"
    );
    assert_eq!(city(json!([address("old", "Hull"), address("temp", "York")])), None);
    let moved = json!([
        { "use": "home", "city": "Hull", "period": { "end": "2020" } },
        { "use": "home", "city": "Leeds", "period": { "start": "2020" } },
    ]);
    assert_eq!(city(moved).unwrap(), "Leeds");
    let postal = json!([{ "use": "home", "type": "postal", "city": "PO" }, { "use": "home", "city": "Leeds" }]);
    assert_eq!(city(postal).unwrap(), "Leeds");
}

#[test]
fn current_telecoms_are_in_the_sources_order_of_preference() {
    let patient = json!({ "telecom": [
        { "value": "1", "rank": 2 }, { "value": "2", "use": "old" }, { "value": "3", "period": { "end": "2020" } },
        { "value": "4", "rank": 1 }, { "value": "5" }, { "system": "phone" },
    ] });
    let values: Vec<_> = current_telecoms(&patient, now()).iter().filter_map(|one| read::text(one, "value")).collect();
    assert_eq!(values, ["4", "1", "5"]);
}

#[test]
fn the_nhs_number_is_found_under_every_system() {
    for system in [
        "https://fhir.nhs.uk/Id/nhs-number",
        "http://fhir.nhs.net/Id/nhs-number",
        "https://fhir.hl7.org.uk/Id/nhs-number",
        "https://fhir.nhs.uk/id/nhs-number/",
        "urn:oid:2.16.840.1.113883.2.1.4.1",
        "2.16.840.1.113883.2.1.4.1",
    ] {
        for value in ["9990000018", "999 000 0018", "999-000-0018", " 999\u{a0}000\u{a0}0018 "] {
            let patient = json!({ "identifier": [{ "system": system, "value": value }] });
            assert_eq!(nhs_number(&patient, now()).as_deref(), Some("9990000018"), "{system} {value}");
            assert!(is_nhs_number_verified(&patient, now()), "{system}");
        }
    }
    let local = json!({ "identifier": [{ "system": "https://example.org/mrn", "value": "9990000018" }] });
    assert_eq!(nhs_number(&local, now()), None);
    let unverified = json!({ "identifier": [
        { "system": "urn:oid:2.16.840.1.113883.2.1.3.2.4.18.23", "value": "9990000018" }] });
    assert_eq!(nhs_number(&unverified, now()).as_deref(), Some("9990000018"));
    assert!(!is_nhs_number_verified(&unverified, now()));
}

#[test]
fn a_former_nhs_number_is_not_the_number() {
    const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";
    let patient = json!({ "identifier": [
        { "system": NHS, "value": "9990000026", "use": "old" },
        { "system": NHS, "value": "9990000034", "period": { "end": "2020-01-01" } },
        { "system": NHS, "value": "9990000018" },
    ] });
    assert_eq!(nhs_number(&patient, now()).as_deref(), Some("9990000018"));
}

#[test]
fn every_form_of_the_verification_status_is_read() {
    let coded = |code: &str| json!({ "coding": [{ "code": code }] });
    let cases = [
        ("https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus", "01", true),
        (
            "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus",
            "number-present-but-not-traced",
            false,
        ),
        (
            "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSNumberVerificationStatus-1",
            "02",
            false,
        ),
        (
            "https://fhir.hl7.org.uk/STU3/StructureDefinition/Extension-CareConnect-NHSNumberVerificationStatus-1",
            "number-present-and-verified",
            true,
        ),
        ("http://fhir.nhs.net/StructureDefinition/extension-nhs-number-verification-status-1", "03", false),
    ];
    for (url, code, verified) in cases {
        let patient = json!({ "identifier": [{ "system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018",
            "extension": [{ "url": url, "valueCodeableConcept": coded(code) }] }] });
        assert_eq!(is_nhs_number_verified(&patient, now()), verified, "{url} {code}");
    }
}
