//! Measurements with LOINC code, UCUM unit, reference range and healthy range. Values must be integers in tenths, so that
//! they print the same on every machine.

#[derive(Debug)]
pub(crate) struct Measure {
    pub(crate) key: &'static str,
    pub(crate) loinc: &'static str,
    pub(crate) words: &'static str,
    /// The printed unit and the UCUM code.
    pub(crate) unit: (&'static str, &'static str),
    /// The reference range in tenths. Either end may be open.
    pub(crate) range: (Option<u32>, Option<u32>),
    /// The range of healthy values, in tenths.
    pub(crate) healthy: (u32, u32),
    /// Digits after the point.
    pub(crate) digits: u32,
    /// The report that contains it. None for vital signs.
    pub(crate) panel: Option<&'static str>,
}

/// Mr Pike's INR of yesterday, in tenths. Message and FHIR source must agree.
pub(crate) const INR_YESTERDAY: u32 = 29;

pub(crate) fn measure(key: &str) -> Option<&'static Measure> {
    MEASURES.iter().find(|one| one.key == key)
}

macro_rules! measures {
    ($($key:literal $loinc:literal $words:literal, $unit:expr, $range:expr, $healthy:expr, $digits:literal, $panel:expr;)*) => {
        pub(crate) static MEASURES: &[Measure] = &[$(Measure {
            key: $key, loinc: $loinc, words: $words, unit: $unit, range: $range, healthy: $healthy,
            digits: $digits, panel: $panel,
        }),*];
    };
}

const KIDNEY: Option<&str> = Some("Urea and electrolytes");
const BLOOD: Option<&str> = Some("Full blood count");

#[rustfmt::skip]
measures! {
    "sodium" "2951-2" "Sodium", ("mmol/L", "mmol/L"), (Some(1330), Some(1460)), (1350, 1440), 0, KIDNEY;
    "potassium" "2823-3" "Potassium", ("mmol/L", "mmol/L"), (Some(35), Some(53)), (37, 50), 1, KIDNEY;
    "creatinine" "14682-9" "Creatinine", ("umol/L", "umol/L"), (Some(450), Some(1040)), (520, 980), 0, KIDNEY;
    "egfr" "62238-1" "eGFR", ("mL/min/1.73 m2", "mL/min/{1.73_m2}"), (Some(600), None), (640, 900), 0, KIDNEY;
    "hb" "718-7" "Haemoglobin", ("g/L", "g/L"), (Some(1150), Some(1650)), (1220, 1580), 0, BLOOD;
    "wbc" "6690-2" "White cell count", ("10*9/L", "10*9/L"), (Some(40), Some(110)), (45, 100), 1, BLOOD;
    "platelets" "777-3" "Platelets", ("10*9/L", "10*9/L"), (Some(1500), Some(4000)), (1700, 3700), 0, BLOOD;
    "crp" "1988-5" "C-reactive protein", ("mg/L", "mg/L"), (None, Some(50)), (10, 140), 0, Some("C-reactive protein");
    "hba1c" "59261-8" "Haemoglobin A1c", ("mmol/mol", "mmol/mol"), (Some(200), Some(410)), (300, 400), 0, Some("Haemoglobin A1c");
    "tsh" "3016-3" "Thyroid stimulating hormone", ("mU/L", "m[IU]/L"), (Some(3), Some(42)), (6, 38), 1, Some("Thyroid function");
    "cholesterol" "14647-2" "Total cholesterol", ("mmol/L", "mmol/L"), (None, Some(50)), (34, 62), 1, Some("Lipids");
    "alt" "1742-6" "Alanine aminotransferase", ("U/L", "U/L"), (None, Some(410)), (90, 460), 0, Some("Liver function");
    "systolic" "8480-6" "Systolic blood pressure", ("mmHg", "mm[Hg]"), (None, None), (1080, 1380), 0, None;
    "weight" "29463-7" "Body weight", ("kg", "kg"), (None, None), (520, 980), 1, None;
    "spo2" "2708-6" "Oxygen saturation", ("%", "%"), (None, None), (950, 990), 0, None;
    "peakflow" "" "Peak expiratory flow rate", ("L/min", "L/min"), (None, None), (3600, 5800), 0, None;
    "inr" "6301-6" "INR", ("INR", "{INR}"), (Some(20), Some(35)), (20, 33), 1, Some("INR");
}
