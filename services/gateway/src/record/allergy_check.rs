//! Finds recorded allergies to a medicine: the same substance by name, and penicillins as one group. It is a reminder of
//! what is recorded, not a check of interactions: that it finds nothing must never be shown as safe.

use lcr_contracts::record::{Detail, Entry, Mark};

/// The penicillins of the British National Formulary, by parts of their names.
const PENICILLINS: [&str; 6] = ["cillin", "co-amoxiclav", "co-fluampicil", "tazocin", "augmentin", "pivmecil"];

/// "Allergy recorded: penicillin, anaphylaxis (Beckside Surgery)", if one of the allergies is to this medicine.
pub fn allergy_warning(medicine: &Entry, allergies: &[Entry]) -> Option<String> {
    let allergy = allergies.iter().find(|allergy| is_active(allergy) && names_substance(medicine, allergy))?;
    let Detail::Allergy { reactions, .. } = &allergy.detail else { return None };
    let named = std::iter::once(&allergy.title).chain(reactions).map(|name| name.to_lowercase());
    let named = named.collect::<Vec<_>>().join(", ");
    let mut sources: Vec<&str> = allergy.provenance.iter().map(|source| source.name.as_str()).collect();
    sources.dedup();
    Some(format!("Allergy recorded: {named} ({})", sources.join(", ")))
}

/// Whether the entry states an allergy that is neither ended nor refuted.
fn is_active(allergy: &Entry) -> bool {
    let Detail::Allergy { clinical, verification, none_known, none_known_of, .. } = &allergy.detail else {
        return false;
    };
    let is = |value: &Option<String>, words: &[&str]| {
        value.as_deref().is_some_and(|value| words.iter().any(|word| value.eq_ignore_ascii_case(word)))
    };
    !none_known
        && none_known_of.is_none()
        && !is(clinical, &["inactive", "resolved"])
        && !is(verification, &["refuted", "entered in error"])
        && !allergy.marks.contains(&Mark::DoNotPerform)
}

fn names_substance(medicine: &Entry, allergy: &Entry) -> bool {
    let (medicine, allergen) = (medicine.title.to_lowercase(), allergy.title.to_lowercase());
    let is_penicillin = |name: &str| PENICILLINS.iter().any(|part| name.contains(part));
    let same = allergen.split(|letter: char| !letter.is_alphanumeric()).next().is_some_and(|substance| {
        // Shorter words name no substance: "oil", "egg".
        substance.len() > 4 && medicine.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == substance)
    });
    same || (is_penicillin(&allergen) && is_penicillin(&medicine))
}

#[cfg(test)]
mod tests {
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
}
