//! The forms that watch a patient and save a list's settings. Virtual-ward stores both. A form must return to one of the
//! two lists.

use std::collections::BTreeMap;

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::{
    Failure,
    ward::{ListSettings, SettingsOf},
};
use lcr_model::PersonId;
use serde::Deserialize;

use crate::{
    ward::{page::safe_list_path, settings_form::read_settings},
    web::{csrf::CsrfForm, error_page::ErrorPage},
};

#[derive(Deserialize)]
pub(crate) struct WatchInput {
    person: String,
    /// `true` to watch, anything else to stop.
    #[serde(default, rename = "watch")]
    on: String,
    #[serde(default)]
    back: String,
    /// The stay whose row has the button, to return to it.
    #[serde(default)]
    row: String,
}

/// Watches a patient, or stops watching them.
pub(crate) async fn watch(CsrfForm { reader, form }: CsrfForm<WatchInput>) -> Result<Response, ErrorPage> {
    let person: PersonId = form.person.parse().map_err(|_| reader.error_page(&Failure::not_found()))?;
    let on = form.on == "true";
    let result = reader.app.deps.virtual_ward.watch(&reader.caller(), person, on).await;
    result.map_err(|failure| reader.error_page(&failure))?;
    let is_plain = form.row.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    let row = if is_plain && !form.row.is_empty() { format!("#entry-{}", form.row) } else { String::new() };
    Ok(Redirect::to(&format!("{}{row}", safe_list_path(&form.back))).into_response())
}

/// Saves the columns, order and filters of a list, or resets it to the standard list.
pub(crate) async fn save(CsrfForm { reader, form }: CsrfForm<BTreeMap<String, String>>) -> Result<Response, ErrorPage> {
    let back = form.get("back").map_or("/ward", |back| safe_list_path(back)).to_owned();
    // Drop the filters of the address, so that the saved ones apply at once.
    let list = back.split('&').next().unwrap_or("/ward").to_owned();
    let left = list.starts_with("/ward/discharged");
    let list_of = if left { SettingsOf::Left } else { SettingsOf::InHospital };
    let (caller, ward) = (reader.caller(), &reader.app.deps.virtual_ward);
    let settings = if form.contains_key("standard") {
        ListSettings::default()
    } else {
        let before = ward.settings(&caller, list_of).await.map_err(|failure| reader.error_page(&failure))?;
        read_settings(&form, &before)
    };
    let result = ward.keep_settings(&caller, list_of, settings).await;
    result.map_err(|failure| reader.error_page(&failure))?;
    Ok(Redirect::to(&list).into_response())
}
