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
mod tests {
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
}
