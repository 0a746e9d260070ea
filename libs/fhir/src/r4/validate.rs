//! Checks JSON against the table of types. It must never change, store or log a value.

use serde_json::{Map, Value};

use super::elements::{Choice, Element, ElementType, TYPES, TypeDefinition};

impl TypeDefinition {
    /// Whether an object has every required element and no malformed one.
    pub fn accepts(&self, fields: &Map<String, Value>) -> bool {
        let is_present = |name: &&str| fields.get(*name).is_some_and(|value| !value.is_null());
        fields.iter().all(|(name, value)| self.accepts_field(name, value))
            && self.required.iter().all(is_present)
            && self.choices.iter().all(|choice| self.is_made_once(choice, fields))
    }

    /// Whether a choice has at most one value, because two values would be ambiguous.
    fn is_made_once(&self, choice: &Choice, fields: &Map<String, Value>) -> bool {
        let is_of_choice = |name: &&String| self.element(name).and_then(|element| element.choice) == Some(choice.base);
        let values = fields.keys().filter(is_of_choice).count();
        values == 1 || values == 0 && !choice.required
    }

    fn has_choice_named(&self, name: &str) -> bool {
        self.choices.iter().any(|choice| choice.matches(name))
    }

    fn accepts_field(&self, name: &str, value: &Value) -> bool {
        if let Some(primitive) = name.strip_prefix('_') {
            return self.element(primitive).is_none_or(|element| element.accepts_extensions(value));
        }
        match self.element(name) {
            Some(element) => element.accepts(value),
            // Unknown fields are accepted, but not a choice with a type it may not have, or in a wrong place (as STU3 has the
            // dose): it would be read as absent.
            None => self.is_open || !(TYPES.is_choice_name(name) || self.has_choice_named(name)),
        }
    }
}

impl Element {
    fn accepts(&self, value: &Value) -> bool {
        self.accepts_each(value, self.data_type)
    }

    /// Checks `_status` beside `status`: the primitive's id and extensions.
    fn accepts_extensions(&self, value: &Value) -> bool {
        (value.is_null() && !self.is_list) || self.accepts_each(value, ElementType::Type("Element"))
    }

    /// Accepts `null` for an unknown value and as a placeholder in a list. For a choice `null` is malformed: it is a type without a
    /// value.
    fn accepts_each(&self, value: &Value, data_type: ElementType) -> bool {
        match value {
            Value::Array(list) if self.is_list => list.iter().all(|one| one.is_null() || data_type.accepts(one)),
            Value::Null => !self.is_list && self.choice.is_none(),
            one => !self.is_list && data_type.accepts(one),
        }
    }
}

impl ElementType {
    fn accepts(self, value: &Value) -> bool {
        match (self, value) {
            (Self::Primitive(primitive), _) => primitive.accepts(value),
            (Self::OneOf(codes), Value::String(text)) => codes.split(' ').any(|code| code == text),
            (Self::Type(name), Value::Object(fields)) => {
                TYPES.get(name).is_some_and(|definition| definition.accepts(fields))
            }
            (Self::Contained, Value::Object(fields)) => accepts_contained(fields),
            _ => false,
        }
    }
}

/// Checks a contained resource. A type that we do not read is accepted unchecked.
fn accepts_contained(fields: &Map<String, Value>) -> bool {
    let name = fields.get("resourceType").and_then(Value::as_str);
    name.is_some_and(|name| TYPES.resource(name).is_none_or(|definition| definition.accepts(fields)))
}
