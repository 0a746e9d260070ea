//! The people that a search found, with enough to tell them apart, and a warning if names are similar.

use lcr_contracts::patient_index::PatientSummary;
use lcr_model::PersonId;

use crate::{
    layout::{
        format::{format_day, format_nhs_number, format_sex},
        table::{Cell, Row, Table, headings},
    },
    record::banner::{PROTECTED, full_name},
};

/// Where a name of the search leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameLink {
    Record,
    /// For officers.
    AccessLog,
    /// For roles that open neither.
    Nowhere,
}

impl NameLink {
    fn link(self, cell: Cell, person: PersonId) -> Cell {
        match self {
            Self::Record => cell.with_link(format!("/people/{person}")),
            Self::AccessLog => cell.with_link(format!("/people/{person}/access")),
            Self::Nowhere => cell,
        }
    }
}

pub fn people_table(people: &[PatientSummary], names: NameLink) -> Table {
    let row = |patient: &PatientSummary| Row {
        id: patient.id.to_string(),
        cells: vec![
            names
                .link(Cell::new(full_name(&patient.family, &patient.given, patient.title.as_deref())), patient.id)
                .with_remark(patient.died.then(|| "Died".to_owned())),
            Cell::or(patient.birth_date.map(format_day), "Not known").nowrap(),
            Cell::new(format_sex(&patient.sex)),
            Cell::new(format_nhs_number(patient.nhs_number.as_ref())).nowrap(),
            if patient.location_protected {
                Cell::new(PROTECTED)
            } else if patient.address_withheld {
                Cell::or(None, "Shown to those who care for them")
            } else {
                Cell::or(patient.address.clone(), "Not known")
            },
            Cell::or(Some(patient.matched_on.clone()), "reason not given").quiet(),
        ],
    };
    Table {
        caption: "People found".into(),
        note: None,
        columns: headings(&["Name", "Born", "Gender", "NHS No.", "Address", "Why it matched"]),
        rows: people.iter().map(row).collect(),
        empty: crate::web::error_page::NO_MATCH.into(),
    }
}

/// A warning for each pair of people with similar names.
pub fn similar_names(people: &[PatientSummary]) -> Vec<String> {
    let names = people.iter().map(|patient| (patient.id, patient.family.as_str(), patient.given.as_str()));
    similar_name_warnings(&names.collect::<Vec<_>>())
}

/// The warnings for any list of people: id, family name and given name. In a long list, only neighbours in the
/// alphabet are compared, to bound the time.
pub fn similar_name_warnings<Id: PartialEq>(people: &[(Id, &str, &str)]) -> Vec<String> {
    let mut sorted: Vec<&(Id, &str, &str)> = people.iter().collect();
    sorted.sort_by_key(|(_, family, given)| (family.to_lowercase(), given.to_lowercase()));
    let neighbours = if sorted.len() > MAX_ALL_PAIRS { 3 } else { sorted.len() };
    let mut out = Vec::new();
    for (at, one) in sorted.iter().enumerate() {
        let others = sorted.iter().skip(at + 1).take(neighbours);
        for other in others.filter(|other| one.0 != other.0 && are_similar((one.1, one.2), (other.1, other.2))) {
            let name = |one: &(Id, &str, &str)| full_name(one.1, one.2, None);
            out.push(format!("{} and {} have similar names.", name(one), name(other)));
            if out.len() == MAX_WARNINGS {
                return out;
            }
        }
    }
    out
}

/// Up to this many people, all pairs are compared.
const MAX_ALL_PAIRS: usize = 200;
/// A reader would not read more.
const MAX_WARNINGS: usize = 5;

fn are_similar(one: (&str, &str), other: (&str, &str)) -> bool {
    let lower = |text: &str| text.to_lowercase();
    let is_near = |a: &str, b: &str| strsim::levenshtein(&lower(a), &lower(b)) <= 2;
    let initial = |text: &str| lower(text).chars().next();
    is_near(one.0, other.0) && (is_near(one.1, other.1) || initial(one.1) == initial(other.1))
}
