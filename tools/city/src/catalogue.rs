//! The clinical catalogue: disorders, medicines, measurements, substances. A code (SNOMED CT, LOINC) may only be given if
//! it is certain; otherwise the text alone. Nothing here is clinical advice.

mod disorders;
mod measures;
mod medicines;

pub(crate) use disorders::{DISORDERS, Disorder};
pub(crate) use measures::{INR_YESTERDAY, MEASURES, Measure, measure};
pub(crate) use medicines::{Medicine, medicine};

/// A concept with a SNOMED CT code. An empty code means text only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Term {
    pub(crate) code: &'static str,
    pub(crate) words: &'static str,
}

pub(crate) const fn term(code: &'static str, words: &'static str) -> Term {
    Term { code, words }
}

pub(crate) const PENICILLIN: Term = term("764146007", "Penicillin");
pub(crate) const CODEINE: Term = term("387494007", "Codeine");
pub(crate) const ERYTHROMYCIN: Term = term("372694001", "Erythromycin");

/// Allergens and their usual reactions.
pub(crate) const ALLERGENS: [(Term, Term); 8] = [
    (PENICILLIN, term("271807003", "Rash")),
    (term("387458008", "Aspirin"), term("56018004", "Wheezing")),
    (CODEINE, term("422587007", "Nausea")),
    (term("387207008", "Ibuprofen"), term("41291007", "Angioedema")),
    (ERYTHROMYCIN, term("422587007", "Nausea")),
    (term("111088007", "Latex"), term("271807003", "Rash")),
    (term("762952008", "Peanut"), term("126485001", "Urticaria")),
    (term("", "Elastic adhesive dressing"), term("271807003", "Rash")),
];

/// Operations with specialty and minimum age.
pub(crate) const OPERATIONS: [(Term, &str, i64); 7] = [
    (term("80146002", "Appendicectomy"), "General surgery", 8),
    (term("73761001", "Colonoscopy"), "Gastroenterology", 45),
    (term("54885007", "Cataract extraction"), "Ophthalmology", 65),
    (term("52734007", "Total replacement of hip"), "Trauma and orthopaedics", 60),
    (term("609588000", "Total replacement of knee joint"), "Trauma and orthopaedics", 60),
    (term("415070008", "Percutaneous coronary intervention"), "Cardiology", 50),
    (term("", "Upper gastrointestinal endoscopy"), "Gastroenterology", 30),
];

/// Reasons for a hospital stay, with specialty, ward and minimum age.
pub(crate) const STAYS: [(Term, &str, &str, i64); 7] = [
    (term("233604007", "Pneumonia"), "Acute internal medicine", "J12", 16),
    (term("84114007", "Heart failure"), "Cardiology", "L14", 55),
    (term("5913000", "Fracture of neck of femur"), "Trauma and orthopaedics", "L35", 60),
    (term("68566005", "Urinary tract infection"), "Elderly medicine", "J27", 75),
    (term("230690007", "Stroke"), "Stroke medicine", "L20", 45),
    (term("", "Abdominal pain"), "General surgery", "J43", 16),
    (term("", "Fall at home"), "Elderly medicine", "J27", 75),
];

/// Short illnesses, with the youngest and oldest person who has them and the antibiotics given for them, in order of
/// preference. No antibiotic means that none is given.
pub(crate) const ILLNESSES: [(Term, (i64, i64), &[&str]); 4] = [
    (term("68566005", "Urinary tract infection"), (16, 120), &["nitrofurantoin"]),
    (term("", "Otitis media"), (1, 40), &["amoxicillin", "clarithromycin", "doxycycline"]),
    (term("", "Low back pain"), (18, 120), &[]),
    (term("", "Acute tonsillitis"), (3, 60), &["phenoxymethylpenicillin", "clarithromycin", "doxycycline"]),
];
