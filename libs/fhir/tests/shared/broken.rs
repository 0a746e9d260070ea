//! A resource broken in one place, in every way: what is there is of another kind, or gone. And where the peer and we
//! may differ about it, each with the reason why ours is right.

use lcr_fhir::Item;
use serde_json::{Value, json};

use crate::peer;

/// One place in a resource, and the resource with that place broken.
pub struct Broken {
    /// Names of elements down to it; `#` is one of a list. What is contained has its type in brackets.
    pub place: String,
    /// What stands there now, if anything.
    pub wrong: Option<Value>,
    pub resource: Value,
}

/// Where everything of a resource is: its place, and its JSON pointer.
pub fn places(resource: &Value) -> Vec<(String, String)> {
    let named = |value: &Value| value["resourceType"].as_str().unwrap_or_default().to_owned();
    let (mut found, mut to_do) = (vec![], vec![(named(resource), String::new())]);
    while let Some((place, pointer)) = to_do.pop() {
        match resource.pointer(&pointer) {
            Some(Value::Object(fields)) => {
                to_do.extend(fields.keys().map(|key| (format!("{place}.{key}"), format!("{pointer}/{key}"))));
            }
            Some(Value::Array(list)) => to_do.extend(list.iter().enumerate().map(|(at, one)| {
                let kind =
                    if place.ends_with(".contained") { format!("({})", named(one)) } else { String::new() };
                (format!("{place}#{kind}"), format!("{pointer}/{at}"))
            })),
            _ => {}
        }
        found.push((place, pointer));
    }
    found.retain(|(place, _)| place.contains('.') && !place.ends_with(".resourceType"));
    found
}

/// The resource with one place broken, in every way.
pub fn at(resource: &Value, place: &str, pointer: &str) -> Vec<Broken> {
    let wrong =
        [Value::Null, json!(7), json!(-1.5), json!(true), json!("naught"), json!({}), json!([]), json!([7])];
    let mut all: Vec<Broken> = wrong.into_iter().map(|wrong| with(resource, place, pointer, wrong)).collect();
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut without = resource.clone();
    if let Some(fields) = without.pointer_mut(parent).and_then(Value::as_object_mut) {
        fields.remove(name);
        all.push(Broken { place: place.to_owned(), wrong: None, resource: without });
    }
    all.extend(more(resource, place, pointer));
    all
}

/// With a choice more, which the type at this place may not have.
fn more(resource: &Value, place: &str, pointer: &str) -> Vec<Broken> {
    let choices = [
        ("doseQuantity", json!({ "value": 10, "unit": "mg" })),
        ("occurrenceDateTime", json!("2024-02-29")),
        ("valueString", json!("positive")),
    ];
    let with = |(name, value): (&str, Value)| {
        let mut broken = resource.clone();
        let fields = broken.pointer_mut(pointer).and_then(Value::as_object_mut)?;
        fields.entry(name).or_insert_with(|| value.clone());
        Some(Broken { place: format!("{place}.{name}"), wrong: Some(value), resource: broken })
    };
    choices.into_iter().filter_map(with).collect()
}

fn with(resource: &Value, place: &str, pointer: &str, wrong: Value) -> Broken {
    let mut broken = resource.clone();
    *broken.pointer_mut(pointer).unwrap() = wrong.clone();
    Broken { place: place.to_owned(), wrong: Some(wrong), resource: broken }
}

/// The types we read, and thus check when others contain them, as the table has them.
fn is_read(name: &str) -> bool {
    let table = include_str!("../../r4/elements.txt");
    table
        .split_once(&format!("\n{name}\n"))
        .is_some_and(|(_, rest)| rest.lines().take(9).any(|line| line.starts_with("  contained")))
}

/// Choices that the peer reads as absent when they are malformed, and that were not looked at again.
const NOT_LOOKED_AT: [&str; 6] = ["allowed", "bounds", "item", "product", "quantity", "scheduled"];

/// Elements that are no choice and have the name of one, which the peer's check takes for lost when they are empty.
const LIKE_A_CHOICE: [&str; 3] = [".valueSet", ".doseQuantity", ".doseAndRate"];

impl Broken {
    /// The place in words, if we and the peer differ about it for no known reason.
    pub fn unexplained(&self) -> Option<String> {
        let ours = Item::read(self.resource.clone()).is_ok();
        let differ = ours != peer::reads(&self.resource) && self.why(ours).is_none();
        let wrong = self.wrong.as_ref().map_or("gone".to_owned(), Value::to_string);
        differ.then(|| format!("{} is {wrong}: taken by us {ours}", self.place))
    }

    /// Why we take what the peer refuses, or refuse what it takes, if that is known and right.
    pub fn why(&self, taken: bool) -> Option<&'static str> {
        if taken { self.why_taken() } else { self.why_refused() }
    }

    fn why_taken(&self) -> Option<&'static str> {
        let list = self.place.ends_with('#') || self.place.ends_with(')');
        let mut contained = self.place.split('(').skip(1).filter_map(|rest| rest.split(')').next());
        if contained.any(|name| !is_read(name)) {
            return Some("what is contained and of a type we do not read is nobody's business here");
        }
        let empty = [Value::Null, json!({}), json!([])].map(Some).contains(&self.wrong);
        if empty && LIKE_A_CHOICE.iter().any(|end| self.place.ends_with(end)) {
            return Some("it is empty, and no choice");
        }
        if self.place.ends_with(".valueExpression.language") {
            return Some("R4 has any language, and R4B, which the peer knows, a few");
        }
        (list && self.wrong == Some(Value::Null))
            .then_some("null says no more among extensions than among codings")
    }

    fn why_refused(&self) -> Option<&'static str> {
        let is_one = |step: &str, base: &str| {
            step.strip_prefix(base).is_some_and(|rest| rest.starts_with(char::is_uppercase))
        };
        let choice = |step: &str| NOT_LOOKED_AT.iter().any(|base| is_one(step, base));
        let mut steps = self.place.split('.').skip(1);
        match &self.wrong {
            Some(Value::Array(_)) => {
                Some("a list is no object; the peer fills one's fields from it in their order")
            }
            _ if steps.clone().any(choice) => Some("the peer reads this malformed choice as absent"),
            _ if steps.any(|step| step.starts_with('_')) => Some("the peer does not look beside a choice"),
            _ => None,
        }
    }
}
