//! The JSON form of a stay in its row. The previous version also reads it, during an upgrade and after a rollback: it needs
//! two lists that are always empty now, and knows only six warnings. Every later version must still read this form.

use std::collections::BTreeSet;

use sea_orm::DbErr;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::domain::{Spell, spell::Warning};

/// Set this to `false` in the next version.
const WRITE_FOR_PREVIOUS_VERSION: bool = true;

/// The field with all warnings; `warnings` holds only those that the previous version knows.
const ALL_WARNINGS: &str = "all_warnings";

fn is_known_to_previous_version(warning: Warning) -> bool {
    matches!(
        warning,
        Warning::AdmissionFromTransfer
            | Warning::AdmissionFromDischarge
            | Warning::MovedByAdmission
            | Warning::MoveMissing
            | Warning::AdmittedAgain
            | Warning::LeftBeforeAdmitted
    )
}

pub fn to_json(spell: &Spell) -> Result<Value, DbErr> {
    let json_error = |e: serde_json::Error| DbErr::Json(e.to_string());
    let mut form = serde_json::to_value(spell).map_err(json_error)?;
    if !WRITE_FOR_PREVIOUS_VERSION {
        return Ok(form);
    }
    if let Value::Object(fields) = &mut form {
        let known: BTreeSet<Warning> =
            spell.warnings.iter().copied().filter(|one| is_known_to_previous_version(*one)).collect();
        let known = serde_json::to_value(known).map_err(json_error)?;
        if let Some(all) = fields.insert("warnings".into(), known) {
            fields.insert(ALL_WARNINGS.into(), all);
        }
        fields.insert("after_leaving".into(), json!([]));
        fields.insert("taken_back".into(), json!([]));
    }
    Ok(form)
}

/// Returns `None`, and logs it, if the stay does not parse.
pub fn from_json(form: Value) -> Option<Spell> {
    let spell = parse(form);
    if spell.is_none() {
        tracing::error!("a stay does not parse and was left out");
    }
    spell
}

/// Leaves out warnings of a later version, so that they do not hide the stay.
fn parse(mut form: Value) -> Option<Spell> {
    let fields = form.as_object_mut()?;
    let all = fields.remove(ALL_WARNINGS);
    let all = all.or_else(|| fields.remove("warnings")).unwrap_or_else(|| json!([]));
    let known: Vec<Value> = all.as_array()?.iter().filter(|one| Warning::deserialize(*one).is_ok()).cloned().collect();
    fields.insert("warnings".into(), Value::Array(known));
    serde_json::from_value(form).ok()
}

#[cfg(test)]
#[path = "row_format_tests.rs"]
mod tests;
