//! A FHIR `Dosage` as a ward writes it: "10 mg on Mondays", "30 mg 1 to 4 times a day, as needed, at most 120 mg a day".
//! The source's own text goes first; nothing that limits or times a dose is left unsaid.

use lcr_fhir::{read, words};
use serde_json::Value;

use super::timing;

/// All instructions of one medicine, in the order the source gives them; `None` without any.
pub fn dosages(instructions: &[Value]) -> Option<String> {
    let place = |dosage: &Value| read::at(dosage, "sequence").and_then(Value::as_i64);
    let mut ordered: Vec<&Value> = instructions.iter().collect();
    ordered.sort_by_key(|dosage| place(dosage));
    let mut sentence = String::new();
    let mut before: Option<i64> = None;
    for dosage in ordered {
        let Some(words) = one(dosage) else { continue };
        let follows = place(dosage).zip(before).is_some_and(|(now, before)| now > before);
        before = place(dosage);
        match (sentence.is_empty(), follows) {
            (true, _) => {}
            (false, true) => sentence += "; then ",
            (false, false) => sentence += "; ",
        }
        sentence += &words;
    }
    (!sentence.is_empty()).then_some(sentence)
}

/// One instruction. Of what its structure says, only that is left out which the source's text says too.
fn one(dosage: &Value) -> Option<String> {
    let text = read::text(dosage, "text");
    let (dose, rate) = (dose(dosage), rate(dosage));
    let mut parts = match &text {
        // A text with an amount of its own and a structure with another contradict: neither is mixed into the other.
        Some(text) if contradicts(text, dose.as_deref()) => {
            let coded = joined(dose.clone(), timing::timing(dosage));
            vec![text.clone(), format!("but coded by the source as {coded}")]
        }
        Some(text) => {
            let amount = dose.clone().filter(|dose| !timing::names_number_of(text, dose));
            vec![text.clone(), joined(amount, timing::beside(text, dosage))]
        }
        None => vec![joined(dose.clone(), timing::timing(dosage))],
    };
    parts.extend(
        rate.clone().filter(|rate| text.as_ref().is_none_or(|text| !timing::names_number_of(text, rate))),
    );
    parts.extend(
        read::concept_at(dosage, "method").filter(|_| text.is_none()).map(|method| method.to_lowercase()),
    );
    parts.extend(read::concept_at(dosage, "site").map(|site| format!("site: {}", site.to_lowercase())));
    parts.extend(
        as_needed(dosage)
            .filter(|needed| text.as_ref().is_none_or(|text| !text.to_lowercase().contains(needed))),
    );
    parts.extend(limits(dosage));
    parts.extend(
        read::list(dosage, "additionalInstruction").iter().filter_map(|one| words::concept(Some(one))),
    );
    parts.extend(read::text(dosage, "patientInstruction"));
    let said = without_repeats(&parts);
    match (said.is_empty(), text.is_none() && dose.is_none() && rate.is_none()) {
        (true, _) => {
            read::at(dosage, "doseAndRate").map(|_| "dose not shown here: see the source".to_owned())
        }
        (false, true) => Some(format!("dose not given, {said}")),
        (false, false) => Some(said),
    }
}

fn contradicts(text: &str, dose: Option<&str>) -> bool {
    let has_amount = text.bytes().any(|byte| byte.is_ascii_digit());
    has_amount && dose.is_some_and(|dose| !timing::names_number_of(text, dose))
}

fn joined(dose: Option<String>, timing: Option<String>) -> String {
    [dose, timing].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Joins the parts; one that repeats an earlier one word for word is said once.
fn without_repeats(parts: &[String]) -> String {
    let mut said: Vec<String> = vec![];
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        if !said.iter().any(|one| one.eq_ignore_ascii_case(part)) {
            said.push(part.to_owned());
        }
    }
    said.join(", ")
}

/// How much at a time: an amount or a range; where ordered and calculated doses are both given, each by its kind.
fn dose(dosage: &Value) -> Option<String> {
    let doses = read::list(dosage, "doseAndRate").iter().filter_map(|one| {
        let amount = read::at(one, "doseQuantity").and_then(words::quantity).map(|dose| dose.whole());
        let amount = amount.or_else(|| read::at(one, "doseRange").and_then(words::range))?;
        Some((amount, read::concept_at(one, "type")))
    });
    let doses: Vec<(String, Option<String>)> = doses.collect();
    match doses.as_slice() {
        [] => None,
        [(amount, _)] => Some(amount.clone()),
        many => {
            let named = many.iter().map(|(amount, kind)| match kind {
                Some(kind) => format!("{amount} ({})", kind.to_lowercase()),
                None => amount.clone(),
            });
            Some(named.collect::<Vec<_>>().join(" or "))
        }
    }
}

fn rate(dosage: &Value) -> Option<String> {
    read::list(dosage, "doseAndRate").iter().find_map(|one| {
        let quantity = read::at(one, "rateQuantity").and_then(words::quantity).map(|rate| rate.whole());
        let rate = quantity
            .or_else(|| read::at(one, "rateRange").and_then(words::range))
            .or_else(|| read::at(one, "rateRatio").and_then(per));
        rate.map(|rate| format!("at {rate}"))
    })
}

fn as_needed(dosage: &Value) -> Option<String> {
    let why = read::concept_at(dosage, "asNeededCodeableConcept");
    let needed = read::at(dosage, "asNeededBoolean") == Some(&Value::Bool(true));
    match (why, needed) {
        (Some(why), _) => Some(format!("as needed for {}", why.to_lowercase())),
        (None, true) => Some("as needed".to_owned()),
        (None, false) => None,
    }
}

/// The most there may be: in a time, at a time, in a lifetime.
fn limits(dosage: &Value) -> Vec<String> {
    let most = |path: &str| read::at(dosage, path).and_then(words::quantity).map(|most| most.whole());
    let in_time = read::at(dosage, "maxDosePerPeriod").and_then(per).map(|most| format!("at most {most}"));
    let at_once = most("maxDosePerAdministration").map(|most| format!("at most {most} at a time"));
    let ever = most("maxDosePerLifetime").map(|most| format!("at most {most} in a lifetime"));
    [in_time, at_once, ever].into_iter().flatten().collect()
}

/// A ratio of an amount to a time: `120 mg a day`, `4 g in 24 hours`.
fn per(ratio: &Value) -> Option<String> {
    let amount = read::at(ratio, "numerator").and_then(words::quantity)?.whole();
    let denominator = read::at(ratio, "denominator");
    let time = denominator.and_then(words::quantity);
    let code = denominator.and_then(|one| read::str_at(one, "code").or_else(|| read::str_at(one, "unit")));
    match (time, code.and_then(timing::unit)) {
        (Some(time), Some(unit)) if time.words == "1" => Some(format!("{amount} {}", unit.each())),
        (Some(time), Some(unit)) => Some(format!("{amount} in {} {}", time.words, unit.many)),
        (Some(time), None) => Some(format!("{amount} in {}", time.whole())),
        (None, _) => Some(amount),
    }
}

#[cfg(test)]
#[path = "dosage_tests.rs"]
mod tests;
