//! Filters (RFC 7644, section 3.4.2.2), evaluated against a resource. Pure. `parser` reads them. No resource may cause
//! a panic.

mod parser;

use std::cmp::Ordering;

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{attribute, path::AttributePath};

pub use parser::parse;

/// A comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    Equal,
    NotEqual,
    Contains,
    StartsWith,
    EndsWith,
    Greater,
    GreaterOrEqual,
    Less,
    LessOrEqual,
}

impl Operator {
    fn of_name(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "eq" => Self::Equal,
            "ne" => Self::NotEqual,
            "co" => Self::Contains,
            "sw" => Self::StartsWith,
            "ew" => Self::EndsWith,
            "gt" => Self::Greater,
            "ge" => Self::GreaterOrEqual,
            "lt" => Self::Less,
            "le" => Self::LessOrEqual,
            _ => return None,
        })
    }
}

/// A filter.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    And(Box<Filter>, Box<Filter>),
    Or(Box<Filter>, Box<Filter>),
    Not(Box<Filter>),
    Present(AttributePath),
    Compare {
        path: AttributePath,
        operator: Operator,
        value: Value,
    },
    /// An element of a multi-valued attribute that matches.
    Element {
        path: AttributePath,
        filter: Box<Filter>,
    },
}

impl Filter {
    /// Whether a resource, or an element of a multi-valued attribute, matches.
    pub fn matches(&self, resource: &Map<String, Value>) -> bool {
        match self {
            Self::And(first, second) => first.matches(resource) && second.matches(resource),
            Self::Or(first, second) => first.matches(resource) || second.matches(resource),
            Self::Not(inner) => !inner.matches(resource),
            Self::Present(path) => values(resource, path).into_iter().any(is_present),
            Self::Compare { path, operator: Operator::NotEqual, value } => {
                !values(resource, path).into_iter().any(|one| is_equal(one, value, is_case_exact(path)))
            }
            Self::Compare { path, operator, value } => {
                values(resource, path).into_iter().any(|one| compares(one, *operator, value, is_case_exact(path)))
            }
            Self::Element { path, filter } => {
                let elements = attribute(resource, &path.name).and_then(Value::as_array);
                elements.into_iter().flatten().filter_map(Value::as_object).any(|element| filter.matches(element))
            }
        }
    }

    /// The value that the attribute must have for anything to match, if the filter says so.
    pub fn required_text(&self, name: &str) -> Option<&str> {
        match self {
            Self::And(first, second) => first.required_text(name).or_else(|| second.required_text(name)),
            Self::Compare { path, operator: Operator::Equal, value } => {
                let is_it = !path.foreign && path.sub.is_none() && path.name.eq_ignore_ascii_case(name);
                value.as_str().filter(|_| is_it)
            }
            _ => None,
        }
    }

    /// The attributes of the element that the filter describes. `None` if it describes more than one.
    pub fn described_element(&self) -> Option<Map<String, Value>> {
        match self {
            Self::And(first, second) => {
                let mut element = first.described_element()?;
                element.extend(second.described_element()?);
                Some(element)
            }
            Self::Compare { path, operator: Operator::Equal, value } if path.sub.is_none() && !path.foreign => {
                Some(Map::from_iter([(path.name.clone(), value.clone())]))
            }
            _ => None,
        }
    }
}

/// Ids are compared letter by letter; everything else in any case.
fn is_case_exact(path: &AttributePath) -> bool {
    path.name.eq_ignore_ascii_case("id") || path.name.eq_ignore_ascii_case("externalId")
}

/// The values of an attribute: each of a multi-valued one, and of a complex one without a sub-attribute its `value`.
fn values<'a>(resource: &'a Map<String, Value>, path: &AttributePath) -> Vec<&'a Value> {
    let found = if path.foreign { None } else { attribute(resource, &path.name) };
    let each: Vec<&Value> = match found {
        Some(Value::Array(elements)) => elements.iter().collect(),
        Some(value) => vec![value],
        None => vec![],
    };
    let sub = |value: &'a Value| match (value, &path.sub) {
        (Value::Object(members), Some(sub)) => attribute(members, sub),
        (Value::Object(members), None) => Some(attribute(members, "value").unwrap_or(value)),
        (_, Some(_)) => None,
        (value, None) => Some(value),
    };
    each.into_iter().filter_map(sub).collect()
}

fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(elements) => !elements.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn is_equal(value: &Value, wanted: &Value, case_exact: bool) -> bool {
    match (value, wanted) {
        (Value::String(value), Value::String(wanted)) if case_exact => value == wanted,
        (Value::String(value), Value::String(wanted)) => value.to_lowercase() == wanted.to_lowercase(),
        // Entra writes truth values as texts.
        (Value::Bool(truth), Value::String(text)) | (Value::String(text), Value::Bool(truth)) => {
            text.eq_ignore_ascii_case(if *truth { "true" } else { "false" })
        }
        (value, wanted) => value == wanted,
    }
}

fn compares(value: &Value, operator: Operator, wanted: &Value, case_exact: bool) -> bool {
    if operator == Operator::Equal {
        return is_equal(value, wanted, case_exact);
    }
    let (Some(value), Some(wanted)) = (value.as_str(), wanted.as_str()) else { return false };
    let fold = |text: &str| if case_exact { text.to_owned() } else { text.to_lowercase() };
    let (left, right) = (fold(value), fold(wanted));
    let order = match (value.parse::<Timestamp>(), wanted.parse::<Timestamp>()) {
        (Ok(one), Ok(other)) => one.cmp(&other),
        _ => left.cmp(&right),
    };
    match operator {
        Operator::Contains => left.contains(&right),
        Operator::StartsWith => left.starts_with(&right),
        Operator::EndsWith => left.ends_with(&right),
        Operator::Greater => order == Ordering::Greater,
        Operator::GreaterOrEqual => order != Ordering::Less,
        Operator::Less => order == Ordering::Less,
        Operator::LessOrEqual => order != Ordering::Greater,
        Operator::Equal | Operator::NotEqual => order != Ordering::Equal,
    }
}

#[cfg(test)]
#[path = "filter_tests.rs"]
mod tests;
