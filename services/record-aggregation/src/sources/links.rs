//! The addresses of one source: below its base, and links of its answers. No link leads to another host.

use reqwest::Url;

use super::FhirError;

/// `base` with a path below it.
pub fn below(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    let joined = format!("{}/{}", base.path().trim_end_matches('/'), path.trim_start_matches('/'));
    url.set_path(&joined);
    url
}

/// The address of one Patient. An id of a source is one segment of the path, whatever it holds.
pub fn patient_url(base: &Url, id: &str) -> Result<Url, FhirError> {
    let mut url = below(base, "Patient");
    if id.is_empty() || id.bytes().all(|byte| byte == b'.') {
        return Err(FhirError::LinkElsewhere);
    }
    url.path_segments_mut().map_err(|()| FhirError::LinkElsewhere)?.push(id);
    Ok(url)
}

/// A link of an answer, if it stays under `base`.
pub fn followed(base: &Url, link: &str) -> Result<Url, FhirError> {
    let with_slash = format!("{}/", base.as_str().trim_end_matches('/'));
    let root = Url::parse(&with_slash).map_err(|_| FhirError::LinkElsewhere)?;
    let url = root.join(link).map_err(|_| FhirError::LinkElsewhere)?;
    let inside =
        url.origin() == root.origin() && (url.path().starts_with(root.path()) || url.path() == base.path());
    if inside { Ok(url) } else { Err(FhirError::LinkElsewhere) }
}

/// A link as a server behind a proxy writes it: its own host and path, rewritten onto `base`. The host called is
/// always the base's.
pub fn rewritten(base: &Url, link: &str, resource_type: &str) -> Result<Url, FhirError> {
    if let Ok(url) = followed(base, link) {
        return Ok(url);
    }
    let url = base.join(link).map_err(|_| FhirError::LinkElsewhere)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FhirError::LinkElsewhere);
    }
    let path = below_type(&url, resource_type).ok_or(FhirError::LinkElsewhere)?;
    let mut target = below(base, &path);
    target.set_query(url.query());
    Ok(target)
}

/// The part of a path below the server's FHIR base: `Type…` or `Patient/id/Type…`, or nothing where a server names
/// a page by its number alone.
fn below_type(url: &Url, resource_type: &str) -> Option<String> {
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
        assert!(followed(&base, "https://fhir.example.org/R4/Condition?page=2").is_ok());
        assert!(followed(&base, "Condition?page=2").is_ok());
        for away in [
            "https://evil.example/R4/x",
            "http://fhir.example.org/R4/x",
            "/other",
            "../admin",
            "//evil.example/R4",
        ] {
            assert!(followed(&base, away).is_err(), "{away}");
            assert!(rewritten(&base, away, "Condition").is_err(), "{away}");
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
        for (link, read) in [
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
            let url = rewritten(&base(), link, "Condition").unwrap();
            assert_eq!(url.as_str(), format!("https://fhir.example.org/leeds/R4/{read}"), "{link}");
        }
    }

    #[test]
    fn a_link_that_names_no_page_of_the_type_is_not_followed() {
        for link in
            ["http://fhir.internal/pages/9", "ftp://fhir.internal/Condition", "http://[", "mailto:Condition"]
        {
            assert_eq!(rewritten(&base(), link, "Condition"), Err(FhirError::LinkElsewhere), "{link}");
        }
        assert!(rewritten(&base(), "http://fhir.internal/fhir/Observation?page=2", "Condition").is_err());
    }
}
