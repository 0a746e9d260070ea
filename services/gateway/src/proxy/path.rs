//! Maps a public path to a service and its path there. A path that can be read in two ways must be refused, never
//! normalised: the service might normalise it differently.

use lcr_model::ServiceName;
use percent_encoding::percent_decode_str;

/// The service and path that a request is forwarded to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Target {
    pub service: ServiceName,
    pub path: String,
    /// Whether cookies pass, which is only for sign-in.
    pub cookies: bool,
}

/// The target of a raw (undecoded) path, if it may be forwarded.
pub(crate) fn find_target(raw: &str) -> Option<Target> {
    if !is_unambiguous(raw) {
        return None;
    }
    let same = |service, cookies| Some(Target { service, path: raw.to_owned(), cookies });
    match raw.split('/').nth(1)? {
        "auth" => same(ServiceName::Identity, true),
        "scim" | "oauth2" | ".well-known" => same(ServiceName::Identity, false),
        "fhir" => same(ServiceName::RecordAggregation, false),
        "audit" => Some(Target { service: ServiceName::Audit, path: raw["/audit".len()..].into(), cookies: false }),
        "api" => api_target(raw),
        _ => None,
    }
}

/// `/api/{service}/v1/…` is `/v1/…` there.
fn api_target(raw: &str) -> Option<Target> {
    let (service, path) = raw.strip_prefix("/api/")?.split_once('/')?;
    let service: ServiceName = service.parse().ok()?;
    let is_private = matches!(service, ServiceName::Gateway | ServiceName::Operator);
    (path.starts_with("v1/") && !is_private).then(|| Target { service, path: format!("/{path}"), cookies: false })
}

/// Whether a path has one reading only: no empty or dot segments, no encoded separators, nothing encoded twice or
/// wrongly, and no segment that spells `internal`.
fn is_unambiguous(raw: &str) -> bool {
    let Some(rest) = raw.strip_prefix('/') else { return false };
    let is_allowed = |segment| percent_decode_str(segment).decode_utf8().is_ok_and(|text| is_allowed_segment(&text));
    rest.split('/').all(is_allowed)
}

fn is_allowed_segment(text: &str) -> bool {
    let is_forbidden = |c: char| matches!(c, '/' | '\\' | '%' | ';') || c.is_control() || !c.is_ascii();
    !text.is_empty()
        && text != "."
        && text != ".."
        && !text.contains(is_forbidden)
        && !text.eq_ignore_ascii_case("internal")
}

#[cfg(test)]
#[path = "path_tests.rs"]
mod tests;
