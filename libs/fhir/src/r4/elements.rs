//! The table of types and their elements, as `r4/elements.txt` has it. It is read once, at the first need, and never
//! changes.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::primitive::Primitive;

/// The one type that may say anything.
const EXTENSION: &str = "Extension";

/// All types, by name. A part of a type is named by its path: `Observation.component`.
pub static ELEMENTS: LazyLock<Elements> =
    LazyLock::new(|| Elements::read(include_str!("../../r4/elements.txt")));

/// What is known of types.
#[derive(Default)]
pub struct Elements {
    types: HashMap<&'static str, Type>,
    /// The names of all choices of all types: `valueQuantity`, `doseQuantity`, …
    chosen: HashSet<&'static str>,
}

/// One type: a resource, a data type, or a part of either.
#[derive(Default)]
pub struct Type {
    /// By name, so that one is found by halving; a choice has one for each type it may have.
    elements: Vec<Element>,
    pub required: Vec<&'static str>,
    pub choices: Vec<Choice>,
    pub says_anything: bool,
}

/// One element as JSON names it.
pub struct Element {
    name: &'static str,
    pub is: Kind,
    pub many: bool,
    /// The choice it is one of: `value` of `valueQuantity`.
    pub of_choice: Option<&'static str>,
}

/// `value[x]`, by its name without `[x]`.
pub struct Choice {
    pub base: &'static str,
    pub required: bool,
}

/// What an element may hold.
#[derive(Clone, Copy)]
pub enum Kind {
    Primitive(Primitive),
    /// One of these codes, with spaces between.
    OneOf(&'static str),
    Type(&'static str),
    /// Any resource.
    Contained,
}

impl Elements {
    fn read(table: &'static str) -> Self {
        let mut sets = HashMap::new();
        let (mut all, mut name) = (Self::default(), "");
        for line in table.lines().filter(|line| !line.starts_with('#')) {
            if let Some((set, codes)) = line.strip_prefix("= ").and_then(|line| line.split_once(' ')) {
                sets.insert(set, codes);
            } else if let Some(element) = line.strip_prefix("  ") {
                all.types.entry(name).or_default().add(element, &sets);
            } else {
                name = line;
            }
        }
        for (name, one) in &mut all.types {
            one.says_anything = *name == EXTENSION;
            all.chosen.extend(one.elements.iter().filter(|one| one.of_choice.is_some()).map(|one| one.name));
            one.elements.sort_unstable_by_key(|element| element.name);
            one.elements.shrink_to_fit();
        }
        all
    }

    /// Whether a name is that of a choice, in whatever type.
    pub fn is_chosen(&self, name: &str) -> bool {
        self.chosen.contains(name)
    }

    pub fn of(&self, name: &str) -> Option<&Type> {
        self.types.get(name)
    }

    /// A type that stands by itself, and that others may contain.
    pub fn resource(&self, name: &str) -> Option<&Type> {
        self.of(name).filter(|of| of.element("contained").is_some())
    }
}

impl Type {
    /// Takes one line of the table: a name with its mark, and its types.
    fn add(&mut self, line: &'static str, sets: &HashMap<&str, &'static str>) {
        let (marked, types) = line.split_once(' ').unwrap_or((line, ""));
        let name = marked.trim_end_matches(['!', '*', '+']);
        let (required, many) = (marked.ends_with(['!', '+']), marked.ends_with(['*', '+']));
        let Some(base) = name.strip_suffix("[x]") else {
            self.elements.push(Element { name, is: Kind::named(types, sets), many, of_choice: None });
            self.required.extend(required.then_some(name));
            return;
        };
        self.choices.push(Choice { base, required });
        for one in types.split(' ') {
            let name = chosen(base, one);
            self.elements.push(Element { name, is: Kind::named(one, sets), many, of_choice: Some(base) });
        }
    }

    pub fn element(&self, name: &str) -> Option<&Element> {
        let at = self.elements.binary_search_by_key(&name, |element| element.name).ok()?;
        self.elements.get(at)
    }
}

impl Choice {
    /// Whether a name reads as this choice, of whatever type.
    pub fn claims(&self, name: &str) -> bool {
        name.strip_prefix(self.base).is_some_and(|rest| rest.starts_with(char::is_uppercase))
    }
}

impl Kind {
    fn named(name: &'static str, sets: &HashMap<&str, &'static str>) -> Self {
        match name.strip_prefix("code:").and_then(|set| sets.get(set)) {
            Some(codes) => Self::OneOf(codes),
            None if name == "Resource" => Self::Contained,
            None if name.starts_with(char::is_uppercase) => Self::Type(name),
            None => Self::Primitive(Primitive::named(name)),
        }
    }
}

/// `value` and `dateTime`: `valueDateTime`. Made once for the life of the program, as the table is.
fn chosen(base: &str, of: &str) -> &'static str {
    let (first, rest) = of.split_at(1);
    format!("{base}{}{rest}", first.to_ascii_uppercase()).leak()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_that_an_element_names_is_in_the_table() {
        for (name, one) in &ELEMENTS.types {
            assert!(!one.elements.is_empty(), "{name}");
            for element in &one.elements {
                if let Kind::Type(of) = element.is {
                    assert!(ELEMENTS.of(of).is_some(), "{of}, of {name}.{}", element.name);
                }
            }
        }
    }

    #[test]
    fn a_name_leads_to_what_the_table_says_of_it() {
        let observation = ELEMENTS.resource("Observation").unwrap();
        assert!(observation.required.contains(&"status"));
        assert!(observation.element("category").is_some_and(|element| element.many));
        assert_eq!(observation.element("valueQuantity").and_then(|element| element.of_choice), Some("value"));
        assert!(observation.element("valueMoney").is_none());
        assert!(ELEMENTS.resource("Period").is_none(), "a data type is no resource");
    }
}
