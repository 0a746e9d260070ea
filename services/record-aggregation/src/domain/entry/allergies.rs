//! Reads allergies. A refuted allergy is still an entry, so that it is compared with other sources.

use lcr_contracts::record::Detail;
use lcr_fhir::{display, format_date, read};
use serde_json::Value;

use super::{
    EntryContent, status,
    text::{onset_or_end, sentence_case, title_or_default},
};

/// What "no known allergies" denies.
const EVERY: &str = "";
/// Codes that deny allergies (SNOMED CT and the International Patient Summary), and what they deny.
const DENIALS: [(&str, &str); 13] = [
    ("716186003", EVERY),
    ("160244002", EVERY),
    ("no-known-allergies", EVERY),
    ("409137002", DRUG),
    ("no-known-medication-allergies", DRUG),
    ("429625007", FOOD),
    ("no-known-food-allergies", FOOD),
    ("428607008", ENVIRONMENT),
    ("no-known-environmental-allergies", ENVIRONMENT),
    ("428197003", "insect"),
    ("716220001", "animal"),
    ("716184000", "latex"),
    ("1003774007", "latex"),
];
const DRUG: &str = "drug";
const FOOD: &str = "food";
const ENVIRONMENT: &str = "environment";
/// Texts without a code that deny every allergy.
const NONE_KNOWN_TEXTS: [&str; 9] = [
    "no known allergies",
    "no known allergy",
    "no known allergies or adverse reactions",
    "no known adverse reactions",
    "none known",
    "nil known",
    "no allergies",
    "no allergy",
    "nka",
];

