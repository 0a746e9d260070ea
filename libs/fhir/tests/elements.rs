//! Every element of the table against the peer: right, of a wrong kind, and missing. Needs no data.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::collections::{BTreeMap, VecDeque};

use lcr_fhir::Item;
use serde_json::{Map, Value, json};

#[path = "shared/broken.rs"]
mod broken;
#[path = "shared/peer.rs"]
mod peer;

/// An element of the table: its name as JSON has it, whether it must be there, whether it is a list, its type.
struct Element {
    name: String,
    required: bool,
    many: bool,
    /// The choice it is one of.
    choice: Option<&'static str>,
    of: &'static str,
}

/// A resource type, and the elements down from it, each with the type that has it.
type Way<'t> = (&'static str, Vec<(&'static str, &'t Element)>);

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
    let (required, many) = (marked.ends_with(['!', '+']), marked.ends_with(['*', '+']));
    let Some(base) = name.strip_suffix("[x]") else {
        return vec![Element { name: name.to_owned(), required, many, choice: None, of: types }];
    };
    let each = types.split(' ').enumerate().map(|(at, of)| {
        let name = format!("{base}{}{}", of[..1].to_ascii_uppercase(), &of[1..]);
        Element { name, required: required && at == 0, many, choice: Some(base), of }
    });
    each.collect()
}

impl Table {
    /// The least that is of a type.
    fn least(&self, of: &str) -> Value {
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
        let one = self.least(element.of);
        (element.name.clone(), if element.many { json!([one]) } else { one })
    }

    /// An object of a type that has this element.
    fn having(&self, of: &str, element: &Element, value: Value) -> Value {
        let rival = |other: &Element| other.choice.is_some() && other.choice == element.choice;
        let others = self.types[of].iter().filter(|other| other.required && !rival(other));
        let mut fields: Map<String, Value> = others.map(|other| self.field(other)).collect();
        fields.insert(element.name.clone(), value);
        Value::Object(fields)
    }

    /// Each type once, with the way to it: a resource, and elements down from it.
    fn ways(&self) -> BTreeMap<&'static str, Way<'_>> {
        let contains = |elements: &[Element]| elements.iter().any(|one| one.name == "contained");
        let roots = self.types.iter().filter(|(_, elements)| contains(elements)).map(|(name, _)| *name);
        let mut to_do: VecDeque<_> = roots.map(|root| (root, (root, vec![]))).collect();
        let mut ways: BTreeMap<&str, Way<'_>> = BTreeMap::new();
        while let Some((of, way)) = to_do.pop_front() {
            if ways.contains_key(of) {
                continue;
            }
            for element in self.types[of].iter().filter(|one| self.types.contains_key(one.of)) {
                let mut further = way.clone();
                further.1.push((of, element));
                to_do.push_back((element.of, further));
            }
            ways.insert(of, way);
        }
        ways
    }
}

/// A resource that has an object at the end of a way.
fn resource(table: &Table, root: &str, way: &[(&'static str, &Element)], object: Value) -> Value {
    let up = |value: Value, (of, element): &(&'static str, &Element)| {
        table.having(of, element, if element.many { json!([value]) } else { value })
    };
    let mut resource = way.iter().rev().fold(object, up);
    resource["resourceType"] = json!(root);
    resource["id"] = json!("1");
    resource
}

/// The pointer to an element at the end of a way: to the one in it, if it is a list.
fn pointer(way: &[(&'static str, &Element)], element: &Element) -> String {
    let mut pointer = String::new();
    for one in way.iter().map(|(_, one)| *one).chain([element]) {
        pointer = pointer + "/" + &one.name + if one.many { "/0" } else { "" };
    }
    pointer
}

#[test]
fn every_element_is_to_us_what_it_is_to_the_peer() {
    let table = table();
    let (mut checked, mut differ) = (0, vec![]);
    for (of, (root, way)) in table.ways() {
        for element in table.types[of].iter().filter(|one| !way.is_empty() || one.name != "id") {
            let object = table.having(of, element, table.field(element).1);
            let good = resource(&table, root, &way, object);
            assert!(peer::reads(&good) && Item::read(good.clone()).is_ok(), "{good}");
            let one = pointer(&way, element);
            let whole = one.strip_suffix("/0").unwrap_or(&one);
            for (place, at) in broken::places(&good).iter().filter(|(_, at)| *at == one || at == whole) {
                let broken = broken::at(&good, place, at);
                checked += broken.len();
                differ.extend(broken.iter().filter_map(broken::Broken::unexplained));
            }
        }
    }
    println!("{checked} checked");
    assert!(checked > 10_000 && differ.is_empty(), "{differ:#?}");
}
