//! Medicines with a usual dose for invented records. A dose here is never a recommendation.

use super::{Term, term};

#[derive(Debug)]
pub(crate) struct Medicine {
    pub(crate) key: &'static str,
    pub(crate) term: Term,
    pub(crate) dosage: &'static str,
    /// The amount of a dose in tenths, its unit, and doses per day.
    pub(crate) dose: (u32, &'static str, u32),
    pub(crate) route: Term,
}

impl Medicine {
    /// The youngest age for this form and strength.
    pub(crate) fn min_age(&self) -> i64 {
        match self.key {
            "salbutamol" | "emollient" => 0,
            "beclometasone" => 5,
            _ if self.is_antibiotic() => 12,
            "levetiracetam" | "omeprazole" => 12,
            _ => 18,
        }
    }

    pub(crate) fn is_penicillin(&self) -> bool {
        matches!(self.key, "amoxicillin" | "phenoxymethylpenicillin")
    }

    pub(crate) fn is_macrolide(&self) -> bool {
        self.key == "clarithromycin"
    }

    fn is_antibiotic(&self) -> bool {
        self.is_penicillin() || self.is_macrolide() || matches!(self.key, "nitrofurantoin" | "doxycycline")
    }
}

const ORAL: Term = term("26643006", "Oral");
const INHALED: Term = term("", "Inhalation");
const SKIN: Term = term("", "Cutaneous");

pub(crate) fn medicine(key: &str) -> Option<&'static Medicine> {
    MEDICINES.iter().find(|one| one.key == key)
}

const fn one(
    key: &'static str,
    term: Term,
    dosage: &'static str,
    dose: (u32, &'static str, u32),
    route: Term,
) -> Medicine {
    Medicine { key, term, dosage, dose, route }
}

#[rustfmt::skip]
static MEDICINES: &[Medicine] = &[
    one("metformin", term("325278007", "Metformin 500 mg tablets"), "500 mg twice daily with meals", (5000, "mg", 2), ORAL),
    one("atorvastatin", term("", "Atorvastatin 20 mg tablets"), "20 mg once daily at night", (200, "mg", 1), ORAL),
    one("ramipril", term("", "Ramipril 5 mg capsules"), "5 mg once daily", (50, "mg", 1), ORAL),
    one("amlodipine", term("", "Amlodipine 5 mg tablets"), "5 mg once daily", (50, "mg", 1), ORAL),
    one("apixaban", term("", "Apixaban 5 mg tablets"), "5 mg twice daily", (50, "mg", 2), ORAL),
    one("bisoprolol", term("", "Bisoprolol 2.5 mg tablets"), "2.5 mg once daily", (25, "mg", 1), ORAL),
    one("bisoprolol-5", term("", "Bisoprolol 5 mg tablets"), "5 mg once daily", (50, "mg", 1), ORAL),
    one("furosemide", term("", "Furosemide 40 mg tablets"), "40 mg once daily in the morning", (400, "mg", 1), ORAL),
    one("salbutamol", term("", "Salbutamol 100 micrograms/dose inhaler"), "2 puffs up to four times daily when needed", (2000, "ug", 4), INHALED),
    one("beclometasone", term("", "Beclometasone 100 micrograms/dose inhaler"), "2 puffs twice daily", (2000, "ug", 2), INHALED),
    one("tiotropium", term("", "Tiotropium bromide 18 micrograms inhalation powder capsules"), "1 capsule inhaled once daily", (180, "ug", 1), INHALED),
    one("levothyroxine", term("", "Levothyroxine sodium 50 micrograms tablets"), "50 micrograms once daily before breakfast", (500, "ug", 1), ORAL),
    one("sertraline", term("", "Sertraline 50 mg tablets"), "50 mg once daily", (500, "mg", 1), ORAL),
    one("paracetamol", term("322236009", "Paracetamol 500 mg tablets"), "1 g up to four times daily when needed", (10000, "mg", 4), ORAL),
    one("levetiracetam", term("", "Levetiracetam 500 mg tablets"), "500 mg twice daily", (5000, "mg", 2), ORAL),
    one("omeprazole", term("", "Omeprazole 20 mg gastro-resistant capsules"), "20 mg once daily", (200, "mg", 1), ORAL),
    one("donepezil", term("", "Donepezil 5 mg tablets"), "5 mg once daily at night", (50, "mg", 1), ORAL),
    one("emollient", term("", "White soft paraffin 50% / liquid paraffin 50% ointment"), "Apply to dry skin when needed", (10, "{application}", 2), SKIN),
    one("sumatriptan", term("", "Sumatriptan 50 mg tablets"), "50 mg at onset of migraine", (500, "mg", 1), ORAL),
    one("olanzapine", term("", "Olanzapine 10 mg tablets"), "10 mg once daily at night", (100, "mg", 1), ORAL),
    one("warfarin", term("", "Warfarin 3 mg tablets"), "3 mg once daily, by INR", (30, "mg", 1), ORAL),
    one("amoxicillin", term("", "Amoxicillin 500 mg capsules"), "500 mg three times daily for 5 days", (5000, "mg", 3), ORAL),
    one("nitrofurantoin", term("", "Nitrofurantoin 100 mg modified-release capsules"), "100 mg twice daily for 3 days", (1000, "mg", 2), ORAL),
    one("phenoxymethylpenicillin", term("", "Phenoxymethylpenicillin 250 mg tablets"), "500 mg four times daily for 5 days", (5000, "mg", 4), ORAL),
    one("clarithromycin", term("", "Clarithromycin 500 mg tablets"), "500 mg twice daily for 5 days", (5000, "mg", 2), ORAL),
    one("doxycycline", term("", "Doxycycline 100 mg capsules"), "100 mg twice daily for 7 days", (1000, "mg", 2), ORAL),
];

#[cfg(test)]
mod tests {
    use super::super::{DISORDERS, measure};
    use super::*;

    #[test]
    fn every_medicine_and_measure_of_a_disorder_exists() {
        for disorder in DISORDERS {
            assert!(disorder.medicines.iter().all(|key| medicine(key).is_some()), "{}", disorder.key);
            assert!(disorder.measures.iter().all(|(key, ..)| measure(key).is_some()), "{}", disorder.key);
        }
    }
}
