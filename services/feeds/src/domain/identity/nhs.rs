//! Recognises NHS numbers by the authority's name, OID or URL and by the identifier type. Must never accept a name that
//! only contains "NHS".

/// Names of the authority (CX.4), without spaces and punctuation.
const NAMES: [&str; 6] = ["NHS", "NHSNBR", "NHSNO", "NHSNUM", "NHSNUMBER", "NHSNMBR"];
/// Types of identifier (CX.5).
const TYPES: [&str; 6] = ["NH", "NHS", "NHSNMBR", "NHSNO", "NNGBR", "NHSNUMBER"];
/// OIDs and URLs of the NHS number.
const SYSTEMS: [&str; 4] = [
    "2.16.840.1.113883.2.1.4.1",
    "fhir.nhs.uk/id/nhs-number",
    "fhir.nhs.net/id/nhs-number",
    "fhir.hl7.org.uk/id/nhs-number",
];
/// The OID of unverified NHS numbers.
const UNVERIFIED: &str = "2.16.840.1.113883.2.1.3.2.4.18.23";

/// The kind of number that an authority assigns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Authority {
    NhsNumber,
    /// An unverified NHS number.
    Unverified,
    Other,
}

/// Reads the name, OID or URL of an authority, or the URL of a FHIR identifier system.
pub fn authority(text: &str) -> Authority {
    let lower = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let bare = ["urn:oid:", "https://", "http://"].iter().find_map(|prefix| lower.strip_prefix(prefix));
    let bare = bare.unwrap_or(&lower);
    let name: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    if bare == UNVERIFIED {
        Authority::Unverified
    } else if SYSTEMS.contains(&bare) || contains_ignore_case(&name, &NAMES) {
        Authority::NhsNumber
    } else {
        Authority::Other
    }
}

pub fn is_type(text: &str) -> bool {
    contains_ignore_case(text.trim(), &TYPES)
}

fn contains_ignore_case(text: &str, of: &[&str]) -> bool {
    of.iter().any(|one| one.eq_ignore_ascii_case(text))
}

#[cfg(test)]
#[path = "nhs_tests.rs"]
mod tests;
