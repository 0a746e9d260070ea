//! Allergies and diagnoses. A refuted allergy is still an entry: it must be seen to contradict. A ruled-out or
//! family diagnosis is not in the list (portal.md).

use lcr_contracts::record::Detail;
use lcr_fhir::{date_words, read, words};
use serde_json::Value;

use super::{Said, named, standing, words as sentence};

/// The one SNOMED CT concept that says no allergy of any kind is known. Those of one kind (drugs, environment)
/// are entries to repeat, neither an allergy nor none.
const NONE_KNOWN: &str = "716186003";

pub fn allergy(value: &Value) -> Said {
    let clinical =
        standing::clinical(value).map(sentence).or_else(|| read::concept_at(value, "clinicalStatus"));
    let verification =
        standing::verification(value).map(sentence).or_else(|| read::concept_at(value, "verificationStatus"));
    let reactions = read::list(value, "reaction");
    let severe = read::str_at(value, "criticality") == Some("high")
        || reactions.iter().any(|one| read::str_at(one, "severity") == Some("severe"));
    let stands = !matches!(verification.as_deref(), Some("Refuted"))
        && !matches!(clinical.as_deref(), Some("Inactive" | "Resolved"));
    let none_known = stands && read::has_code(value, "code", NONE_KNOWN);
    let says = [verification.clone(), clinical.clone()].into_iter().flatten().collect::<Vec<_>>().join(", ");
    Said {
        title: named(substance(value)),
        date: onset(value, "onset").or_else(|| read::text(value, "recordedDate")),
        status: clinical.clone().or_else(|| verification.clone()),
        detail: Detail::Allergy {
            clinical,
            verification,
            reactions: reactions.iter().flat_map(|one| manifestations(one, value)).collect(),
            severe,
            none_known,
        },
        says: (!says.is_empty()).then_some(says),
        notes: reactions
            .iter()
            .flat_map(|one| read::list(one, "note"))
            .filter_map(words::annotation)
            .collect(),
        ..Said::default()
    }
}

/// What the person reacts to: the code, else the substances that its reactions name.
fn substance(value: &Value) -> Option<String> {
    let of_reactions = || {
        let substances =
            read::list(value, "reaction").iter().filter_map(|one| read::concept_at(one, "substance"));
        let mut substances: Vec<String> = substances.collect();
        substances.dedup();
        (!substances.is_empty()).then(|| substances.join(", "))
    };
    read::concept_at(value, "code").or_else(of_reactions)
}

/// One reaction's signs, with the substance where the allergy's own name does not say it.
fn manifestations(reaction: &Value, allergy: &Value) -> Vec<String> {
    let signs = read::list(reaction, "manifestation").iter().filter_map(|one| words::concept(Some(one)));
    let mut signs: Vec<String> = signs.chain(read::text(reaction, "description")).collect();
    let named_otherwise = read::concept_at(reaction, "substance").filter(|substance| {
        let name = self::substance(allergy).unwrap_or_default().to_lowercase();
        !name.contains(&substance.to_lowercase())
    });
    if let (Some(substance), Some(last)) = (named_otherwise, signs.last_mut()) {
        *last = format!("{last} (to {substance})");
    }
    let grade = read::str_at(reaction, "severity").filter(|grade| *grade == "mild" || *grade == "moderate");
    if let (Some(grade), Some(first)) = (grade, signs.first_mut()) {
        *first = format!("{first}, {grade}");
    }
    signs
}

/// `onset[x]` or `abatement[x]` as a date where it is one, else in words.
fn onset(value: &Value, of: &str) -> Option<String> {
    let text = |kind: &str| read::text(value, &format!("{of}{kind}"));
    let age = |kind: &str| read::at(value, &format!("{of}{kind}"));
    text("DateTime")
        .or_else(|| read::text(value, &format!("{of}Period.start")))
        .or_else(|| text("String"))
        .or_else(|| age("Age").and_then(words::quantity).map(|age| format!("at the age of {}", years(&age))))
        .or_else(|| age("Range").and_then(words::range).map(|age| format!("at the age of {age}")))
        .or_else(|| age("Period").and_then(words::period))
}

