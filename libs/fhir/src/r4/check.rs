//! Whether JSON is as the table says. It only looks: nothing is mended, and nothing of what it saw is kept or told.

use serde_json::{Map, Value};

use super::elements::{Choice, ELEMENTS, Element, Kind, Type};

impl Type {
    /// Whether an object has all that the type must have, and nothing malformed.
    pub fn fits(&self, fields: &Map<String, Value>) -> bool {
        let told = |name: &&str| fields.get(*name).is_some_and(|value| !value.is_null());
        fields.iter().all(|(name, value)| self.field_fits(name, value))
            && self.required.iter().all(told)
            && self.choices.iter().all(|choice| self.is_one(choice, fields))
    }

    /// A choice has one type at most: of two, nobody could say which is meant.
    fn is_one(&self, choice: &Choice, fields: &Map<String, Value>) -> bool {
        let of_it = |name: &&String| self.element(name).and_then(|one| one.of_choice) == Some(choice.base);
        let made = fields.keys().filter(of_it).count();
        made == 1 || made == 0 && !choice.required
    }

    fn claims(&self, name: &str) -> bool {
        self.choices.iter().any(|choice| choice.claims(name))
    }

    fn field_fits(&self, name: &str, value: &Value) -> bool {
        if let Some(beside) = name.strip_prefix('_') {
            return self.element(beside).is_none_or(|element| element.beside_fits(value));
        }
        match self.element(name) {
            Some(element) => element.fits(value),
            // A choice of a type that it may not have, or in a place that has none (where STU3 had the dose), is not
            // unknown: it would be read as absent.
            None => self.says_anything || !(ELEMENTS.is_chosen(name) || self.claims(name)),
        }
    }
}

impl Element {
    fn fits(&self, value: &Value) -> bool {
        self.each(value, self.is)
    }

    /// `_status` beside `status`: its id and extensions.
    fn beside_fits(&self, value: &Value) -> bool {
        (value.is_null() && !self.many) || self.each(value, Kind::Type("Element"))
    }

    /// Some systems write `null` for what they do not know; in a list it also keeps places. For a choice it is a type
    /// without a value, which is malformed.
    fn each(&self, value: &Value, is: Kind) -> bool {
        match value {
            Value::Array(list) if self.many => list.iter().all(|one| one.is_null() || is.fits(one)),
            Value::Null => !self.many && self.of_choice.is_none(),
            one => !self.many && is.fits(one),
        }
    }
}

impl Kind {
    fn fits(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Primitive(primitive), _) => primitive.fits(value),
            (Self::OneOf(codes), Value::String(text)) => codes.split(' ').any(|code| code == text),
            (Self::Type(name), Value::Object(fields)) => ELEMENTS.of(name).is_some_and(|of| of.fits(fields)),
            (Self::Contained, Value::Object(fields)) => contained(fields),
            _ => false,
        }
    }
}

/// A resource within another. One of a type that we do not read says nothing to us, so that it is let be.
fn contained(fields: &Map<String, Value>) -> bool {
    let named = fields.get("resourceType").and_then(Value::as_str);
    named.is_some_and(|name| ELEMENTS.resource(name).is_none_or(|of| of.fits(fields)))
}
