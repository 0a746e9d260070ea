//! Compares us with the peer on every element of the table: valid, of a wrong type, and missing. Needs no data.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, VecDeque};

use lcr_fhir::Item;
use serde_json::{Map, Value, json};

#[path = "shared/invalid_resources.rs"]
mod invalid_resources;
#[path = "shared/peer.rs"]
mod peer;

/// An element of the table.
struct Element {
    /// The name in JSON.
    name: String,
    required: bool,
    is_list: bool,
    /// The choice it belongs to.
    choice: Option<&'static str>,
    type_name: &'static str,
}

/// A resource type, and the elements that lead from it to a type, each with the type that has it.
type Path<'t> = (&'static str, Vec<(&'static str, &'t Element)>);

struct Table {
    types: BTreeMap<&'static str, Vec<Element>>,
    sets: BTreeMap<&'static str, &'static str>,
}

fn table() -> Table {
    let mut table = Table { types: BTreeMap::new(), sets: BTreeMap::new() };
    let mut name = "";
    for line in include_str!("../r4/elements.txt").lines().filter(|line| !line.starts_with('#')) {
        if let Some((set, codes)) = line.strip_prefix("= ").and_then(|line| line.split_once(' ')) {
            table.sets.insert(set, codes);
        } else if let Some((marked, types)) = line.strip_prefix("  ").and_then(|line| line.split_once(' ')) {
            table.types.entry(name).or_default().extend(elements(marked, types));
        } else {
            name = line;
        }
    }
    table
}

fn elements(marked: &'static str, types: &'static str) -> Vec<Element> {
    let name = marked.trim_end_matches(['!', '*', '+']);
    let (required, is_list) = (marked.ends_with(['!', '+']), marked.ends_with(['*', '+']));
    let Some(base) = name.strip_suffix("[x]") else {
        return vec![Element { name: name.to_owned(), required, is_list, choice: None, type_name: types }];
    };
    let each = types.split(' ').enumerate().map(|(index, type_name)| {
        let name = format!("{base}{}{}", type_name[..1].to_ascii_uppercase(), &type_name[1..]);
        Element { name, required: required && index == 0, is_list, choice: Some(base), type_name }
    });
    each.collect()
}

impl Table {
    /// The smallest valid value of a type.
    fn minimal(&self, of: &str) -> Value {
        if let Some(set) = of.strip_prefix("code:") {
            return json!(self.sets[set].split(' ').next());
        }
        match of {
            "base64Binary" => json!("YWJj"),
            "boolean" => json!(true),
            "code" => json!("text/cql"),
            "date" => json!("2024-02-29"),
            "dateTime" | "instant" => json!("2024-02-29T10:00:00Z"),
            "decimal" => json!(1.5),
            "integer" | "positiveInt" | "unsignedInt" => json!(1),
            "time" => json!("10:00:00"),
            "Resource" => json!({ "resourceType": "Organization", "name": "St Hilda's" }),
            _ if of.starts_with(char::is_lowercase) => json!("words"),
            _ => self.types[of].iter().filter(|one| one.required).map(|one| self.field(one)).collect(),
        }
    }

    fn field(&self, element: &Element) -> (String, Value) {
        let one = self.minimal(element.type_name);
        (element.name.clone(), if element.is_list { json!([one]) } else { one })
    }

    /// A minimal object of a type, with this element.
    fn object_with(&self, of: &str, element: &Element, value: Value) -> Value {
        let is_rival = |other: &Element| other.choice.is_some() && other.choice == element.choice;
        let others = self.types[of].iter().filter(|other| other.required && !is_rival(other));
        let mut fields: Map<String, Value> = others.map(|other| self.field(other)).collect();
        fields.insert(element.name.clone(), value);
        Value::Object(fields)
    }

    /// Each type once, with a path to it.
    fn paths(&self) -> BTreeMap<&'static str, Path<'_>> {
        let is_resource = |elements: &[Element]| elements.iter().any(|one| one.name == "contained");
        let roots = self.types.iter().filter(|(_, elements)| is_resource(elements)).map(|(name, _)| *name);
        let mut to_do: VecDeque<_> = roots.map(|root| (root, (root, vec![]))).collect();
        let mut paths: BTreeMap<&str, Path<'_>> = BTreeMap::new();
        while let Some((of, path)) = to_do.pop_front() {
            if paths.contains_key(of) {
                continue;
            }
            for element in self.types[of].iter().filter(|one| self.types.contains_key(one.type_name)) {
                let mut longer = path.clone();
                longer.1.push((of, element));
                to_do.push_back((element.type_name, longer));
            }
            paths.insert(of, path);
        }
        paths
    }
}

/// A resource with an object at the end of a path.
fn resource(table: &Table, root: &str, path: &[(&'static str, &Element)], object: Value) -> Value {
    let wrap = |value: Value, (of, element): &(&'static str, &Element)| {
        table.object_with(of, element, if element.is_list { json!([value]) } else { value })
    };
    let mut resource = path.iter().rev().fold(object, wrap);
    resource["resourceType"] = json!(root);
    resource["id"] = json!("1");
    resource
}

/// The JSON pointer to an element at the end of a path, or to its first item if it is a list.
fn pointer(path: &[(&'static str, &Element)], element: &Element) -> String {
    let mut pointer = String::new();
    for one in path.iter().map(|(_, one)| *one).chain([element]) {
        pointer = pointer + "/" + &one.name + if one.is_list { "/0" } else { "" };
    }
    pointer
}

#[test]
fn we_accept_the_elements_that_the_peer_accepts() {
    let table = table();
    let (mut checked, mut differ) = (0, vec![]);
    for (of, (root, path)) in table.paths() {
        for element in table.types[of].iter().filter(|one| !path.is_empty() || one.name != "id") {
            let object = table.object_with(of, element, table.field(element).1);
            let good = resource(&table, root, &path, object);
            assert!(peer::reads(&good) && Item::read(good.clone()).is_ok(), "{good}");
            let item = pointer(&path, element);
            let list = item.strip_suffix("/0").unwrap_or(&item);
            for (place, at) in invalid_resources::places(&good).iter().filter(|(_, at)| *at == item || at == list) {
                let invalid = invalid_resources::at(&good, place, at);
                checked += invalid.len();
                differ.extend(invalid.iter().filter_map(invalid_resources::InvalidResource::unexplained));
            }
        }
    }
    println!("{checked} checked");
    assert!(checked > 10_000 && differ.is_empty(), "{differ:#?}");
}
