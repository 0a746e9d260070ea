//! The button on a row that adds a patient to the reader's own list, or removes them.

use lcr_contracts::ward::RowPatient;
use lcr_model::SpellId;

use crate::{layout::table::Action, record::banner::full_name};

/// The session's form token, and the page to return to.
#[derive(Debug, Clone, Copy, Default)]
pub struct WatchForm<'a> {
    pub token: &'a str,
    pub back: &'a str,
}

/// `None` for an admission that is not matched to a person, which nobody can watch.
pub fn watch_button(who: &RowPatient, spell: &SpellId, watched: bool, form: WatchForm<'_>) -> Option<Action> {
    let person = who.person?;
    Some(Action {
        path: "/ward/watch",
        words: if watched { "Stop watching" } else { "Watch" },
        about: full_name(&who.patient.family, &who.patient.given, None),
        fields: vec![
            ("form_token", form.token.to_owned()),
            ("person", person.to_string()),
            ("watch", (!watched).to_string()),
            ("back", form.back.to_owned()),
            ("row", spell.to_string()),
        ],
    })
}
