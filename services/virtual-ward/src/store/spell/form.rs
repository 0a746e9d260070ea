//! A stay as its row has it. The version before reads the row too while both run during an upgrade, and after a rollback:
//! it needs two lists that nothing fills any more, and knows six warnings. `BESIDE_THE_VERSION_BEFORE` goes to `false` in
//! the next version; what is written here must then still be read.

use std::collections::BTreeSet;

use sea_orm::DbErr;
use serde::Deserialize as _;
use serde_json::{Value, json};

use crate::domain::{Spell, spell::Warning};

const BESIDE_THE_VERSION_BEFORE: bool = true;

/// All warnings of the stay, where `warnings` has only those that the version before knows.
const ALL_WARNINGS: &str = "all_warnings";

fn is_known_before(warning: Warning) -> bool {
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

pub fn written(spell: &Spell) -> Result<Value, DbErr> {
    let unwritten = |e: serde_json::Error| DbErr::Json(e.to_string());
    let mut form = serde_json::to_value(spell).map_err(unwritten)?;
    if !BESIDE_THE_VERSION_BEFORE {
        return Ok(form);
    }
    if let Value::Object(fields) = &mut form {
        let known: BTreeSet<Warning> =
            spell.warnings.iter().copied().filter(|one| is_known_before(*one)).collect();
        let known = serde_json::to_value(known).map_err(unwritten)?;
        if let Some(all) = fields.insert("warnings".into(), known) {
            fields.insert(ALL_WARNINGS.into(), all);
        }
        fields.insert("after_leaving".into(), json!([]));
        fields.insert("taken_back".into(), json!([]));
    }
    Ok(form)
}

/// `None`, with a line in the log, where a stay does not read.
pub fn read(form: Value) -> Option<Spell> {
    let spell = spell(form);
    if spell.is_none() {
        tracing::error!("a stay does not read and was left out");
    }
    spell
}

/// A warning of a later version is left out: it must not hide the stay.
fn spell(mut form: Value) -> Option<Spell> {
    let fields = form.as_object_mut()?;
    let all = fields.remove(ALL_WARNINGS);
    let all = all.or_else(|| fields.remove("warnings")).unwrap_or_else(|| json!([]));
    let known: Vec<Value> =
        all.as_array()?.iter().filter(|one| Warning::deserialize(*one).is_ok()).cloned().collect();
    fields.insert("warnings".into(), Value::Array(known));
    serde_json::from_value(form).ok()
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
