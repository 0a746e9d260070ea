//! Names for codes that sources send without a display, and for code systems. A code that is not in the table must be shown as
//! sent, with its system.

use std::{collections::HashMap, sync::LazyLock};

/// The names by system and code. In `codes.txt` a line is `code name`, and `= system` starts a system.
static TABLE: LazyLock<HashMap<(&str, &str), &str>> = LazyLock::new(|| {
    let mut system = "";
    let mut table = HashMap::new();
    for line in include_str!("codes.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some(name) = line.strip_prefix("= ") {
            system = name;
        } else if let Some((code, words)) = line.split_once(' ') {
            table.insert((system, code), words);
        }
    }
    table
});

/// The name of a code, if the table has it. Older addresses of HL7's code systems count as the same system.
pub fn code_display(system: &str, code: &str) -> Option<&'static str> {
    let name = system.trim_end_matches('/').rsplit(['/', ':']).next().unwrap_or_default();
    let table_name = match system {
        "http://loinc.org" => "loinc",
        "http://snomed.info/sct" => "sct",
        _ if system.contains("hl7.org") || system.contains("fhir.") => name,
        _ => return None,
    };
    TABLE.get(&(table_name, code)).copied()
}

/// The name of a code system, or its address if the table has no name.
pub fn system_name(system: &str) -> &str {
    match system {
        "http://snomed.info/sct" => "SNOMED CT",
        "http://loinc.org" => "LOINC",
        "http://unitsofmeasure.org" => "UCUM",
        "http://hl7.org/fhir/sid/icd-10" | "urn:oid:2.16.840.1.113883.6.3" => "ICD-10",
        "https://dmd.nhs.uk" => "dm+d",
        "http://read.info/readv2" => "Read v2",
        "http://read.info/ctv3" => "CTV3",
        "https://fhir.hl7.org.uk/CodeSystem/opcs-4" | "http://fhir.hl7.org.uk/opcs-4" => "OPCS-4",
        other => other,
    }
}
