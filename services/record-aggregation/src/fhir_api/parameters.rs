//! The parameters of a FHIR search: repeated ones are refused, unknown ones are named as ignored.

use std::collections::HashSet;

use axum::http::HeaderMap;
use lcr_contracts::Failure;

use super::Pairs;
use crate::domain::resource_type::ResourceType;

/// Whether we apply a search parameter.
fn is_applied(kind: ResourceType, name: &str) -> bool {
    let name = name.split(':').next().unwrap_or_default();
    match kind {
        ResourceType::Patient => {
            matches!(name, "identifier" | "family" | "given" | "birthdate" | "address-postalcode" | "_id")
        }
        _ => matches!(name, "patient" | "subject"),
    }
}

/// Parameters of one search.
const MAX_PARAMETERS: usize = 50;

/// Refuses a search that repeats an applied parameter, because we do not support combinations.
pub(super) fn refuse_repeated(kind: ResourceType, pairs: &Pairs) -> Result<(), Failure> {
    if pairs.len() > MAX_PARAMETERS {
        return Err(Failure::bad_request(format!("A search has at most {MAX_PARAMETERS} parameters.")));
    }
    let mut seen = HashSet::new();
    let mut applied = pairs.iter().map(|(name, _)| name.as_str()).filter(|name| is_applied(kind, name));
    // `subject` and `patient` are two names of one parameter.
    let base_name = |name: &str| match name.split(':').next().unwrap_or_default() {
        "subject" => "patient".to_owned(),
        name => name.to_owned(),
    };
    match applied.find(|name| !seen.insert(base_name(name))) {
        Some(name) => Err(Failure::bad_request(format!("`{}` is given twice in this search.", base_name(name)))),
        None => Ok(()),
    }
}

/// Names the parameters that are not applied. A client with `handling=strict` gets an error instead.
pub(super) fn ignored_parameters(
    kind: ResourceType,
    headers: &HeaderMap,
    pairs: &Pairs,
) -> Result<Option<String>, Failure> {
    let is_harmless = |name: &str| matches!(name, "_format" | "_count" | "_pretty");
    let ignored =
        pairs.iter().map(|(name, _)| name.as_str()).filter(|name| !is_applied(kind, name) && !is_harmless(name));
    // Long names are not repeated in the answer: no FHIR parameter is that long.
    let named: Vec<&str> = ignored.map(|name| if name.len() <= 40 { name } else { "a parameter" }).collect();
    if named.is_empty() {
        return Ok(None);
    }
    let note = format!("Not applied, so the answer is not narrowed by: {}.", named.join(", "));
    let strict = headers.get("prefer").and_then(|value| value.to_str().ok());
    if strict.is_some_and(|prefer| prefer.contains("handling=strict")) {
        return Err(Failure::bad_request(note));
    }
    Ok(Some(note))
}

/// The `self` link with the applied parameters. It stands in the body only, because it may name a person.
pub(super) fn self_link(kind: ResourceType, pairs: &Pairs) -> String {
    let applied = pairs.iter().filter(|(name, _)| is_applied(kind, name));
    let query: Vec<String> = applied.map(|(name, value)| format!("{name}={value}")).collect();
    format!("{}?{}", kind.as_str(), query.join("&"))
}
