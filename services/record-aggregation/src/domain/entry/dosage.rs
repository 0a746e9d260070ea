//! Puts a FHIR `Dosage` into a ward's words: "10 mg on Mondays", "30 mg 1 to 4 times a day, as needed, at most 120 mg a
//! day". The source's own text comes first. It never leaves out a limit or a timing.

use lcr_fhir::{display, read};
use serde_json::Value;

use super::timing;

/// All instructions of one medication, in the source's order. `None` if there are none.
pub fn dosage_text(instructions: &[Value]) -> Option<String> {
    let sequence = |dosage: &Value| read::at(dosage, "sequence").and_then(Value::as_i64);
    let mut ordered: Vec<&Value> = instructions.iter().collect();
    ordered.sort_by_key(|dosage| sequence(dosage));
    let mut sentence = String::new();
    let mut previous: Option<i64> = None;
    for dosage in ordered {
        let Some(words) = instruction_text(dosage) else { continue };
        let follows = sequence(dosage).zip(previous).is_some_and(|(this, previous)| this > previous);
        previous = sequence(dosage);
        match (sentence.is_empty(), follows) {
            (true, _) => {}
            (false, true) => sentence += "; then ",
            (false, false) => sentence += "; ",
        }
        sentence += &words;
    }
    (!sentence.is_empty()).then_some(sentence)
}

/// One instruction. It omits a coded part only if the source's text says the same.
fn instruction_text(dosage: &Value) -> Option<String> {
    let text = read::text(dosage, "text");
    let (dose, rate) = (dose_text(dosage), rate_text(dosage));
    let mut parts = match &text {
        // The text and the coded dose give different amounts. Both are shown, and neither is mixed into the other.
        Some(text) if contradicts_dose(text, dose.as_deref()) => {
            let coded = join_dose_and_timing(dose.clone(), timing::dosage_timing(dosage));
            vec![text.clone(), format!("but coded by the source as {coded}")]
        }
        Some(text) => {
            let amount = dose.clone().filter(|dose| !timing::contains_number_of(text, dose));
            vec![text.clone(), join_dose_and_timing(amount, timing::timing_beyond_text(text, dosage))]
        }
        None => vec![join_dose_and_timing(dose.clone(), timing::dosage_timing(dosage))],
    };
    parts.extend(rate.clone().filter(|rate| text.as_ref().is_none_or(|text| !timing::contains_number_of(text, rate))));
    parts.extend(read::concept_at(dosage, "method").filter(|_| text.is_none()).map(|method| method.to_lowercase()));
    parts.extend(read::concept_at(dosage, "site").map(|site| format!("site: {}", site.to_lowercase())));
    parts.extend(
        as_needed_text(dosage).filter(|needed| text.as_ref().is_none_or(|text| !text.to_lowercase().contains(needed))),
    );
    parts.extend(limit_texts(dosage));
    parts.extend(read::list(dosage, "additionalInstruction").iter().filter_map(|one| display::concept(Some(one))));
    parts.extend(read::text(dosage, "patientInstruction"));
    let words = join_without_repeats(&parts);
    match (words.is_empty(), text.is_none() && dose.is_none() && rate.is_none()) {
        (true, _) => read::at(dosage, "doseAndRate").map(|_| "dose not shown here: see the source".to_owned()),
        (false, true) => Some(format!("dose not given, {words}")),
        (false, false) => Some(words),
    }
}

fn contradicts_dose(text: &str, dose: Option<&str>) -> bool {
    let has_amount = text.bytes().any(|byte| byte.is_ascii_digit());
    has_amount && dose.is_some_and(|dose| !timing::contains_number_of(text, dose))
}

fn join_dose_and_timing(dose: Option<String>, timing: Option<String>) -> String {
    [dose, timing].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Joins the parts, without a part that repeats an earlier one word for word.
fn join_without_repeats(parts: &[String]) -> String {
    let mut unique: Vec<String> = vec![];
    for part in parts.iter().map(|part| part.trim()).filter(|part| !part.is_empty()) {
        if !unique.iter().any(|other| other.eq_ignore_ascii_case(part)) {
            unique.push(part.to_owned());
        }
    }
    unique.join(", ")
}

/// The amount or range at a time. Ordered and calculated doses are both shown, each with its type.
fn dose_text(dosage: &Value) -> Option<String> {
    let doses = read::list(dosage, "doseAndRate").iter().filter_map(|one| {
        let amount = read::at(one, "doseQuantity").and_then(display::quantity).map(|dose| dose.with_unit());
        let amount = amount.or_else(|| read::at(one, "doseRange").and_then(display::range))?;
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

fn rate_text(dosage: &Value) -> Option<String> {
    read::list(dosage, "doseAndRate").iter().find_map(|one| {
        let quantity = read::at(one, "rateQuantity").and_then(display::quantity).map(|rate| rate.with_unit());
        let rate = quantity
            .or_else(|| read::at(one, "rateRange").and_then(display::range))
            .or_else(|| read::at(one, "rateRatio").and_then(amount_per_time));
        rate.map(|rate| format!("at {rate}"))
    })
}

fn as_needed_text(dosage: &Value) -> Option<String> {
    let why = read::concept_at(dosage, "asNeededCodeableConcept");
    let needed = read::at(dosage, "asNeededBoolean") == Some(&Value::Bool(true));
    match (why, needed) {
        (Some(why), _) => Some(format!("as needed for {}", why.to_lowercase())),
        (None, true) => Some("as needed".to_owned()),
        (None, false) => None,
    }
}

/// The maximum doses: per period, at a time and in a lifetime.
fn limit_texts(dosage: &Value) -> Vec<String> {
    let most = |path: &str| read::at(dosage, path).and_then(display::quantity).map(|most| most.with_unit());
    let in_time = read::at(dosage, "maxDosePerPeriod").and_then(amount_per_time).map(|most| format!("at most {most}"));
    let at_once = most("maxDosePerAdministration").map(|most| format!("at most {most} at a time"));
    let lifetime = most("maxDosePerLifetime").map(|most| format!("at most {most} in a lifetime"));
    [in_time, at_once, lifetime].into_iter().flatten().collect()
}

/// A ratio of an amount to a time: `120 mg a day`, `4 g in 24 hours`.
fn amount_per_time(ratio: &Value) -> Option<String> {
    let amount = read::at(ratio, "numerator").and_then(display::quantity)?.with_unit();
    let denominator = read::at(ratio, "denominator");
    let time = denominator.and_then(display::quantity);
    let code = denominator.and_then(|one| read::str_at(one, "code").or_else(|| read::str_at(one, "unit")));
    match (time, code.and_then(timing::parse_unit)) {
        (Some(time), Some(unit)) if time.text == "1" => Some(format!("{amount} {}", unit.per_unit())),
        (Some(time), Some(unit)) => Some(format!("{amount} in {} {}", time.text, unit.many)),
        (Some(time), None) => Some(format!("{amount} in {}", time.with_unit())),
        (None, _) => Some(amount),
    }
}

#[cfg(test)]
#[path = "dosage_tests.rs"]
mod tests;
