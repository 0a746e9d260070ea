//! Fields of a hospital's own profile as cells of a row, in the profile's order and words (S-60).

use lcr_contracts::{
    identity::{FurtherField, FurtherKind},
    ward::{Cell, Further},
};

use crate::domain::{spell::Spell, words};

/// Fields that are read from observations (OBX) are results: only for those who may see results of this source.
pub fn further(spell: &Spell, fields: &[FurtherField], results: bool) -> Vec<Further> {
    let cell = |field: &FurtherField| {
        let held = spell.further.get(&field.key)?;
        Some(Cell { value: in_words(field, &held.value), at: held.at })
    };
    let one = |field: &FurtherField| Further {
        key: field.key.clone(),
        label: field.label.clone(),
        kind: field.kind,
        filter: field.filter,
        value: cell(field),
    };
    fields.iter().filter(|field| results || !field.from.starts_with("OBX")).map(one).collect()
}

fn in_words(field: &FurtherField, value: &str) -> String {
    if let Some(words) = field.words.get(value) {
        return words.clone();
    }
    match field.kind {
        FurtherKind::Date => value.parse().map_or_else(|_| value.to_owned(), words::date),
        FurtherKind::YesNo if value.eq_ignore_ascii_case("yes") => "Yes".to_owned(),
        FurtherKind::YesNo if value.eq_ignore_ascii_case("no") => "No".to_owned(),
        _ => value.to_owned(),
    }
}
