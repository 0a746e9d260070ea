//! The table of types and their elements, read once from `r4/elements.txt`. It must never change while the program runs.

use std::{
    collections::{HashMap, HashSet},
    sync::LazyLock,
};

use super::primitive::Primitive;

/// The only type whose elements are not checked for unknown choices.
const EXTENSION: &str = "Extension";

/// All types, by name. A part of a type is named by its path: `Observation.component`.
pub static TYPES: LazyLock<TypeTable> = LazyLock::new(|| TypeTable::parse(include_str!("../../r4/elements.txt")));

/// All types by name.
#[derive(Default)]
pub struct TypeTable {
    types: HashMap<&'static str, TypeDefinition>,
    /// The names of all choices of all types: `valueQuantity`, `doseQuantity`, …
    choice_names: HashSet<&'static str>,
}

/// One type: a resource, a data type, or a part of either.
#[derive(Default)]
pub struct TypeDefinition {
    /// Sorted by name for binary search. A choice has an element for each type it may have.
    elements: Vec<Element>,
    pub required: Vec<&'static str>,
    pub choices: Vec<Choice>,
    pub is_open: bool,
}

/// One element as JSON names it.
pub struct Element {
    name: &'static str,
    pub data_type: ElementType,
    pub is_list: bool,
    /// The choice it belongs to: `value` for `valueQuantity`.
    pub choice: Option<&'static str>,
}

/// A choice such as `value[x]`, named without `[x]`.
pub struct Choice {
    pub base: &'static str,
    pub required: bool,
}

/// The type of an element's value.
#[derive(Clone, Copy)]
pub enum ElementType {
    Primitive(Primitive),
    /// One of these codes, separated by spaces.
    OneOf(&'static str),
    Type(&'static str),
    /// Any resource.
    Contained,
}

impl TypeTable {
    fn parse(text: &'static str) -> Self {
        let mut sets = HashMap::new();
        let (mut table, mut name) = (Self::default(), "");
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            if let Some((set, codes)) = line.strip_prefix("= ").and_then(|line| line.split_once(' ')) {
                sets.insert(set, codes);
            } else if let Some(element) = line.strip_prefix("  ") {
                table.types.entry(name).or_default().add(element, &sets);
            } else {
                name = line;
            }
        }
        for (name, definition) in &mut table.types {
            definition.is_open = *name == EXTENSION;
            let choices = definition.elements.iter().filter(|element| element.choice.is_some());
            table.choice_names.extend(choices.map(|element| element.name));
            definition.elements.sort_unstable_by_key(|element| element.name);
            definition.elements.shrink_to_fit();
        }
        table
    }

    /// Whether `name` is the name of a choice in any type.
    pub fn is_choice_name(&self, name: &str) -> bool {
        self.choice_names.contains(name)
    }

    pub fn get(&self, name: &str) -> Option<&TypeDefinition> {
        self.types.get(name)
    }

    /// The resource type with this name.
    pub fn resource(&self, name: &str) -> Option<&TypeDefinition> {
        self.get(name).filter(|definition| definition.element("contained").is_some())
    }
}

impl TypeDefinition {
    /// Adds one line of the table: a name with its mark, and its types.
    fn add(&mut self, line: &'static str, sets: &HashMap<&str, &'static str>) {
        let (marked, types) = line.split_once(' ').unwrap_or((line, ""));
        let name = marked.trim_end_matches(['!', '*', '+']);
        let (required, is_list) = (marked.ends_with(['!', '+']), marked.ends_with(['*', '+']));
        let Some(base) = name.strip_suffix("[x]") else {
            self.elements.push(Element { name, data_type: ElementType::parse(types, sets), is_list, choice: None });
            self.required.extend(required.then_some(name));
            return;
        };
        self.choices.push(Choice { base, required });
        for name_of_type in types.split(' ') {
            let name = choice_name(base, name_of_type);
            let data_type = ElementType::parse(name_of_type, sets);
            self.elements.push(Element { name, data_type, is_list, choice: Some(base) });
        }
    }

    pub fn element(&self, name: &str) -> Option<&Element> {
        let index = self.elements.binary_search_by_key(&name, |element| element.name).ok()?;
        self.elements.get(index)
    }
}

impl Choice {
    /// Whether `name` is this choice with any type.
    pub fn matches(&self, name: &str) -> bool {
        name.strip_prefix(self.base).is_some_and(|rest| rest.starts_with(char::is_uppercase))
    }
}

impl ElementType {
    fn parse(name: &'static str, sets: &HashMap<&str, &'static str>) -> Self {
        match name.strip_prefix("code:").and_then(|set| sets.get(set)) {
            Some(codes) => Self::OneOf(codes),
            None if name == "Resource" => Self::Contained,
            None if name.starts_with(char::is_uppercase) => Self::Type(name),
            None => Self::Primitive(Primitive::parse(name)),
        }
    }
}

/// `valueDateTime` for `value` and `dateTime`. Leaked, because the table lives as long as the program.
fn choice_name(base: &str, of: &str) -> &'static str {
    let (first, rest) = of.split_at(1);
    format!("{base}{}{rest}", first.to_ascii_uppercase()).leak()
}

#[cfg(test)]
#[path = "elements_tests.rs"]
mod tests;
