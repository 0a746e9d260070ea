//! The button on a row that puts a patient on the reader's own list, or takes them off it.

use lcr_contracts::ward::Who;
use lcr_model::SpellId;

use crate::view::{banner::full_name, table::Action};

/// What the button's form needs: the session's token and the page to come back to.
#[derive(Debug, Clone, Copy, Default)]
pub struct FormOf<'a> {
    pub token: &'a str,
    pub back: &'a str,
}

/// `None` for an admission that is not matched to a person: nobody can be watched before that.
pub fn button(who: &Who, spell: &SpellId, watched: bool, form: FormOf<'_>) -> Option<Action> {
    let person = who.person?;
    Some(Action {
        path: "/ward/watch",
        words: if watched { "Stop watching" } else { "Watch" },
        about: full_name(&who.said.family, &who.said.given, None),
        fields: vec![
            ("form_token", form.token.to_owned()),
            ("person", person.to_string()),
            ("watch", (!watched).to_string()),
            ("back", form.back.to_owned()),
            ("row", spell.to_string()),
        ],
    })
}
