//! Tells referrals from other requests, and those that were accepted. A request for a test or an image must never be read as
//! a referral to the laboratory.

use lcr_fhir::read;
use serde_json::Value;

/// SNOMED CT: referral of a patient, to a service, to a specialist.
const REFERRALS: [&str; 3] = ["3457005", "306206005", "103696004"];
/// SNOMED CT, as FHIR proposes for `ServiceRequest.category`: laboratory, imaging, diagnostic and surgical procedures,
/// counselling, education.
const OTHER_REQUESTS: [&str; 6] = ["108252007", "363679005", "103693007", "387713003", "409063005", "409073007"];
/// HL7 table 0074, the sections of a diagnostic service.
const DIAGNOSTIC_SECTIONS: &str = "v2-0074";

/// Whether the request refers the person to another service. A request without category and code is a referral if it goes to
/// another organisation. One with a code that is no referral's may be for a test, so it is none.
pub fn is_referral(request: &Value, is_to_another: bool) -> bool {
    let is_diagnostic = read::list(request, "category")
        .iter()
        .flat_map(|category| read::list(category, "coding"))
        .filter_map(|coding| read::str_at(coding, "system"))
        .any(|system| system.ends_with(DIAGNOSTIC_SECTIONS));
    if is_diagnostic || OTHER_REQUESTS.iter().any(|code| read::has_code(request, "category", code)) {
        return false;
    }
    let has_code = |code: &&str| read::has_code(request, "code", code) || read::has_code(request, "category", code);
    let says_so = |path| read::concept_at(request, path).is_some_and(|words| words.to_lowercase().contains("referral"));
    let says_nothing = read::list(request, "category").is_empty() && read::at(request, "code").is_none();
    (is_to_another && says_nothing) || REFERRALS.iter().any(has_code) || says_so("code") || says_so("category.0")
}

/// Whether the request stands: it is an order, not only a proposal, and is active or completed.
pub fn is_accepted(request: &Value) -> bool {
    const ORDERS: [&str; 5] = ["order", "original-order", "reflex-order", "filler-order", "instance-order"];
    let is_one_of = |path, known: &[&str]| read::str_at(request, path).is_some_and(|code| known.contains(&code));
    is_one_of("status", &["active", "completed"])
        && is_one_of("intent", &ORDERS)
        && read::at(request, "doNotPerform") != Some(&Value::Bool(true))
        && !lcr_fhir::has_unknown_modifier(request)
}

#[cfg(test)]
#[path = "service_requests_tests.rs"]
mod tests;
