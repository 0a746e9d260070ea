//! Finds recorded allergies to a medicine: any same substance by name, and penicillins as one group. It is a reminder of
//! what is recorded, not a check of interactions: that it finds nothing must never be shown as safe.

use lcr_contracts::record::{Detail, Entry, Mark, Provenance};

/// The penicillins of the British National Formulary, by parts of their names.
const PENICILLINS: [&str; 6] = ["cillin", "co-amoxiclav", "co-fluampicil", "tazocin", "augmentin", "pivmecil"];

/// Words of an allergy's name that name no substance, in the singular.
const ALLERGY_WORDS: [&str; 17] = [
    "allergy",
    "allergie",
    "allergic",
    "adverse",
    "drug",
    "reaction",
    "hypersensitivity",
    "sensitivity",
    "intolerance",
    "intolerant",
    "disorder",
    "finding",
    "to",
    "of",
    "and",
    "or",
    "with",
];
/// Salts, elements and other words of names that many medicines share, in the singular.
const SHARED_WORDS: &str = "sodium disodium potassium calcium magnesium chloride hydrochloride dihydrochloride bromide \
    hydrobromide iodide phosphate sulfate sulphate nitrate acetate citrate maleate mesilate besilate tartrate fumarate \
    succinate gluconate lactate carbonate bicarbonate hydroxide oxide anhydrou hydrate monohydrate dihydrate trihydrate \
    vitamin human vaccine factor extract complex compound water sterile aqueou device dressing adhesive product \
    preparation medicine medication antibiotic unknown";
/// Words of form, route, unit and strength, in the singular. They follow the substance.
const FORM_WORDS: &str = "tablet capsule caplet solution suspension injection infusion cream ointment lotion gel inhaler \
    inhalation inhaled nebuliser nebulised spray patche patch powder granule lozenge pastille sachet syrup elixir liquid \
    drop mouthwash shampoo foam emulsion suppository suppositorie pessary pessarie enema ampoule vial bag bottle syringe \
    prefilled filled cartridge pen oral nasal topical cutaneou transdermal buccal sublingual orodispersible vaginal \
    rectal intravenou intramuscular subcutaneou gastro enteric film resistant release modified prolonged delayed \
    extended sustained immediate dispersible effervescent soluble chewable coated strength dose white slow mg g kg ml \
    litre microgram mcg nanogram unit iu mmol hour day actuation application adult child children paediatric";

/// "Allergy recorded: penicillin, anaphylaxis (Beckside Surgery)", if one of the allergies is to this medicine.
pub fn allergy_warning(medicine: &Entry, allergies: &[Entry]) -> Option<String> {
    let allergy = allergies.iter().find(|allergy| is_active(allergy) && names_substance(medicine, allergy))?;
    let Detail::Allergy { reactions, .. } = &allergy.detail else { return None };
    let named = std::iter::once(&allergy.title).chain(reactions).map(|name| name.to_lowercase());
    let named = named.collect::<Vec<_>>().join(", ");
    let mut sources: Vec<&str> = allergy.provenance.iter().map(Provenance::shown_name).collect();
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
    is_same_substance(&medicine, &allergen) || (is_penicillin(&allergen) && is_penicillin(&medicine))
}

/// Whether both names share a substance. All words of a name of shared words only, such as "vitamin K", must be in the
/// name of the medicine in order.
fn is_same_substance(medicine: &str, allergen: &str) -> bool {
    let medicine = substance_parts(medicine);
    let has_shared_name = |part: &Vec<&str>| {
        let is_shared = part.len() > 1 && !part.iter().any(|word| is_substance(word));
        is_shared && medicine.iter().any(|one| has_in_order(one, part))
    };
    words(allergen).iter().any(|word| is_substance(word) && medicine.iter().flatten().any(|one| one == word))
        || substance_parts(allergen).iter().any(has_shared_name)
}

/// The words before the first number or form of each substance of a name: "Paracetamol 500 mg/codeine 8 mg tablets" has
/// two. If that leaves no substance, as in "Soluble aspirin", all other words of the name are added.
fn substance_parts(name: &str) -> Vec<Vec<&str>> {
    let parts = name.split(['/', '+', ',']).flat_map(|part| part.split(" and ")).flat_map(|part| part.split(" with "));
    let mut parts: Vec<Vec<&str>> =
        parts.map(|part| words(part).into_iter().take_while(|word| !is_form(word)).collect()).collect();
    if !parts.first().is_some_and(|first| first.iter().any(|word| is_substance(word))) {
        parts.push(words(name).into_iter().filter(|word| !is_form(word)).collect());
    }
    parts
}

fn has_in_order(words: &[&str], wanted: &[&str]) -> bool {
    let mut rest = words.iter();
    wanted.iter().all(|word| rest.any(|one| one == word))
}

/// The words of a name in the singular, without those that say only that it is an allergy.
fn words(name: &str) -> Vec<&str> {
    let words = name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(singular).filter(|word| !ALLERGY_WORDS.contains(word)).collect()
}

fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|one| one.len() > 3 && !one.ends_with('s')).unwrap_or(word)
}

/// Whether a word alone names a substance. Words of up to four letters do not: "oil", "egg", "acid".
fn is_substance(word: &str) -> bool {
    word.len() > 4 && !is_form(word) && !SHARED_WORDS.split(' ').any(|shared| shared == word)
}

/// Whether a word is a number or tells the form, route, unit or strength.
fn is_form(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_digit()) || FORM_WORDS.split(' ').any(|form| form == word)
}

#[cfg(test)]
#[path = "allergy_check_tests.rs"]
mod tests;
