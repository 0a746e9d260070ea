//! The list of people a search found: enough to tell them apart, and a warning in words where that is hard.

use lcr_contracts::patient_index::Stub;

use super::{
    banner::{PROTECTED, full_name},
    table::{Cell, Row, Table, headings},
    words::{day, nhs_number, sex},
};

/// The results table. Names lead to the record, or for officers to who has looked.
pub fn people_table(people: &[Stub], officer: bool) -> Table {
    let page = if officer { "/access" } else { "" };
    let row = |stub: &Stub| Row {
        id: stub.id.to_string(),
        cells: vec![
            Cell::said(full_name(&stub.family, &stub.given, stub.title.as_deref()))
                .to(format!("/people/{}{page}", stub.id))
                .remarked(stub.died.then(|| "Died".to_owned())),
            Cell::or(stub.birth_date.map(day), "Not known").nowrap(),
            Cell::said(sex(&stub.sex)),
            Cell::said(nhs_number(stub.nhs_number.as_ref())).nowrap(),
            if stub.location_protected {
                Cell::said(PROTECTED)
            } else if stub.address_withheld {
                Cell::or(None, "Shown to those who care for them")
            } else {
                Cell::or(stub.address.clone(), "Not known")
            },
            Cell::or(Some(stub.matched_on.clone()), "reason not given").quiet(),
        ],
    };
    Table {
        caption: "People found".into(),
        note: None,
        columns: headings(&["Name", "Born", "Gender", "NHS No.", "Address", "Why it matched"]),
        rows: people.iter().map(row).collect(),
        empty: crate::trouble::NO_ONE.into(),
    }
}

/// A warning for each pair that could be mistaken for one another.
pub fn similar_names(people: &[Stub]) -> Vec<String> {
    let names = people.iter().map(|stub| (stub.id, stub.family.as_str(), stub.given.as_str()));
    similar(&names.collect::<Vec<_>>())
}

/// The same of any list of people: (id, family name, given name). Very long lists are compared with their
/// neighbours in the alphabet alone, so that no list takes long to warn of.
pub fn similar<Id: PartialEq>(people: &[(Id, &str, &str)]) -> Vec<String> {
    let mut sorted: Vec<&(Id, &str, &str)> = people.iter().collect();
    sorted.sort_by_key(|(_, family, given)| (family.to_lowercase(), given.to_lowercase()));
    let reach = if sorted.len() > COMPARED { 3 } else { sorted.len() };
    let mut out = Vec::new();
    for (at, one) in sorted.iter().enumerate() {
        let others = sorted.iter().skip(at + 1).take(reach);
        for other in others.filter(|other| one.0 != other.0 && alike((one.1, one.2), (other.1, other.2))) {
            let name = |one: &(Id, &str, &str)| full_name(one.1, one.2, None);
            out.push(format!("{} and {} have similar names.", name(one), name(other)));
            if out.len() == WARNINGS {
                return out;
            }
        }
    }
    out
}

/// As many people are compared each with each.
const COMPARED: usize = 200;
/// More would not be read.
const WARNINGS: usize = 5;

fn alike(one: (&str, &str), other: (&str, &str)) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let near = |a: &str, b: &str| distance(&lower(a), &lower(b)) <= 2;
    let initial = |text: &str| lower(text).chars().next();
    near(one.0, other.0) && (near(one.1, other.1) || initial(one.1) == initial(other.1))
}

/// Letters to change, add or leave out.
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, letter) in one.chars().enumerate() {
        let mut before = std::mem::replace(&mut row[0], i + 1);
        for (j, against) in other.iter().enumerate() {
            let kept = before + usize::from(letter != *against);
            let least = kept.min(row[j] + 1).min(row[j + 1] + 1);
            before = std::mem::replace(&mut row[j + 1], least);
        }
    }
    row[other.len()]
}
