//! Writes an HL7 value of any type as text for a reader. Must never show HL7 delimiters.

use lcr_hl7::Repetition;

use crate::domain::fhir_json;

/// `kind` is the HL7 type. The components of an unknown type are joined with spaces. In a text type a delimiter is an
/// ordinary character.
pub fn value_words(kind: &str, one: Repetition<'_>) -> Option<String> {
    let parts = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().filter_map(|number| one.component_text(*number)).collect()
    };
    let joined = |numbers: &[usize], between: &str| {
        let parts = parts(numbers);
        (!parts.is_empty()).then(|| parts.join(between))
    };
    let found = match kind {
        "ST" | "TX" | "FT" | "NM" | "SI" | "DT" | "TM" | "TS" | "DTM" => return one.text(),
        "SN" => joined(&[1, 2, 3, 4], ""),
        "NR" => joined(&[1, 2], "-"),
        "CE" | "CWE" | "CNE" | "CF" => fhir_json::concept_words(one),
        "CX" | "CK" => one.component(1).map(|number| match one.component(4).or_else(|| one.subcomponent(4, 2)) {
            Some(authority) => format!("{number} ({authority})"),
            None => number,
        }),
        "XCN" | "CN" | "PPN" => joined(&[6, 3, 2], " ").or_else(|| one.component(1)),
        "XPN" | "PN" => joined(&[5, 2, 1], " "),
        "XAD" | "AD" => joined(&[1, 2, 3, 4, 5, 6], ", "),
        "XTN" | "TN" => joined(&[1], " ").or_else(|| joined(&[12], " ")).or_else(|| joined(&[4], " ")),
        "MO" | "CQ" => joined(&[1, 2], " "),
        "CP" => money(one),
        "DR" => joined(&[1, 2], " to "),
        "NA" | "MA" => Some(one.component_texts().collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty()),
        _ => None,
    };
    found.or_else(|| all_components(one))
}

/// CP: an amount and its currency in the first component.
fn money(one: Repetition<'_>) -> Option<String> {
    let parts: Vec<String> = [one.subcomponent(1, 1), one.subcomponent(1, 2)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// All non-empty components, joined with spaces.
fn all_components(one: Repetition<'_>) -> Option<String> {
    let parts: Vec<String> = one.component_texts().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
