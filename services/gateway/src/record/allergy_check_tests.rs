//! Tests of `allergy_check.rs`.

use super::*;

fn medicine(title: &str) -> Entry {
    Entry { title: title.into(), ..Entry::default() }
}

fn allergy(title: &str, clinical: &str, verification: &str, none_known: bool) -> Entry {
    Entry {
        title: title.into(),
        detail: Detail::Allergy {
            clinical: Some(clinical.into()),
            verification: Some(verification.into()),
            reactions: vec!["Anaphylaxis".into()],
            severe: true,
            none_known,
            none_known_of: None,
            kinds: vec![],
            ended_denial: false,
        },
        ..Entry::default()
    }
}

#[test]
fn a_recorded_allergy_to_the_substance_or_its_group_warns() {
    let cases = [
        ("Amoxicillin 500 mg capsules", "Penicillin", true),
        ("Co-amoxiclav 500 mg/125 mg tablets", "Penicillins", true),
        ("Codeine 30 mg tablets", "Codeine", true),
        ("Codeine 30 mg tablets", "Penicillin", false),
        ("Clarithromycin 500 mg tablets", "Penicillin", false),
        ("Paracetamol 500 mg tablets", "Paracetamol and codeine", true),
        ("Aspirin 75 mg tablets", "Aspirin", true),
        ("Peanut oil 130 ml enema", "Peanut", true),
        ("Emollient ointment", "Elastic adhesive dressing", false),
        ("Codeine 30 mg tablets", "Allergy to codeine", true),
        ("Codeine 30 mg tablets", "Adverse reaction to codeine phosphate", true),
        ("Codeine 30 mg tablets", "Allergic to codeine", true),
        ("Codeine 30 mg tablets", "Hypersensitivity to codeine", true),
        ("Codeine 30 mg tablets", "Codeine intolerance", true),
        ("Codeine 30 mg tablets", "Paracetamol and codeine", true),
        ("Codeine phosphate 30 mg tablets", "Paracetamol tablets", false),
        ("Morphine 10 mg/5 ml oral solution", "Oral contraceptive tablets", false),
        ("Sodium chloride 0.9 % infusion", "Sodium fusidate", false),
        ("Sodium chloride 0.9 % infusion", "Allergy to sodium chloride", true),
        ("Potassium chloride 600 mg tablets", "Sodium chloride", false),
        ("Vitamin D 800 units capsules", "Vitamin K", false),
        ("Vitamin K 10 mg/ml injection", "Vitamin K", true),
        ("Human albumin 20 % infusion", "Human insulin", false),
        ("Insulin aspart 100 units/ml injection", "Human insulin", true),
        ("Statin 10 mg tablets", "Statins", true),
        ("Calcium carbonate 1.25 g chewable tablets", "Calcium carbonate tablets", true),
        ("Calcium carbonate tablets", "Calcium carbonate 1.25 g chewable tablets", true),
        ("Magnesium hydroxide 415 mg/5 ml oral suspension", "Magnesium hydroxide oral suspension", true),
        ("Magnesium hydroxide oral suspension", "Magnesium hydroxide 415 mg/5 ml oral suspension", true),
        ("Omeprazole 20 mg gastro-resistant capsules", "Aspirin 75 mg gastro-resistant tablets", false),
        ("Fentanyl 12 micrograms/hour transdermal patches", "Nicotine transdermal patches", false),
        ("Fentanyl 12 micrograms/hour transdermal patches", "Fentanyl 25 micrograms/hour transdermal patches", true),
        ("Paracetamol 500 mg/codeine 8 mg tablets", "Codeine", true),
        ("Lidocaine 1 % with adrenaline 1 in 200,000 injection", "Adrenaline", true),
        ("Soluble aspirin 300 mg", "Aspirin tablets", true),
        ("Human soluble insulin 100 units/ml", "Insulin", true),
        ("Codeine 30 mg tablets", "Rash after oral codeine", true),
        ("Amlodipine 5 mg tablets", "Allergy", false),
        ("", "", false),
    ];
    for (title, allergen, warns) in cases {
        let found = allergy_warning(&medicine(title), &[allergy(allergen, "Active", "Confirmed", false)]);
        assert_eq!(found.is_some(), warns, "{title} and {allergen}: {found:?}");
    }
}

#[test]
fn an_ended_refuted_or_absent_allergy_does_not_warn() {
    let amoxicillin = medicine("Amoxicillin 500 mg capsules");
    for entry in [
        allergy("Penicillin", "Inactive", "Confirmed", false),
        allergy("Penicillin", "Resolved", "Confirmed", false),
        allergy("Penicillin", "Active", "Refuted", false),
        allergy("Penicillin", "Active", "Confirmed", true),
    ] {
        assert_eq!(allergy_warning(&amoxicillin, &[entry]), None);
    }
}
