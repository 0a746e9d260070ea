//! A value of any type in words, as a person would write it.

use lcr_hl7::Repetition;

use crate::domain::r4;

/// `kind` is the HL7 type. A type without a way of its own has its components beside one another; in a text a
/// delimiter is a character.
pub fn words(kind: &str, one: Repetition<'_>) -> Option<String> {
    let parts = |numbers: &[usize]| -> Vec<String> {
        numbers.iter().filter_map(|number| one.part_words(*number)).collect()
    };
    let joined = |numbers: &[usize], between: &str| {
        let parts = parts(numbers);
        (!parts.is_empty()).then(|| parts.join(between))
    };
    let found = match kind {
        "ST" | "TX" | "FT" | "NM" | "SI" | "DT" | "TM" | "TS" | "DTM" => return one.words(),
        "SN" => joined(&[1, 2, 3, 4], ""),
        "NR" => joined(&[1, 2], "-"),
        "CE" | "CWE" | "CNE" | "CF" => r4::concept_words(one),
        "CX" | "CK" => one.part(1).map(|number| match one.part(4).or_else(|| one.sub(4, 2)) {
            Some(authority) => format!("{number} ({authority})"),
            None => number,
        }),
        "XCN" | "CN" | "PPN" => joined(&[6, 3, 2], " ").or_else(|| one.part(1)),
        "XPN" | "PN" => joined(&[5, 2, 1], " "),
        "XAD" | "AD" => joined(&[1, 2, 3, 4, 5, 6], ", "),
        "XTN" | "TN" => joined(&[1], " ").or_else(|| joined(&[12], " ")).or_else(|| joined(&[4], " ")),
        "MO" | "CQ" => joined(&[1, 2], " "),
        "CP" => money(one),
        "DR" => joined(&[1, 2], " to "),
        "NA" | "MA" => Some(one.parts().collect::<Vec<_>>().join(", ")).filter(|text| !text.is_empty()),
        _ => None,
    };
    found.or_else(|| all(one))
}

/// CP: an amount and its currency in the first component.
fn money(one: Repetition<'_>) -> Option<String> {
    let parts: Vec<String> = [one.sub(1, 1), one.sub(1, 2)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}

/// Every component that says something, in a row.
fn all(one: Repetition<'_>) -> Option<String> {
    let parts: Vec<String> = one.parts().collect();
    (!parts.is_empty()).then(|| parts.join(" "))
}