pub fn read_allergy(value: &Value) -> EntryContent {
    let clinical =
        status::clinical_status(value).map(sentence_case).or_else(|| read::concept_at(value, "clinicalStatus"));
    let verification =
        status::verification_status(value).map(sentence_case).or_else(|| read::concept_at(value, "verificationStatus"));
    let reactions = read::list(value, "reaction");
    let severe = read::str_at(value, "criticality") == Some("high")
        || reactions.iter().any(|one| read::str_at(one, "severity") == Some("severe"));
    let is_current = !matches!(verification.as_deref(), Some("Refuted" | "Entered in error"))
        && !matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    let denied = none_known_of(value);
    // What no longer holds denies nothing, and it is no allergy either.
    let ended_denial = denied.is_some() && !is_current;
    let none_known_of = denied.filter(|_| is_current);
    let onset = onset_or_end(value, "onset");
    let recorded = read::text(value, "recordedDate").or_else(|| read::text(value, "assertedDate"));
    let says = [verification.clone(), clinical.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    EntryContent {
        title: title_or_default(substance(value)),
        more: recorded
            .as_ref()
            .and(onset.as_deref())
            .map(|at| ("Began".to_owned(), format_date(at)))
            .into_iter()
            .collect(),
        date: recorded.or(onset),
        status: clinical.clone().or_else(|| verification.clone()),
        detail: Detail::Allergy {
            clinical,
            verification,
            reactions: reactions.iter().flat_map(|one| manifestations(one, value)).collect(),
            severe,
            none_known: none_known_of.as_deref() == Some(EVERY),
            none_known_of: none_known_of.filter(|of| of != EVERY),
            kinds: kinds(value),
            ended_denial,
        },
        says: (!says.is_empty()).then_some(says),
        notes: reactions.iter().flat_map(|one| read::list(one, "note")).filter_map(display::annotation).collect(),
        ..EntryContent::default()
    }
}

/// What the entry states that none is known of, by its code or else by its text. `None` if it is an allergy.
fn none_known_of(value: &Value) -> Option<String> {
    let coded = DENIALS.iter().find(|(code, _)| read::has_code(value, "code", code)).map(|(_, of)| (*of).to_owned());
    coded.or_else(|| none_known_in_text(&read::concept_at(value, "code")?))
}

/// Reads "no known … allergy". It takes one word for the substance only, so that a text that goes on to name an allergy
/// stays an allergy.
fn none_known_in_text(text: &str) -> Option<String> {
    let lower = text.to_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    if NONE_KNOWN_TEXTS.contains(&words.join(" ").as_str()) {
        return Some(EVERY.to_owned());
    }
    let of = match words.as_slice() {
        ["nkda"] => DRUG,
        ["no" | "nil", "known", of, "allergy" | "allergies"]
        | ["no" | "nil", "known", "allergy" | "allergies", "to", of] => *of,
        _ => return None,
    };
    Some(match of {
        "drug" | "drugs" | "medication" | "medications" | "medicine" | "medicines" => DRUG.to_owned(),
        "food" | "foods" => FOOD.to_owned(),
        "environmental" => ENVIRONMENT.to_owned(),
        of => of.to_owned(),
    })
}

/// The categories in one word each.
fn kinds(value: &Value) -> Vec<String> {
    let kind = |category: &Value| match category.as_str()? {
        "medication" | "biologic" => Some(DRUG.to_owned()),
        "food" => Some(FOOD.to_owned()),
        "environment" => Some(ENVIRONMENT.to_owned()),
        _ => None,
    };
    read::list(value, "category").iter().filter_map(kind).collect()
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
    fn a_none_known_says_what_it_denies() {
        let coded = |code: &str| json!({ "code": { "coding": [{ "code": code }], "text": "as sent" } });
        let text = |text: &str| json!({ "code": { "text": text } });
        for (value, none_known, of) in [
            (coded("716186003"), true, None),
            (coded("no-known-allergies"), true, None),
            (text("No known allergies"), true, None),
            (text("NKA"), true, None),
            (text("None known."), true, None),
            (coded("409137002"), false, Some("drug")),
            (text("NKDA"), false, Some("drug")),
            (text("No known drug allergies"), false, Some("drug")),
            (text("No known allergy to latex"), false, Some("latex")),
            (coded("429625007"), false, Some("food")),
            (text("Penicillin"), false, None),
            (text("No known allergies except penicillin"), false, None),
            (text("No allergies to nuts but penicillin rash"), false, None),
        ] {
            let Detail::Allergy { none_known: all, none_known_of, .. } = read_allergy(&value).detail else {
                panic!("an allergy")
            };
            assert_eq!((all, none_known_of.as_deref()), (none_known, of), "{value}");
        }
    }

    #[test]
    fn a_none_known_that_ended_or_was_refuted_is_neither_an_allergy_nor_a_denial() {
        for (text, clinical, verification, holds) in [
            ("No known allergies", "active", "confirmed", true),
            ("No known allergies", "inactive", "confirmed", false),
            ("No known allergies", "resolved", "confirmed", false),
            ("No known allergies", "active", "refuted", false),
            ("No known allergies", "active", "entered-in-error", false),
            ("No known drug allergies", "resolved", "confirmed", false),
        ] {
            let status = |text: &str| json!({ "text": text });
            let value = json!({ "code": { "text": text }, "clinicalStatus": status(clinical),
                "verificationStatus": status(verification) });
            let Detail::Allergy { none_known, none_known_of, ended_denial, .. } = read_allergy(&value).detail else {
                panic!("an allergy")
            };
            assert_eq!((none_known || none_known_of.is_some(), ended_denial), (holds, !holds), "{value}");
        }
        let penicillin = json!({ "code": { "text": "Penicillin" }, "clinicalStatus": { "text": "resolved" } });
        assert!(matches!(read_allergy(&penicillin).detail, Detail::Allergy { ended_denial: false, .. }));
    }

    #[test]
    fn the_date_is_that_of_the_record_and_the_onset_is_kept() {
        let value = json!({ "code": { "text": "Latex" }, "onsetDateTime": "1999", "recordedDate": "2019-03-12" });
        let content = read_allergy(&value);
        assert_eq!(content.date.as_deref(), Some("2019-03-12"));
        assert_eq!(content.more, [("Began".to_owned(), "1999".to_owned())]);
        assert_eq!(read_allergy(&json!({ "onsetDateTime": "1999" })).date.as_deref(), Some("1999"));
    }

    #[test]
    fn a_reaction_to_a_more_specific_substance_names_it() {
        let value = json!({ "code": { "text": "Penicillins" }, "reaction": [
            { "substance": { "text": "Flucloxacillin" }, "manifestation": [{ "text": "Anaphylaxis" }] }] });
        let Detail::Allergy { reactions, .. } = read_allergy(&value).detail else { panic!("an allergy") };
        assert_eq!(reactions, ["Anaphylaxis (to Flucloxacillin)"]);
    }
}
