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
#[path = "allergies_tests.rs"]
mod tests;
