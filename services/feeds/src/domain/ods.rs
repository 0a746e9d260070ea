//! Recognises ODS codes of organisations in messages. Must never take a number of another authority for an ODS code.

use lcr_hl7::Repetition;
use lcr_model::OdsCode;

/// The system of an organisation's ODS code in FHIR.
const SYSTEM: &str = "fhir.nhs.uk/id/ods-organization-code";
/// How HL7 v2 senders name the authority or the type of an ODS code.
const NAMES: [&str; 4] = ["ODS", "ODSCODE", "NHSODS", "NACS"];

/// Whether a FHIR system, or the name of an authority, is that of ODS codes.
pub fn is_system(text: &str) -> bool {
    let text = text.trim().trim_end_matches('/').to_ascii_lowercase();
    let bare = ["https://", "http://"].iter().find_map(|prefix| text.strip_prefix(prefix));
    let name: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    bare == Some(SYSTEM) || NAMES.iter().any(|one| one.eq_ignore_ascii_case(&name))
}

/// The code, if its authority is that of ODS codes.
pub fn by_authority(code: &str, authority: &str) -> Option<OdsCode> {
    is_system(authority).then(|| OdsCode::parse(code.trim())).flatten()
}

/// The code of an organisation whose authority is not named. ODS codes mix letters and digits; a name has no digits, and a
/// sender's own number has no letters.
pub fn by_shape(code: &str) -> Option<OdsCode> {
    let code = OdsCode::parse(code.trim())?;
    let has = |is: fn(&u8) -> bool| code.as_str().as_bytes().iter().any(is);
    (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)).then_some(code)
}

/// The code in the form of an organisation (XON): the identifier, else the former id number. Its authority may be absent.
pub fn in_organisation(one: Repetition<'_>) -> Option<OdsCode> {
    let id = one.component(10).or_else(|| one.component(3))?;
    match one.component(6).or_else(|| one.subcomponent(6, 2)) {
        Some(authority) => by_authority(&id, &authority),
        None => by_shape(&id),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ods_code_is_known_by_its_authority_or_its_shape() {
        let code = |text: Option<OdsCode>| text.map(|code| code.0);
        for system in
            ["https://fhir.nhs.uk/Id/ods-organization-code", "http://fhir.nhs.uk/Id/ODS-organization-code/", "ods"]
        {
            assert_eq!(code(by_authority(" rr8 ", system)).as_deref(), Some("RR8"), "{system}");
        }
        assert_eq!(by_authority("RR8", "https://fhir.nhs.uk/Id/ods-site-code"), None);
        assert_eq!(by_authority("not a code", "ODS"), None);
        assert_eq!(code(by_shape("z9h01")).as_deref(), Some("Z9H01"));
        for text in ["", "LCR", "4711", "GHH Hospital", "R8", "RHHFacility"] {
            assert_eq!(by_shape(text), None, "{text}");
        }
    }
}
