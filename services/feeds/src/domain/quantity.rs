//! Numbers as quantities. Digits stay as they were sent; a number that is written in another way than JSON's keeps
//! its own writing beside it, and one that could mean several numbers has no value but that writing.

use lcr_hl7::Field;
use serde_json::{Map, Number, Value, json};

const ORIGINAL_TEXT: &str = "http://hl7.org/fhir/StructureDefinition/originalText";
/// A number of more characters is none.
const LONGEST: usize = 60;

/// OBX-6, or the second half of a quantity with its unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unit {
    name: Option<String>,
    /// Where the sender says that it is UCUM.
    ucum: Option<String>,
}

impl Unit {
    pub fn of(field: Field<'_>) -> Self {
        let Some(one) = field.first() else { return Self::default() };
        let is_ucum = one.part(3).is_some_and(|system| system.eq_ignore_ascii_case("UCUM"));
        let name = one.part_words(1).or_else(|| one.part_words(2)).or_else(|| one.part_words(9));
        Self { name, ucum: one.part_words(1).filter(|_| is_ucum) }
    }

    pub fn named(name: Option<String>) -> Self {
        Self { name, ucum: None }
    }

    pub fn is_empty(&self) -> bool {
        self.name.is_none()
    }

    /// `text` with the unit behind it.
    pub fn behind(&self, text: &str) -> String {
        self.name.as_ref().map_or_else(|| text.to_owned(), |unit| format!("{text} {unit}"))
    }

    fn into(&self, quantity: &mut Map<String, Value>) {
        quantity.extend(self.name.as_ref().map(|unit| ("unit".to_owned(), json!(unit))));
        if let Some(code) = &self.ucum {
            quantity.insert("system".to_owned(), json!("http://unitsofmeasure.org"));
            quantity.insert("code".to_owned(), json!(code));
        }
    }
}

/// What a text says as a number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Decimal {
    /// In JSON's own writing.
    Exact(Number),
    /// The same number in another writing: `065.88`, `+5`, `.5`.
    Rewritten(Number),
    /// Digits that could be several numbers: `1,250`.
    Unclear,
    /// Words.
    No,
}

fn decimal(text: &str) -> Decimal {
    if text.len() > LONGEST || !text.bytes().any(|byte| byte.is_ascii_digit()) {
        return Decimal::No;
    }
    let number = |text: &str| serde_json::from_str::<Number>(text).ok();
    if let Some(exact) = number(text) {
        // An exponent is written anew.
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
        return number(&format!("{sign}{whole}{point}{fraction}"))
            .map_or(Decimal::Unclear, Decimal::Rewritten);
    }
    let numeric = |c: char| c.is_ascii_digit() || matches!(c, '.' | ',' | '\'' | ' ' | '+' | '-' | '\u{a0}');
    if text.chars().all(numeric) { Decimal::Unclear } else { Decimal::No }
}

/// `text` as a quantity: a comparator, digits, a unit. `None` for words, which are no quantity.
pub fn quantity(text: &str, unit: &Unit) -> Option<Value> {
    let text = text.trim();
    let (comparator, rest) = comparator(text);
    let mut made = Map::new();
    match (decimal(rest), comparator) {
        (Decimal::No, _) => return None,
        (Decimal::Exact(number), sign) => {
            made.insert("value".to_owned(), Value::Number(number));
            made.extend(sign.map(|sign| ("comparator".to_owned(), json!(sign))));
        }
        (Decimal::Rewritten(number), None) => {
            made.insert("value".to_owned(), Value::Number(number));
            made.insert("_value".to_owned(), original_text(text));
        }
        (Decimal::Rewritten(_) | Decimal::Unclear, _) => {
            made.insert("_value".to_owned(), original_text(text));
        }
    }
    unit.into(&mut made);
    Some(Value::Object(made))
}

/// Words that have a unit: a quantity without a value, and the words as they were sent.
pub fn words_with_unit(text: &str, unit: &Unit) -> Value {
    let mut made = Map::from_iter([("_value".to_owned(), original_text(text))]);
    unit.into(&mut made);
    Value::Object(made)
}

/// One end of a range or of a ratio: a number without comparator.
pub fn simple(text: &str, unit: &Unit) -> Option<Value> {
    match decimal(text.trim()) {
        Decimal::Exact(_) | Decimal::Rewritten(_) => quantity(text, unit),
        Decimal::Unclear | Decimal::No => None,
    }
}

fn original_text(text: &str) -> Value {
    json!({ "extension": [{ "url": ORIGINAL_TEXT, "valueString": text }] })
}

/// Laboratories write `<5` as a number too.
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
mod tests {
    use super::*;

    /// (value, comparator, original text), with their digits.
    fn read(text: &str) -> Option<(String, String, String)> {
        let made = quantity(text, &Unit::default())?;
        let show = |value: &Value| match value {
            Value::Null => String::new(),
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        Some((
            show(&made["value"]),
            show(&made["comparator"]),
            show(&made["_value"]["extension"][0]["valueString"]),
        ))
    }

    #[test]
    fn numbers_keep_the_digits_they_were_sent_with() {
        let cases = [
            ("4.0", "4.0", "", ""),
            ("7.40", "7.40", "", ""),
            ("0.010", "0.010", "", ""),
            ("-12", "-12", "", ""),
            ("6.02e23", "6.02e+23", "", "6.02e23"),
            ("12345678901234567890.10", "12345678901234567890.10", "", ""),
            ("<98.50", "98.50", "<", ""),
            ("> 100", "100", ">", ""),
            ("\u{2265}5", "5", ">=", ""),
            ("=<5", "5", "<=", ""),
            ("065.88", "65.88", "", "065.88"),
            ("007", "7", "", "007"),
            ("+5", "5", "", "+5"),
            (".5", "0.5", "", ".5"),
            ("5.", "5", "", "5."),
            ("-.5", "-0.5", "", "-.5"),
            ("0", "0", "", ""),
            ("00", "0", "", "00"),
            ("1,250", "", "", "1,250"),
            ("1 250", "", "", "1 250"),
            ("1.250.000", "", "", "1.250.000"),
            ("5-10", "", "", "5-10"),
            ("<05", "", "", "<05"),
            (">1,000", "", "", ">1,000"),
        ];
        for (text, value, sign, original) in cases {
            let expected = (value.to_owned(), sign.to_owned(), original.to_owned());
            assert_eq!(read(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn words_are_no_number() {
        for text in ["", "haemolysed", "2+ or more", "1:128", "120/80", "<", "-", "١٢"] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
