//! Further fields of a hospital (S-60): where the profile places them, and whether a profile is valid. Must stay pure.

use std::collections::HashSet;

use crate::registry::{Feed, FurtherField};

/// The most further fields of one hospital: each may be a column.
const MOST_FIELDS: usize = 30;
const LONGEST_KEY: usize = 40;
const LONGEST_LABEL: usize = 60;

/// PID fields with an address or a telephone number: no list may show them, least of all of a restricted person.
const ADDRESS_AND_PHONES: [usize; 3] = [11, 13, 14];

/// The place of a further field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FieldPlace<'f> {
    /// `ZPV-3`, `ZPV-3.2`.
    Segment { name: &'f str, field: usize, component: usize },
    /// `OBX:NEWS`: OBX-5 of the OBX whose OBX-3.1 is the code.
    Observation(&'f str),
    /// `extension:<url>` of a FHIR Encounter.
    Extension(&'f str),
}

impl FurtherField {
    /// Parses `from`; `None` if it is invalid.
    pub fn place(&self) -> Option<FieldPlace<'_>> {
        if let Some(url) = self.from.strip_prefix("extension:") {
            return (!url.is_empty()).then_some(FieldPlace::Extension(url));
        }
        if let Some(code) = self.from.strip_prefix("OBX:") {
            return (!code.is_empty()).then_some(FieldPlace::Observation(code));
        }
        let (name, place) = self.from.split_once('-')?;
        let (field, component) = place.split_once('.').unwrap_or((place, "1"));
        let is_name = name.len() == 3
            && name.starts_with(|c: char| c.is_ascii_uppercase())
            && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit());
        let number = |text: &str| text.parse().ok().filter(|number| (1..=999).contains(number));
        is_name.then_some(FieldPlace::Segment { name, field: number(field)?, component: number(component)? })
    }
}

impl FieldPlace<'_> {
    /// Whether it holds an address, a telephone number or a next of kin.
    fn is_contact(&self) -> bool {
        match self {
            Self::Segment { name: "PID", field, .. } => ADDRESS_AND_PHONES.contains(field),
            Self::Segment { name, .. } => *name == "NK1",
            Self::Observation(_) | Self::Extension(_) => false,
        }
    }
}

impl Feed {
    /// Why the further fields of this feed are invalid, in words for the profile's author.
    pub fn validate(&self) -> Result<(), String> {
        if self.fields.len() > MOST_FIELDS {
            return Err(format!("a hospital can have at most {MOST_FIELDS} further fields"));
        }
        let mut keys = HashSet::new();
        for field in &self.fields {
            let key = &field.key;
            let is_key = (1..=LONGEST_KEY).contains(&key.len())
                && key.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
            if !is_key {
                return Err(format!("the key {key:?} is not made of lower-case letters, digits and dashes"));
            }
            if !keys.insert(key) {
                return Err(format!("two further fields have the key {key:?}"));
            }
            if field.label.trim().is_empty() || field.label.chars().count() > LONGEST_LABEL {
                return Err(format!("the label of {key:?} is empty or longer than {LONGEST_LABEL} characters"));
            }
            let Some(place) = field.place() else {
                let forms = "ZPV-3, ZPV-3.2, OBX:CODE or extension:URL";
                return Err(format!("the place of {key:?} is not one of {forms}"));
            };
            if place.is_contact() {
                return Err(format!("the place of {key:?} holds an address, a telephone number or a next of kin"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
#[path = "further_tests.rs"]
mod tests;