fn years(age: &words::Amount) -> String {
    match age.unit.as_deref() {
        Some("a") | None => age.words.clone(),
        Some(unit) => format!("{} {unit}", age.words),
    }
}

pub fn condition(value: &Value) -> Said {
    let certainty = standing::verification(value).map(|code| match code {
        "confirmed" => "Confirmed".to_owned(),
        "unconfirmed" | "provisional" | "differential" => "Suspected".to_owned(),
        other => sentence(other),
    });
    let clinical = standing::clinical(value).map(|code| match code {
        "active" | "recurrence" | "relapse" => "Active".to_owned(),
        _ => "Past".to_owned(),
    });
    let certainty = certainty.or_else(|| read::concept_at(value, "verificationStatus"));
    let clinical = clinical.or_else(|| read::concept_at(value, "clinicalStatus"));
    let encounter = read::text(value, "encounter.reference").map(|to| ("recorded during", to));
    let until = read::str_at(value, "onsetPeriod.end").map(|end| ("Onset until".to_owned(), date_words(end)));
    Said {
        title: named(read::concept_at(value, "code")),
        date: onset(value, "onset").or_else(|| read::text(value, "recordedDate")),
        status: clinical.clone(),
        says: clinical.clone(),
        detail: Detail::Diagnosis {
            clinical,
            certainty,
            ended: ended(value),
            only_recorded: onset(value, "onset").is_none(),
        },
        more: until.into_iter().collect(),
        links: encounter.into_iter().collect(),
        ..Said::default()
    }
}

fn ended(value: &Value) -> Option<String> {
    read::text(value, "abatementPeriod.end").or_else(|| onset(value, "abatement")).or_else(|| match read::at(
        value,
        "abatementBoolean",
    ) {
        Some(Value::Bool(true)) => Some("ended, date not given".to_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_allergy_without_a_code_is_named_by_what_its_reactions_name() {
        let value = json!({ "reaction": [{ "substance": { "text": "Penicillin" }, "severity": "moderate",
            "manifestation": [{ "text": "Rash" }], "description": "Whole body", "note": [{ "text": "Seen by us" }] }] });
        let said = allergy(&value);
        assert_eq!(said.title, "Penicillin");
        let Detail::Allergy { reactions, .. } = said.detail else { panic!("an allergy") };
        assert_eq!(reactions, ["Rash, moderate", "Whole body"]);
        assert_eq!(said.notes, ["Seen by us"]);
    }

    #[test]
    fn a_reaction_to_something_more_exact_than_the_allergy_says_to_what() {
        let value = json!({ "code": { "text": "Penicillins" }, "reaction": [
            { "substance": { "text": "Flucloxacillin" }, "manifestation": [{ "text": "Anaphylaxis" }] }] });
        let Detail::Allergy { reactions, .. } = allergy(&value).detail else { panic!("an allergy") };
        assert_eq!(reactions, ["Anaphylaxis (to Flucloxacillin)"]);
    }

    #[test]
    fn every_form_of_onset_and_end_is_said() {
        for (fields, date) in [
            (json!({ "onsetDateTime": "2026-01" }), "2026-01"),
            (json!({ "onsetPeriod": { "start": "2025", "end": "2026" } }), "2025"),
            (json!({ "onsetString": "in childhood" }), "in childhood"),
            (json!({ "onsetAge": { "value": 7, "code": "a" } }), "at the age of 7"),
            (
                json!({ "onsetRange": { "low": { "value": 6 }, "high": { "value": 8 } } }),
                "at the age of 6 to 8",
            ),
            (json!({ "recordedDate": "2026-02-03" }), "2026-02-03"),
        ] {
            assert_eq!(condition(&fields).date.as_deref(), Some(date), "{fields}");
        }
        let ended_of = |fields: Value| match condition(&fields).detail {
            Detail::Diagnosis { ended, .. } => ended,
            _ => None,
        };
        assert_eq!(ended_of(json!({ "abatementDateTime": "2026-02" })).as_deref(), Some("2026-02"));
        assert_eq!(ended_of(json!({ "abatementString": "last year" })).as_deref(), Some("last year"));
        assert_eq!(
            ended_of(json!({ "abatementAge": { "value": 9, "code": "a" } })).as_deref(),
            Some("at the age of 9")
        );
    }
}
