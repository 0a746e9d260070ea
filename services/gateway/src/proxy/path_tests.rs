//! Tests of `path.rs`.

use super::*;

#[test]
fn public_paths_map_to_their_service() {
    let api = find_target("/api/patient-index/v1/people/search").unwrap();
    assert_eq!((api.service, api.path.as_str(), api.cookies), (ServiceName::PatientIndex, "/v1/people/search", false));
    assert!(find_target("/auth/callback").unwrap().cookies);
    assert_eq!(find_target("/audit/tile/0/000").unwrap().path, "/tile/0/000");
    assert_eq!(find_target("/fhir/R4/Patient/1").unwrap().path, "/fhir/R4/Patient/1");
    assert!(find_target("/.well-known/jwks.json").is_some());
}

#[test]
fn internal_is_refused_in_every_spelling() {
    for bad in [
        "/api/consent/internal/v1/permits",
        "/api/consent/v1/../internal/v1/permits",
        "/api/consent/v1/%2e%2e/internal/v1/permits",
        "/api/consent/v1/%2E%2E%2Finternal/v1",
        "/api/consent/v1//internal/v1",
        "/api/consent/v1/..%2finternal",
        "/api/consent/v1/%69nternal/x",
        "/api/consent/v1/INTERNAL/x",
        "/api/consent/v1/%252e%252e/x",
        "/api/consent/v1/..;/internal/v1",
        "/api/consent/v1/\\..\\internal",
        "/api/consent/v1/%5c..",
        "/api/consent/v1/%00",
        "/api/consent/v1/%zz",
        "/api/consent//v1/x",
        "/api/gateway/v1/x",
        "/api/nobody/v1/x",
        "/api/consent/v2/x",
        "/auth/../internal/v1/x",
        "/fhir/R4/../../internal/v1",
        "/scim/v2/%2e%2e/%2e%2e/internal",
    ] {
        assert_eq!(find_target(bad), None, "{bad}");
    }
}
