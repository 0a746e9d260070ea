//! Which service a path belongs to, and what it is called there. A path that could be read in two ways is
//! refused, not repaired: the service behind might repair it differently.

use lcr_model::ServiceName;

/// Where a request goes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub service: ServiceName,
    pub path: String,
    /// Browsers' cookies belong to sign-in alone.
    pub cookies: bool,
}

/// The target of a raw (undecoded) path, if it may be passed on.
pub(crate) fn target(raw: &str) -> Option<Target> {
    if !plain(raw) {
        return None;
    }
    let same = |service, cookies| Some(Target { service, path: raw.to_owned(), cookies });
    match raw.split('/').nth(1)? {
        "auth" => same(ServiceName::Identity, true),
        "scim" | "oauth2" | ".well-known" => same(ServiceName::Identity, false),
        "fhir" => same(ServiceName::RecordAggregation, false),
        "audit" => {
            Some(Target { service: ServiceName::Audit, path: raw["/audit".len()..].into(), cookies: false })
        }
        "api" => api(raw),
        _ => None,
    }
}

/// `/api/{service}/v1/…` is `/v1/…` there.
fn api(raw: &str) -> Option<Target> {
    let (service, path) = raw.strip_prefix("/api/")?.split_once('/')?;
    let service: ServiceName = service.parse().ok()?;
    let ours = matches!(service, ServiceName::Gateway | ServiceName::Operator);
    (path.starts_with("v1/") && !ours).then(|| Target { service, path: format!("/{path}"), cookies: false })
}

/// One reading only: no empty, dot or hidden segments, no encoded separators, nothing encoded twice, and no
/// segment that spells `internal`.
fn plain(raw: &str) -> bool {
    let Some(rest) = raw.strip_prefix('/') else { return false };
    rest.split('/').all(|segment| decoded(segment).is_some_and(|text| allowed(&text)))
}

fn allowed(text: &str) -> bool {
    let odd = |c: char| matches!(c, '/' | '\\' | '%' | ';') || c.is_control() || !c.is_ascii();
    !text.is_empty()
        && text != "."
        && text != ".."
        && !text.contains(odd)
        && !text.eq_ignore_ascii_case("internal")
}

fn decoded(segment: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = segment.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let hex = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn public_paths_find_their_service() {
        let api = target("/api/patient-index/v1/people/search").unwrap();
        assert_eq!(
            (api.service, api.path.as_str(), api.cookies),
            (ServiceName::PatientIndex, "/v1/people/search", false)
        );
        assert!(target("/auth/callback").unwrap().cookies);
        assert_eq!(target("/audit/tile/0/000").unwrap().path, "/tile/0/000");
        assert_eq!(target("/fhir/R4/Patient/1").unwrap().path, "/fhir/R4/Patient/1");
        assert!(target("/.well-known/jwks.json").is_some());
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
            assert_eq!(target(bad), None, "{bad}");
        }
    }
}
