//! The NHS number of a FHIR Patient: every system and OID it is sent under, and whether its source verified it.

use jiff::Timestamp;
use lcr_fhir::read;
use lcr_model::NhsNumber;
use serde_json::Value;

use super::period;

/// The systems and OIDs of the NHS number, without scheme, in lower case.
const SYSTEMS: [&str; 5] = [
    "fhir.nhs.uk/id/nhs-number",
    "fhir.nhs.net/id/nhs-number",
    "fhir.hl7.org.uk/id/nhs-number",
    "2.16.840.1.113883.2.1.4.1",
    UNVERIFIED,
];
/// The OID under which the NHS number is sent while nobody has verified it.
const UNVERIFIED: &str = "2.16.840.1.113883.2.1.3.2.4.18.23";

/// Whether an identifier of this system is an NHS number.
pub fn is_nhs_number_system(system: &str) -> bool {
    SYSTEMS.contains(&without_scheme(system).as_str())
}

/// The NHS number in force: ten digits, or as it was sent where it is not ten digits.
pub fn nhs_number(patient: &Value, now: Timestamp) -> Option<String> {
    let sent = read::text(identifier_in_force(patient, now)?, "value")?;
    let joined: String = sent.chars().filter(|c| !c.is_whitespace() && !is_dash(*c)).collect();
    let ten_digits = joined.len() == 10 && joined.bytes().all(|byte| byte.is_ascii_digit());
    Some(if ten_digits { joined } else { sent.trim().to_owned() })
}

/// Whether the source says that the number in force was verified; a source that says nothing is believed.
pub fn nhs_number_verified(patient: &Value, now: Timestamp) -> bool {
    let Some(identifier) = identifier_in_force(patient, now) else { return true };
    let system = read::str_at(identifier, "system").unwrap_or_default();
    without_scheme(system) != UNVERIFIED && says_verified(identifier) != Some(false)
}

/// Of the NHS numbers in force: one whose check digit holds, then one its source verified, then the official one.
fn identifier_in_force(patient: &Value, now: Timestamp) -> Option<&Value> {
    let in_force = read::list(patient, "identifier").iter().filter(|one| {
        read::str_at(one, "system").is_some_and(is_nhs_number_system)
            && read::str_at(one, "value").is_some()
            && read::str_at(one, "use") != Some("old")
            && period::in_force(one, now)
    });
    in_force.min_by_key(|one| {
        let valid = NhsNumber::parse(read::str_at(one, "value").unwrap_or_default()).is_ok();
        let doubted = says_verified(one) == Some(false)
            || without_scheme(read::str_at(one, "system").unwrap_or_default()) == UNVERIFIED;
        let used = match read::str_at(one, "use") {
            Some("official") => 0,
            Some("usual") => 1,
            Some("temp" | "secondary") => 3,
            _ => 2,
        };
        (!valid, doubted, used, std::cmp::Reverse(period::start(one)))
    })
}

/// What the verification status says, in any of its UK Core, `CareConnect` and GP Connect forms.
fn says_verified(identifier: &Value) -> Option<bool> {
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

fn without_scheme(system: &str) -> String {
    let lower = system.trim().trim_end_matches('/').to_lowercase();
    let schemes = ["https://", "http://", "urn:oid:"];
    schemes.iter().find_map(|scheme| lower.strip_prefix(scheme)).unwrap_or(&lower).to_owned()
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}
