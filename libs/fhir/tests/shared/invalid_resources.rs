//! Breaks a resource in one place in every way: another type, or missing. Every accepted difference from the peer must have the
//! reason why we are right.

use lcr_fhir::Item;
use serde_json::{Value, json};

use crate::peer;

/// One place in a resource, and the resource with that place broken.
pub struct InvalidResource {
    /// The names of the elements that lead to it. `#` is a list item; a contained resource has its type in brackets.
    pub place: String,
    /// The wrong value; `None` if the element was removed.
    pub wrong: Option<Value>,
    pub resource: Value,
}

/// Every place in a resource, with its JSON pointer.
pub fn places(resource: &Value) -> Vec<(String, String)> {
    let named = |value: &Value| value["resourceType"].as_str().unwrap_or_default().to_owned();
    let (mut found, mut to_do) = (vec![], vec![(named(resource), String::new())]);
    while let Some((place, pointer)) = to_do.pop() {
        match resource.pointer(&pointer) {
            Some(Value::Object(fields)) => {
                to_do.extend(fields.keys().map(|key| (format!("{place}.{key}"), format!("{pointer}/{key}"))));
            }
            Some(Value::Array(list)) => to_do.extend(list.iter().enumerate().map(|(at, one)| {
                let kind = if place.ends_with(".contained") { format!("({})", named(one)) } else { String::new() };
                (format!("{place}#{kind}"), format!("{pointer}/{at}"))
            })),
            _ => {}
        }
        found.push((place, pointer));
    }
    found.retain(|(place, _)| place.contains('.') && !place.ends_with(".resourceType"));
    found
}

/// Breaks one place in every way.
pub fn at(resource: &Value, place: &str, pointer: &str) -> Vec<InvalidResource> {
    let wrong = [Value::Null, json!(7), json!(-1.5), json!(true), json!("naught"), json!({}), json!([]), json!([7])];
    let mut all: Vec<InvalidResource> = wrong.into_iter().map(|wrong| with(resource, place, pointer, wrong)).collect();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut without = resource.clone();
    if let Some(fields) = without.pointer_mut(parent).and_then(Value::as_object_mut) {
        fields.remove(name);
        all.push(InvalidResource { place: place.to_owned(), wrong: None, resource: without });
    }
    all.extend(with_wrong_choice(resource, place, pointer));
    all
}

/// Adds a choice that the type at this place may not have.
fn with_wrong_choice(resource: &Value, place: &str, pointer: &str) -> Vec<InvalidResource> {
    let choices = [
        ("doseQuantity", json!({ "value": 10, "unit": "mg" })),
        ("occurrenceDateTime", json!("2024-02-29")),
        ("valueString", json!("positive")),
    ];
    let with = |(name, value): (&str, Value)| {
        let mut broken = resource.clone();
        let fields = broken.pointer_mut(pointer).and_then(Value::as_object_mut)?;
        fields.entry(name).or_insert_with(|| value.clone());
        Some(InvalidResource { place: format!("{place}.{name}"), wrong: Some(value), resource: broken })
    };
    choices.into_iter().filter_map(with).collect()
}

fn with(resource: &Value, place: &str, pointer: &str, wrong: Value) -> InvalidResource {
    let mut broken = resource.clone();
    *broken.pointer_mut(pointer).unwrap() = wrong.clone();
    InvalidResource { place: place.to_owned(), wrong: Some(wrong), resource: broken }
}

/// Whether the table has this resource type, so that it is checked when contained.
fn is_read(name: &str) -> bool {
    let table = include_str!("../../r4/elements.txt");
    table
        .split_once(&format!("\n{name}\n"))
        .is_some_and(|(_, rest)| rest.lines().take(9).any(|line| line.starts_with("  contained")))
}

/// Choices that the peer reads as absent if malformed, and that `peer.rs` does not compare.
const NOT_COMPARED: [&str; 6] = ["allowed", "bounds", "item", "product", "quantity", "scheduled"];

/// Elements named like a choice, which `peer.rs` takes for a lost choice when they are empty.
const LIKE_A_CHOICE: [&str; 3] = [".valueSet", ".doseQuantity", ".doseAndRate"];

impl InvalidResource {
    /// Describes the place if we and the peer differ for no known reason.
    pub fn unexplained(&self) -> Option<String> {
        let ours = Item::read(self.resource.clone()).is_ok();
        let differ = ours != peer::reads(&self.resource) && self.reason(ours).is_none();
        let wrong = self.wrong.as_ref().map_or("gone".to_owned(), Value::to_string);
        differ.then(|| format!("{} is {wrong}: accepted by us {ours}", self.place))
    }

    /// The reason why we differ from the peer, if known.
    pub fn reason(&self, accepted: bool) -> Option<&'static str> {
        if accepted { self.reason_accepted() } else { self.reason_refused() }
    }

    fn reason_accepted(&self) -> Option<&'static str> {
        let list = self.place.ends_with('#') || self.place.ends_with(')');
        let mut contained = self.place.split('(').skip(1).filter_map(|rest| rest.split(')').next());
        if contained.any(|name| !is_read(name)) {
            return Some("a contained resource of a type we do not read is not checked");
        }
        let empty = [Value::Null, json!({}), json!([])].map(Some).contains(&self.wrong);
        if empty && LIKE_A_CHOICE.iter().any(|end| self.place.ends_with(end)) {
            return Some("it is empty, and not a choice");
        }
        if self.place.ends_with(".valueExpression.language") {
            return Some("R4 has any language, and R4B, which the peer knows, a few");
        }
        (list && self.wrong == Some(Value::Null)).then_some("null is a placeholder in any list")
    }

    fn reason_refused(&self) -> Option<&'static str> {
        let starts_choice =
            |step: &str, base: &str| step.strip_prefix(base).is_some_and(|rest| rest.starts_with(char::is_uppercase));
        let is_choice = |step: &str| NOT_COMPARED.iter().any(|base| starts_choice(step, base));
        let mut steps = self.place.split('.').skip(1);
        match &self.wrong {
            Some(Value::Array(_)) => {
                Some("a list is not an object; the peer fills an object's fields from it in order")
            }
            _ if steps.clone().any(is_choice) => Some("the peer reads this malformed choice as absent"),
            _ if steps.any(|step| step.starts_with('_')) => Some("the peer does not check the extensions of a choice"),
            _ => None,
        }
    }
}
