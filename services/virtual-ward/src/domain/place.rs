//! Compares places as hospitals write them. Some messages name a ward alone, others a ward and a bed: a missing part
//! must never count as a difference.

use lcr_contracts::{
    spell::{FieldUpdate, Place},
    whereabouts::{name_key, place_key},
};

fn is_same_part(one: Option<&str>, other: Option<&str>) -> bool {
    match (non_blank(one), non_blank(other)) {
        (Some(one), Some(other)) => one.eq_ignore_ascii_case(other),
        (None, None) => true,
        _ => false,
    }
}

fn is_compatible_part(one: Option<&str>, other: Option<&str>) -> bool {
    non_blank(one).is_none() || non_blank(other).is_none() || is_same_part(one, other)
}

fn non_blank(text: Option<&str>) -> Option<&str> {
    text.map(str::trim).filter(|text| !text.is_empty())
}

fn parts(place: &Place) -> [Option<&str>; 4] {
    [place.site.as_deref(), place.ward.as_deref(), place.bay.as_deref(), place.bed.as_deref()]
}

fn all_parts(one: &Place, other: &Place, rule: fn(Option<&str>, Option<&str>) -> bool) -> bool {
    parts(one).into_iter().zip(parts(other)).all(|(one, other)| rule(one, other))
}

/// Whether every part of the place is blank.
pub fn is_empty(place: &Place) -> bool {
    parts(place).into_iter().all(|part| non_blank(part).is_none())
}

/// Whether both name the same place with the same parts.
pub fn is_same(one: &Place, other: &Place) -> bool {
    all_parts(one, other, is_same_part)
}

/// Whether no part that both name differs.
pub fn is_compatible(one: &Place, other: &Place) -> bool {
    all_parts(one, other, is_compatible_part)
}

/// The place that a message names, if it names one.
pub fn named_place(place: &FieldUpdate<Place>) -> Option<&Place> {
    place.set().filter(|place| !is_empty(place))
}

/// `known` with the missing parts taken from `update`. Both must be compatible.
pub fn fill_gaps(known: &Place, update: &Place) -> Place {
    let fill = |known: &Option<String>, update: &Option<String>| {
        non_blank(known.as_deref()).or_else(|| non_blank(update.as_deref())).map(str::to_owned)
    };
    Place {
        site: fill(&known.site, &update.site),
        ward: fill(&known.ward, &update.ward),
        bay: fill(&known.bay, &update.bay),
        bed: fill(&known.bed, &update.bed),
        ward_name: fill(&update.ward_name, &known.ward_name),
    }
}

/// The key under which a ward or consultant is stored: case and outer spaces do not matter.
pub fn lookup_key(text: &str) -> String {
    text.trim().to_uppercase()
}

/// The keys under which a ward may be stored, however a reader spells it.
pub fn lookup_keys(text: &str) -> [String; 3] {
    let key = place_key(text);
    [lookup_key(text), format!("WARD {key}"), key]
}

/// The keys under which a consultant may be stored. "Ward" is a surname here.
pub fn consultant_keys(text: &str) -> [String; 2] {
    [lookup_key(text), name_key(text)]
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
