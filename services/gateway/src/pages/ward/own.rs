//! A reader's own list: the patients they watch and the settings they keep. Virtual-ward stores both; a form goes back to
//! the list it came from.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::{
    Failure,
    ward::{ListSettings, SettingsOf},
};
use lcr_model::PersonId;
use serde::Deserialize;

use super::back_to;
use crate::{form::Posted, trouble::Trouble, view::ward::own::read};

#[derive(Deserialize)]
pub(crate) struct Watch {
    person: String,
    /// `true`, or anything else to stop.
    #[serde(default, rename = "watch")]
    on: String,
    #[serde(default)]
    back: String,
    /// The stay whose row the button stands on: the reader comes back to it.
    #[serde(default)]
    row: String,
}

/// Puts a patient on the reader's own list, or takes them off it.
pub(crate) async fn watch(Posted { reader, form }: Posted<Watch>) -> Result<Response, Trouble> {
    let person: PersonId = form.person.parse().map_err(|_| reader.fails(&Failure::not_found()))?;
    let on = form.on == "true";
    let watched = reader.app.deps.virtual_ward.watch(&reader.caller(), person, on).await;
    watched.map_err(|failure| reader.fails(&failure))?;
    let plain = form.row.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let row = if plain && !form.row.is_empty() { format!("#entry-{}", form.row) } else { String::new() };
    Ok(Redirect::to(&format!("{}{row}", back_to(&form.back))).into_response())
}

/// Keeps the columns, order and filters of one of the two lists, or makes the list the standard one again.
pub(crate) async fn keep(
    Posted { reader, form }: Posted<BTreeMap<String, String>>,
) -> Result<Response, Trouble> {
    let back = form.get("back").map_or("/ward", |back| back_to(back)).to_owned();
    // The list as it opens: what was kept shows at once, whatever the address said before.
    let list = back.split('&').next().unwrap_or("/ward").to_owned();
    let left = list.starts_with("/ward/discharged");
    let of = if left { SettingsOf::Left } else { SettingsOf::InHospital };
    let (caller, ward) = (reader.caller(), &reader.app.deps.virtual_ward);
    let settings = if form.contains_key("standard") {
        ListSettings::default()
    } else {
        let before = ward.settings(&caller, of).await.map_err(|failure| reader.fails(&failure))?;
        read(&form, &before)
    };
    let kept = ward.keep_settings(&caller, of, settings).await;
    kept.map_err(|failure| reader.fails(&failure))?;
    Ok(Redirect::to(&list).into_response())
}
