//! Converts numbers to FHIR quantities. The digits must never change: a number in another notation keeps its original
//! text beside the value, and an ambiguous number has only its original text.

use lcr_hl7::Field;
use serde_json::{Map, Number, Value, json};

const ORIGINAL_TEXT: &str = "http://hl7.org/fhir/StructureDefinition/originalText";
/// A longer text is no number.
const MAX_NUMBER_BYTES: usize = 60;

/// A unit, from OBX-6 or from the second component of CQ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    name: Option<String>,
    /// The code, if the sender says that it is UCUM.
    ucum: Option<String>,
}

impl Unit {
    pub fn from_field(field: Field<'_>) -> Self {
        let Some(one) = field.first() else { return Self::default() };
        let is_ucum = one.component(3).is_some_and(|system| system.eq_ignore_ascii_case("UCUM"));
        let name = one.component_text(1).or_else(|| one.component_text(2)).or_else(|| one.component_text(9));
        Self { name, ucum: one.component_text(1).filter(|_| is_ucum) }
    }

    pub fn named(name: Option<String>) -> Self {
        Self { name, ucum: None }
    }

    pub fn is_empty(&self) -> bool {
        self.name.is_none()
    }

    /// Appends the unit to `text`.
    pub fn append_to(&self, text: &str) -> String {
        self.name.as_ref().map_or_else(|| text.to_owned(), |unit| format!("{text} {unit}"))
    }

    fn write_into(&self, quantity: &mut Map<String, Value>) {
        quantity.extend(self.name.as_ref().map(|unit| ("unit".to_owned(), json!(unit))));
        if let Some(code) = &self.ucum {
            quantity.insert("system".to_owned(), json!("http://unitsofmeasure.org"));
            quantity.insert("code".to_owned(), json!(code));
        }
    }
}

/// A text read as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decimal {
    /// The text is the number in JSON notation.
    Exact(Number),
    /// The text is a number in another notation: `065.88`, `+5`, `.5`.
    Rewritten(Number),
    /// The digits could mean several numbers: `1,250`.
    Ambiguous,
    /// The text is no number.
    NotNumeric,
}

fn decimal(text: &str) -> Decimal {
    if text.len() > MAX_NUMBER_BYTES || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Decimal::NotNumeric;
    }
    let number = |text: &str| serde_json::from_str::<Number>(text).ok();
    if let Some(exact) = number(text) {
        // serde_json rewrites an exponent.
        return if exact.to_string() == text { Decimal::Exact(exact) } else { Decimal::Rewritten(exact) };
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if is_digits(whole) && is_digits(fraction) {
        let whole = Some(whole.trim_start_matches('0')).filter(|rest| !rest.is_empty()).unwrap_or("0");
        let point = if fraction.is_empty() { "" } else { "." };
        return number(&format!("{sign}{whole}{point}{fraction}")).map_or(Decimal::Ambiguous, Decimal::Rewritten);
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '+' | '-' | '\u{a0}');
    if text.chars().all(numeric) { Decimal::Ambiguous } else { Decimal::NotNumeric }
}

/// Reads `text` as a quantity: comparator, digits and unit. `None` if it is no number.
pub fn quantity(text: &str, unit: &Unit) -> Option<Value> {
    let text = text.trim();
    let (comparator, rest) = comparator(text);
    let mut made = Map::new();
    match (decimal(rest), comparator) {
        (Decimal::NotNumeric, _) => return None,
        (Decimal::Exact(number), sign) => {
            made.insert("value".to_owned(), Value::Number(number));
            made.extend(sign.map(|sign| ("comparator".to_owned(), json!(sign))));
        }
        (Decimal::Rewritten(number), None) => {
            made.insert("value".to_owned(), Value::Number(number));
            made.insert("_value".to_owned(), original_text(text));
        }
        (Decimal::Rewritten(_) | Decimal::Ambiguous, _) => {
            made.insert("_value".to_owned(), original_text(text));
        }
    }
    unit.write_into(&mut made);
    Some(Value::Object(made))
}

/// Text with a unit: a quantity without a value, with the original text.
pub fn words_with_unit(text: &str, unit: &Unit) -> Value {
    let mut made = Map::from_iter([("_value".to_owned(), original_text(text))]);
    unit.write_into(&mut made);
    Value::Object(made)
}

/// One end of a range or a ratio: a number without a comparator.
pub fn plain_quantity(text: &str, unit: &Unit) -> Option<Value> {
    match decimal(text.trim()) {
        Decimal::Exact(_) | Decimal::Rewritten(_) => quantity(text, unit),
        Decimal::Ambiguous | Decimal::NotNumeric => None,
    }
}

fn original_text(text: &str) -> Value {
    json!({ "extension": [{ "url": ORIGINAL_TEXT, "valueString": text }] })
}

/// Splits a comparator from a number, because laboratories send `<5` as a number too.
pub fn comparator(text: &str) -> (Option<&'static str>, &str) {
    const SIGNS: [(&str, &str); 8] = [
        ("<=", "<="),
        ("=<", "<="),
        ("\u{2264}", "<="),
        (">=", ">="),
        ("=>", ">="),
        ("\u{2265}", ">="),
        ("<", "<"),
        (">", ">"),
    ];
    let found = SIGNS.iter().find_map(|(written, sign)| Some((*sign, text.strip_prefix(written)?)));
    found.map_or((None, text), |(sign, rest)| (Some(sign), rest.trim_start()))
}

#[cfg(test)]
#[path = "quantity_tests.rs"]
mod tests;
