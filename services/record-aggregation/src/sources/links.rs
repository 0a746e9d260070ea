//! Builds the URLs of one source, and resolves links in its answers. A link must never lead to another host.

use reqwest::Url;

use super::FhirError;

/// `base` with a path below it.
pub fn url_below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
    url.set_path(&joined);
    url
}

/// The URL of one Patient. The id is always escaped into one path segment.
pub fn patient_url(base: &Url, id: &str) -> Result<Url, FhirError> {
    let mut url = url_below(base, "Patient");
    if id.is_empty() || id.bytes().all(|byte| byte == b'.') {
        return Err(FhirError::LinkElsewhere);
    }
    url.path_segments_mut().map_err(|()| FhirError::LinkElsewhere)?.push(id);
    Ok(url)
}

/// Resolves a link of an answer. Refuses one that leaves `base`.
pub fn resolve_link(base: &Url, link: &str) -> Result<Url, FhirError> {
    let with_slash = format!("{}/", base.as_str().trim_end_matches('/'));
    let root = Url::parse(&with_slash).map_err(|_| FhirError::LinkElsewhere)?;
    let url = root.join(link).map_err(|_| FhirError::LinkElsewhere)?;
    let is_inside = url.origin() == root.origin() && (url.path().starts_with(root.path()) || url.path() == base.path());
    if is_inside { Ok(url) } else { Err(FhirError::LinkElsewhere) }
}

/// Rebases a link onto `base`: a server behind a proxy writes links with its internal host and path. The called host is always
/// the base's.
pub fn rebase_link(base: &Url, link: &str, resource_type: &str) -> Result<Url, FhirError> {
    if let Ok(url) = resolve_link(base, link) {
        return Ok(url);
    }
    let url = base.join(link).map_err(|_| FhirError::LinkElsewhere)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FhirError::LinkElsewhere);
    }
    let path = path_from_type(&url, resource_type).ok_or(FhirError::LinkElsewhere)?;
    let mut target = url_below(base, &path);
    target.set_query(url.query());
    Ok(target)
}

/// The path below the server's FHIR base: `Type…` or `Patient/id/Type…`. It is empty if the server names a page by query
/// parameters alone.
fn path_from_type(url: &Url, resource_type: &str) -> Option<String> {
    let segments: Vec<&str> = url.path_segments()?.filter(|segment| !segment.is_empty()).collect();
    let Some(at) = segments.iter().rposition(|segment| *segment == resource_type) else {
        return url.query_pairs().any(|(name, _)| name == "_getpages").then(String::new);
    };
    let in_compartment = at >= 2 && segments[at - 2] == "Patient";
    Some(segments[if in_compartment { at - 2 } else { at }..].join("/"))
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
