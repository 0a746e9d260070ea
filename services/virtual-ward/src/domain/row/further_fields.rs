//! Builds the cells of a hospital's further fields, in the order and wording of its profile (S-60). Fields read from
//! observations must not be shown to readers who may not see results.

use lcr_contracts::{
    registry::{FurtherField, FurtherKind},
    ward::{Cell, Further},
};

use crate::domain::{spell::Spell, texts};

/// `may_see_results`: whether the reader may see results of this source, which fields read from observations (OBX) are.
pub fn further_cells(spell: &Spell, fields: &[FurtherField], may_see_results: bool) -> Vec<Further> {
    let cell = |field: &FurtherField| {
        let stored = spell.further.get(&field.key)?;
        Some(Cell { value: format_value(field, &stored.value), at: stored.at })
    };
    let further = |field: &FurtherField| Further {
        key: field.key.clone(),
        label: field.label.clone(),
        kind: field.kind,
        filter: field.filter,
        value: cell(field),
    };
    fields.iter().filter(|field| may_see_results || !field.from.starts_with("OBX")).map(further).collect()
}

fn format_value(field: &FurtherField, value: &str) -> String {
    if let Some(words) = field.words.get(value) {
        return words.clone();
    }
    match field.kind {
        FurtherKind::Date => value.parse().map_or_else(|_| value.to_owned(), texts::format_date),
        FurtherKind::YesNo if value.eq_ignore_ascii_case("yes") => "Yes".to_owned(),
        FurtherKind::YesNo if value.eq_ignore_ascii_case("no") => "No".to_owned(),
        _ => value.to_owned(),
    }
}
