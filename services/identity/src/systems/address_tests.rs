//! Tests of `address.rs`.

use lcr_web::EgressRules;

use super::*;

fn outbound(loopback: bool) -> Outbound {
    Outbound::new(EgressRules { loopback, ..EgressRules::default() }).unwrap()
}

#[test]
fn an_address_that_leads_to_ourselves_is_refused() {
    let outbound = outbound(false);
    for inner in [
        "https://127.0.0.1/fhir",
        "https://10.1.2.3/fhir",
        "https://169.254.169.254/latest",
        "https://[::1]/fhir",
        "https://[fd00::1]/fhir",
        "https://consent.lcr.svc/fhir",
        "https://consent.lcr.svc.cluster.local./fhir",
        "https://identity:8443/fhir",
        "https://localhost/fhir",
        "https://Metadata.internal/fhir",
        "http://fhir.example.nhs.uk/R4",
    ] {
        assert!(base_address(inner, &outbound).is_err(), "{inner}");
    }
}

#[test]
fn an_address_is_a_plain_https_url() {
    let outbound = outbound(false);
    for wrong in [
        "",
        "fhir.example.nhs.uk/R4",
        "ftp://fhir.example.nhs.uk/R4",
        "https://user:secret@fhir.example.nhs.uk/R4",
        "https://fhir.example.nhs.uk/R4?tenant=1",
        "https://fhir.example.nhs.uk/R4#part",
    ] {
        let refused = base_address(wrong, &outbound).unwrap_err();
        assert!(!refused.outward().contains("secret"), "an address is never repeated");
    }
    let long = format!("https://fhir.example.nhs.uk/{}", "a".repeat(500));
    assert!(base_address(&long, &outbound).is_err());
    assert_eq!(base_address(" https://fhir.example.nhs.uk/R4/ ", &outbound).unwrap(), "https://fhir.example.nhs.uk/R4");
    assert!(callable("https://login.example.nhs.uk/token?tenant=1", &outbound).is_ok());
}

#[test]
fn plain_http_is_only_for_this_machine_in_a_demonstration() {
    assert!(base_address("http://127.0.0.1:8080/fhir", &outbound(true)).is_ok());
    assert!(base_address("http://127.0.0.1:8080/fhir", &outbound(false)).is_err());
    assert!(base_address("http://fhir.example.nhs.uk", &outbound(true)).is_err());
}

#[test]
fn another_port_is_another_receiver() {
    assert_ne!(origin("https://a.example/R4"), origin("https://a.example:8443/R4"));
    assert_eq!(origin("https://a.example/R4"), origin("https://a.example:443/STU3"));
}
