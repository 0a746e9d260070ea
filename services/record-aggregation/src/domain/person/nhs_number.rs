//! Finds the NHS number of a FHIR Patient under any of its systems and OIDs, and whether the source verified it. It
//! never takes another identifier for an NHS number.

use jiff::Timestamp;
use lcr_fhir::read;
use lcr_model::NhsNumber;
use serde_json::Value;

use super::period;

/// The systems and OIDs of the NHS number, without the scheme and in lower case.
const SYSTEMS: [&str; 5] = [
    "fhir.nhs.uk/id/nhs-number",
    "fhir.nhs.net/id/nhs-number",
    "fhir.hl7.org.uk/id/nhs-number",
    "2.16.840.1.113883.2.1.4.1",
    UNVERIFIED,
];
/// The OID of an unverified NHS number.
const UNVERIFIED: &str = "2.16.840.1.113883.2.1.3.2.4.18.23";

/// Whether an identifier of this system is an NHS number.
pub fn is_nhs_number_system(system: &str) -> bool {
    SYSTEMS.contains(&strip_scheme(system).as_str())
}

/// The current NHS number: ten digits, or the text as sent if it is not ten digits.
pub fn nhs_number(patient: &Value, now: Timestamp) -> Option<String> {
    let sent = read::text(current_identifier(patient, now)?, "value")?;
    let joined: String = sent.chars().filter(|c| !c.is_whitespace() && !is_dash(*c)).collect();
    let ten_digits = joined.len() == 10 && joined.bytes().all(|byte| byte.is_ascii_digit());
    Some(if ten_digits { joined } else { sent.trim().to_owned() })
}

/// Whether the current number is verified. It counts as verified if the source says nothing.
pub fn is_nhs_number_verified(patient: &Value, now: Timestamp) -> bool {
    let Some(identifier) = current_identifier(patient, now) else { return true };
    let system = read::str_at(identifier, "system").unwrap_or_default();
    strip_scheme(system) != UNVERIFIED && verification_flag(identifier) != Some(false)
}

/// The best current identifier: a valid check digit first, then verified, then official.
fn current_identifier(patient: &Value, now: Timestamp) -> Option<&Value> {
    let current = read::list(patient, "identifier").iter().filter(|one| {
        read::str_at(one, "system").is_some_and(is_nhs_number_system)
            && read::str_at(one, "value").is_some()
            && read::str_at(one, "use") != Some("old")
            && period::is_current(one, now)
    });
    current.min_by_key(|one| {
        let valid = NhsNumber::parse(read::str_at(one, "value").unwrap_or_default()).is_ok();
        let unverified = verification_flag(one) == Some(false)
            || strip_scheme(read::str_at(one, "system").unwrap_or_default()) == UNVERIFIED;
        let used = match read::str_at(one, "use") {
            Some("official") => 0,
            Some("usual") => 1,
            Some("temp" | "secondary") => 3,
            _ => 2,
        };
        (!valid, unverified, used, std::cmp::Reverse(period::start(one)))
    })
}

/// The verification status in its UK Core, `CareConnect` or GP Connect form. `None` if there is none.
fn verification_flag(identifier: &Value) -> Option<bool> {
    let is_status = |extension: &&Value| {
        let url = read::str_at(extension, "url").unwrap_or_default();
        let name = url.rsplit('/').next().unwrap_or_default().replace('-', "").to_lowercase();
        name.contains("nhsnumberverificationstatus")
    };
    let status = read::list(identifier, "extension").iter().find(is_status)?;
    let code = read::str_at(status, "valueCode")
        .or_else(|| read::str_at(status, "valueCoding.code"))
        .or_else(|| read::code_at(status, "valueCodeableConcept"))?;
    Some(matches!(code, "01" | "number-present-and-verified"))
}

fn strip_scheme(system: &str) -> String {
    let lower = system.trim().trim_end_matches('/').to_lowercase();
    let schemes = ["https://", "http://", "urn:oid:"];
    schemes.iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower).to_owned()
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
