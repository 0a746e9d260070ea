//! Reports names, birth dates, addresses and numbers that differ between sources. It never chooses among them.

use std::collections::BTreeMap;

use lcr_contracts::record::{Demographics, Detail, Discrepancy, Entry};
use lcr_model::Dataset;

/// Reads one field of a source's demographics.
type FieldReader = fn(&Demographics) -> Option<String>;

pub fn find_differences(entries: &[Entry]) -> Vec<Discrepancy> {
    let fields: [(&str, FieldReader); 6] = [
        ("Address", |one| one.address.clone()),
        ("Family name", |one| Some(one.family.clone())),
        ("First name", |one| first_name(&one.given)),
        ("Sex", |one| Some(one.gender.clone()).filter(|sex| !matches!(sex.as_str(), "unknown" | ""))),
        ("Date of birth", |one| one.birth_date.map(|date| date.to_string())),
        ("NHS number", |one| one.nhs_number.clone()),
    ];
    fields.into_iter().filter_map(|(about, read)| compare_field(entries, about, read)).collect()
}

/// The first given name, unless it is only an initial.
fn first_name(given: &str) -> Option<String> {
    given.split_whitespace().next().filter(|name| name.trim_end_matches('.').chars().count() > 1).map(str::to_owned)
}

fn compare_field(entries: &[Entry], about: &str, read: FieldReader) -> Option<Discrepancy> {
    let mut by_value: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for entry in entries {
        let Detail::Demographics(demographics) = &entry.detail else { continue };
        let Some(value) = read(demographics) else { continue };
        let plain: String = value.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
        let names = entry.provenance.iter().map(|one| one.shown_name().to_owned());
        by_value.entry(plain).or_insert_with(|| (value, vec![])).1.extend(names);
    }
    (by_value.len() > 1).then(|| Discrepancy {
        dataset: Dataset::Demographics,
        about: about.to_owned(),
        says: by_value.into_values().map(|(value, names)| (names.join(", "), value)).collect(),
    })
}
