//! The codes and names that limits of roles compare with. A name must match exactly and never only in part: "salt" is
//! not ALT.

/// Kidney and liver function and INR: LOINC, then SNOMED CT.
pub const RENAL_LIVER_INR: [&str; 34] = [
    // Estimated glomerular filtration rate.
    "62238-1",
    "33914-3",
    "48642-3",
    "48643-1",
    "77147-7",
    "88293-6",
    "98979-8",
    "1011481000000105",
    "1020291000000106",
    // Creatinine.
    "14682-9",
    "2160-0",
    "38483-4",
    "1000731000000107",
    // Urea.
    "22664-7",
    "3091-6",
    "3094-0",
    "14937-7",
    // Potassium.
    "2823-3",
    "6298-4",
    "1000651000000109",
    // Alanine aminotransferase.
    "1742-6",
    "1743-4",
    "1744-2",
    "1018251000000107",
    // Bilirubin.
    "1975-2",
    "14631-6",
    "999691000000104",
    // Alkaline phosphatase.
    "6768-6",
    "1000621000000104",
    // International normalised ratio.
    "6301-6",
    "34714-6",
    "38875-1",
    "46418-0",
    "165581004",
];

pub const RENAL_LIVER_INR_NAMES: [&str; 15] = [
    "egfr",
    "creatinine",
    "serum creatinine",
    "urea",
    "serum urea",
    "potassium",
    "serum potassium",
    "alt",
    "alanine aminotransferase",
    "bilirubin",
    "total bilirubin",
    "alkaline phosphatase",
    "alp",
    "inr",
    "international normalised ratio",
];

/// Diagnoses that affect what a person can do: SNOMED CT.
pub const FUNCTIONAL: [&str; 20] = [
    // Dementia: any, Alzheimer's, vascular.
    "52448006",
    "26929004",
    "429998004",
    // Frailty: any, mild, moderate, severe.
    "248279007",
    "925791000000100",
    "925831000000107",
    "925861000000102",
    // Falls, and the risk of them.
    "161898004",
    "129839007",
    // Mobility, learning disability, sight, hearing.
    "82971005",
    "110359009",
    "397540003",
    "105597003",
    "15188001",
    // Stroke, Parkinson's disease, multiple sclerosis.
    "230690007",
    "49049000",
    "24700007",
    // Continence: of urine, of faeces.
    "165232002",
    "72042002",
    "48340000",
];

pub const FUNCTIONAL_NAMES: [&str; 16] = [
    "dementia",
    "alzheimer's disease",
    "vascular dementia",
    "frailty",
    "falls",
    "impaired mobility",
    "learning disability",
    "visual impairment",
    "blindness",
    "hearing loss",
    "deafness",
    "stroke",
    "parkinson's disease",
    "multiple sclerosis",
    "urinary incontinence",
    "faecal incontinence",
];

/// Document types as limits name them, with their codes and names: LOINC, SNOMED CT and HL7 table 0270.
pub const DOCUMENT_TYPES: [(&str, &[&str], &[&str]); 3] = [
    (
        "discharge",
        &["18842-5", "28655-9", "34105-7", "373942005", "DS"],
        &["discharge summary", "discharge letter", "discharge"],
    ),
    (
        "clinic",
        &["11488-4", "34117-2", "51845-6", "823691000000103", "371531000", "CN"],
        &["clinic letter", "outpatient letter", "outpatient clinic letter", "clinic"],
    ),
    ("care-plan", &["52521-2", "18776-5", "734163000"], &["care plan"]),
];
