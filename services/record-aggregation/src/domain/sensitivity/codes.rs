//! Codes of items that the law bars from sharing. The list is short: the maintained RCGP reference sets are licensed
//! and come with an installation. A code of another system is never guessed.

use lcr_fhir::read;
use serde_json::Value;

/// SNOMED CT concepts.
const SNOMED: [&str; 15] = [
    // Fertility treatment: assisted fertilisation, in-vitro fertilisation.
    "63487001",
    "52637005",
    // Gender: dysphoria, identity disorder, transsexual.
    "93461009",
    "87991007",
    "407374003",
    // Sexually transmitted disease: any, HIV infection, AIDS, chlamydia, gonorrhoea, syphilis, genital herpes.
    "8098009",
    "86406008",
    "62479008",
    "240589008",
    "15628003",
    "76272004",
    "33839006",
    // Termination of pregnancy.
    "57797005",
    "386639001",
    "70317007",
];

/// Prefixes of ICD-10 codes: sexually transmitted disease, HIV, gender identity, termination, assisted fertilisation.
const ICD_10: [&str; 27] = [
    "A50", "A51", "A52", "A53", "A54", "A55", "A56", "A57", "A58", "A59", "A60", "A61", "A62", "A63", "A64", "B20",
    "B21", "B22", "B23", "B24", "F64", "O04", "Z21", "Z310", "Z311", "Z312", "Z313",
];

fn is_icd_10(system: &str) -> bool {
    system.contains("icd-10") || system.contains("icd10") || system == "urn:oid:2.16.840.1.113883.6.3"
}

/// Whether any coding of a `coding` element is barred.
pub fn has_barred_code(codings: &Value) -> bool {
    codings.as_array().into_iter().flatten().any(|coding| {
        let code = read::str_at(coding, "code").unwrap_or_default();
        let system = read::str_at(coding, "system").unwrap_or_default().to_ascii_lowercase();
        match system.as_str() {
            "http://snomed.info/sct" | "urn:oid:2.16.840.1.113883.6.96" => SNOMED.contains(&code),
            system if is_icd_10(system) => {
                // ICD-10 codes are sent with or without the point.
                let code = code.replace('.', "").to_ascii_uppercase();
                ICD_10.iter().any(|prefix| code.starts_with(prefix))
            }
            _ => false,
        }
    })
}
