//! Reads allergies. A refuted allergy is still an entry, so that it is compared with other sources.

use lcr_contracts::record::Detail;
use lcr_fhir::{display, read};
use serde_json::Value;

use super::{
    EntryContent, status,
    text::{onset_or_end, sentence_case, title_or_default},
};

/// SNOMED CT: no known allergy of any kind. A concept for one kind only, such as drugs, is shown as an ordinary entry.
const NO_KNOWN_ALLERGY: &str = "716186003";

pub fn read_allergy(value: &Value) -> EntryContent {
    let clinical =
        status::clinical_status(value).map(sentence_case).or_else(|| read::concept_at(value, "clinicalStatus"));
    let verification =
        status::verification_status(value).map(sentence_case).or_else(|| read::concept_at(value, "verificationStatus"));
    let reactions = read::list(value, "reaction");
    let severe = read::str_at(value, "criticality") == Some("high")
        || reactions.iter().any(|one| read::str_at(one, "severity") == Some("severe"));
    let is_current = !matches!(verification.as_deref(), Some("Refuted"))
        && !matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    let none_known = is_current && read::has_code(value, "code", NO_KNOWN_ALLERGY);
    let says = [verification.clone(), clinical.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    EntryContent {
        title: title_or_default(substance(value)),
        date: onset_or_end(value, "onset").or_else(|| read::text(value, "recordedDate")),
        status: clinical.clone().or_else(|| verification.clone()),
        detail: Detail::Allergy {
            clinical,
            verification,
            reactions: reactions.iter().flat_map(|one| manifestations(one, value)).collect(),
            severe,
            none_known,
        },
        says: (!says.is_empty()).then_some(says),
        notes: reactions.iter().flat_map(|one| read::list(one, "note")).filter_map(display::annotation).collect(),
        ..EntryContent::default()
    }
}

/// The code, or else the substances that the reactions name.
fn substance(value: &Value) -> Option<String> {
    let of_reactions = || {
        let substances = read::list(value, "reaction").iter().filter_map(|one| read::concept_at(one, "substance"));
        let mut substances: Vec<String> = substances.collect();
        substances.dedup();
        (!substances.is_empty()).then(|| substances.join(", "))
    };
    read::concept_at(value, "code").or_else(of_reactions)
}

/// The signs of one reaction. They name the substance if the allergy's own name does not.
fn manifestations(reaction: &Value, allergy: &Value) -> Vec<String> {
    let signs = read::list(reaction, "manifestation").iter().filter_map(|one| display::concept(Some(one)));
    let mut signs: Vec<String> = signs.chain(read::text(reaction, "description")).collect();
    let other_substance = read::concept_at(reaction, "substance").filter(|substance| {
        let name = self::substance(allergy).unwrap_or_default().to_lowercase();
        !name.contains(&substance.to_lowercase())
    });
    if let (Some(substance), Some(last)) = (other_substance, signs.last_mut()) {
        *last = format!("{last} (to {substance})");
    }
    let grade = read::str_at(reaction, "severity").filter(|grade| *grade == "mild" || *grade == "moderate");
    if let (Some(grade), Some(first)) = (grade, signs.first_mut()) {
        *first = format!("{first}, {grade}");
    }
    signs
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_allergy_without_a_code_is_named_by_the_substances_of_its_reactions() {
        let value = json!({ "reaction": [{ "substance": { "text": "Penicillin" }, "severity": "moderate",
            "manifestation": [{ "text": "Rash" }], "description": "Whole body", "note": [{ "text": "Seen by us" }] }] });
        let content = read_allergy(&value);
        assert_eq!(content.title, "Penicillin");
        let Detail::Allergy { reactions, .. } = content.detail else { panic!("an allergy") };
        assert_eq!(reactions, ["Rash, moderate", "Whole body"]);
        assert_eq!(content.notes, ["Seen by us"]);
    }

    #[test]
    fn a_reaction_to_a_more_specific_substance_names_it() {
        let value = json!({ "code": { "text": "Penicillins" }, "reaction": [
            { "substance": { "text": "Flucloxacillin" }, "manifestation": [{ "text": "Anaphylaxis" }] }] });
        let Detail::Allergy { reactions, .. } = read_allergy(&value).detail else { panic!("an allergy") };
        assert_eq!(reactions, ["Anaphylaxis (to Flucloxacillin)"]);
    }
}
