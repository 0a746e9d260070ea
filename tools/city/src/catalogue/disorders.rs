//! Long-term disorders with their rates by age, medicines and measurements. The rates are plausible, not epidemiology.

use super::{Term, term};

#[derive(Debug)]
pub(crate) struct Disorder {
    pub(crate) key: &'static str,
    pub(crate) term: Term,
    /// Rates per 1000 people under 18, under 50, under 70, and older.
    pub(crate) rates: [u32; 4],
    pub(crate) medicines: &'static [&'static str],
    /// Measurements and their range for people with the disorder, in tenths.
    pub(crate) measures: &'static [(&'static str, u32, u32)],
    /// The specialty whose clinic treats it.
    pub(crate) specialty: &'static str,
}

macro_rules! disorders {
    ($($key:literal $code:literal $words:literal, $rates:expr, $medicines:expr, $measures:expr, $specialty:literal;)*) => {
        pub(crate) static DISORDERS: &[Disorder] = &[$(Disorder {
            key: $key, term: term($code, $words), rates: $rates, medicines: &$medicines, measures: &$measures,
            specialty: $specialty,
        }),*];
    };
}

#[rustfmt::skip]
disorders! {
    "t2dm" "44054006" "Type 2 diabetes mellitus", [0, 25, 110, 170], ["metformin", "atorvastatin"], [("hba1c", 480, 860)], "Diabetic medicine";
    "htn" "38341003" "Hypertension", [0, 40, 300, 520], ["ramipril", "amlodipine"], [("systolic", 1340, 1620), ("potassium", 38, 51)], "Cardiology";
    "af" "49436004" "Atrial fibrillation", [0, 3, 30, 140], ["apixaban", "bisoprolol"], [("creatinine", 620, 1150)], "Cardiology";
    "hf" "84114007" "Heart failure", [0, 1, 15, 70], ["furosemide", "bisoprolol"], [("sodium", 1310, 1390)], "Cardiology";
    "ckd3" "433144002" "Chronic kidney disease stage 3", [0, 3, 40, 190], ["atorvastatin"], [("egfr", 310, 580), ("creatinine", 980, 1680)], "Renal medicine";
    "asthma" "195967001" "Asthma", [90, 110, 95, 80], ["salbutamol", "beclometasone"], [("peakflow", 2800, 5200)], "Respiratory medicine";
    "copd" "13645005" "Chronic obstructive pulmonary disease", [0, 3, 50, 90], ["salbutamol", "tiotropium"], [("spo2", 880, 950)], "Respiratory medicine";
    "hypothyroid" "40930008" "Hypothyroidism", [1, 25, 55, 85], ["levothyroxine"], [("tsh", 8, 72)], "Endocrinology";
    "depression" "35489007" "Depressive disorder", [8, 130, 120, 80], ["sertraline"], [], "Psychiatry";
    "anxiety" "197480006" "Anxiety disorder", [15, 100, 70, 40], ["sertraline"], [], "Psychiatry";
    "oa" "396275006" "Osteoarthritis", [0, 15, 160, 330], ["paracetamol"], [], "Rheumatology";
    "epilepsy" "84757009" "Epilepsy", [6, 9, 9, 11], ["levetiracetam"], [], "Neurology";
    "reflux" "235595009" "Gastro-oesophageal reflux disease", [2, 50, 110, 140], ["omeprazole"], [("hb", 1180, 1500)], "Gastroenterology";
    "dementia" "52448006" "Dementia", [0, 0, 4, 75], ["donepezil"], [], "Elderly medicine";
    "eczema" "24079001" "Atopic dermatitis", [140, 50, 30, 30], ["emollient"], [], "Dermatology";
    "migraine" "37796009" "Migraine", [15, 110, 80, 30], ["sumatriptan"], [], "Neurology";
    "psychosis" "58214004" "Schizophrenia", [0, 8, 9, 6], ["olanzapine"], [("hba1c", 350, 480)], "Psychiatry";
    "valve" "" "Mechanical aortic valve", [0, 0, 0, 0], ["warfarin"], [("inr", 22, 34)], "Cardiology";
}
