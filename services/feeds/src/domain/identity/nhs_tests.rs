//! Tests of `nhs.rs`.

use super::*;

#[test]
fn every_official_name_of_the_nhs_number_is_recognised() {
    for text in [
        "NHS",
        "nhs number",
        "NHS-NUMBER",
        "NHSNMBR",
        "2.16.840.1.113883.2.1.4.1",
        "urn:oid:2.16.840.1.113883.2.1.4.1",
        "https://fhir.nhs.uk/Id/nhs-number",
        "http://fhir.nhs.net/Id/nhs-number",
    ] {
        assert_eq!(authority(text), Authority::NhsNumber, "{text}");
    }
    assert_eq!(authority("2.16.840.1.113883.2.1.3.2.4.18.23"), Authority::Unverified);
    for text in ["", "NHS Trust of Somewhere", "RXX", "2.16.840.1.113883.2.1.4.3"] {
        assert_eq!(authority(text), Authority::Other, "{text}");
    }
    assert!(is_type("NH") && is_type("nhs") && !is_type("MR"));
}
