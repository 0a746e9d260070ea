//! The virtual ward's two lists. virtual-ward decides, records and counts; a page filters what it was given, marks
//! what is new, and keeps nothing of anybody but which versions were seen.

pub(crate) mod asked;
pub(crate) mod delays;
pub(crate) mod own;
mod ways;

use std::time::Duration;

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, Kind,
    identity::Registry,
    spell::Place,
    ward::{Cell, ListAsk, ListOf, ListSettings, SettingsOf},
};
use lcr_model::ViewId;
use serde::Deserialize;

use crate::{
    assets,
    form::Posted,
    page::{Frame, Nav, html},
    roles::has_lists,
    session::SignedInReader,
    trouble::Trouble,
    view::ward::{
        CHOICES,
        around::query,
        counts,
        list::{ListView, Look, href, in_hospital, who_left},
        watching::FormOf,
    },
};
use asked::{Asked, WINDOW, chooses_wards, default_list};
use ways::{Way, here, switch, whose};

/// The home page waits no longer for its line.
const HOME_WAITS: Duration = Duration::from_millis(1500);

#[derive(Template)]
#[template(path = "ward.html")]
struct WardPage {
    frame: Frame,
    left: bool,
    /// `None` where the reader still has to choose one.
    list: Option<Shown>,
    /// The other lists this reader may turn to.
    switch: Vec<Way>,
    /// Wards and consultants are typed.
    chooses: bool,
    /// In hospital now, and left in the last 28 days: of this list.
    here: [Way; 2],
    /// The delays of this list.
    delays: Option<String>,
    choices: &'static str,
}

struct Shown {
    whose: String,
    view: ListView,
    /// Where the page listens.
    stream: Option<String>,
    form_token: String,
    key: String,
}

pub(crate) async fn inpatients(
    reader: SignedInReader,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    page(&reader, &asked, false).await
}

pub(crate) async fn discharged(
    reader: SignedInReader,
    Query(asked): Query<Asked>,
) -> Result<Response, Trouble> {
    page(&reader, &asked, true).await
}

async fn page(reader: &SignedInReader, asked: &Asked, left: bool) -> Result<Response, Trouble> {
    if !has_lists(reader.signed_in.actor.role) {
        return Err(reader.fails(&Failure::forbidden("Your role does not see ward lists.")));
    }
    // Without the registry the list still stands; names and the switch are missing.
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let named = asked.list().map_err(|failure| reader.fails(&failure))?;
    let of = named.or_else(|| default_list(reader, &registry));
    let list = match &of {
        Some(of) => Some(shown(reader, of, asked, left, &registry).await?),
        None => None,
    };
    let mut frame = reader.frame(if left { "Left hospital" } else { "In hospital now" }, Nav::Ward);
    frame.js = assets::address("ward.js");
    let page = WardPage {
        frame,
        left,
        switch: switch(reader, &registry, of.as_ref(), left),
        chooses: chooses_wards(reader, &registry),
        here: here(of.as_ref(), left),
        delays: of.as_ref().map(|of| format!("/ward/delays?{}", query(of))),
        choices: CHOICES,
        list,
    };
    Ok(html(StatusCode::OK, &page))
}

async fn shown(
    reader: &SignedInReader,
    of: &ListOf,
    asked: &Asked,
    left: bool,
    registry: &Registry,
) -> Result<Shown, Trouble> {
    let settings = own_settings(reader, left).await;
    let wanted = asked.wanted(&settings);
    let view = ViewId::new();
    let ask = ListAsk { of: of.clone(), view, days: if left { WINDOW } else { 0 } };
    let (caller, ward) = (reader.caller(), &reader.app.deps.virtual_ward);
    let now = reader.app.deps.clock.now();
    let key = (reader.signed_in.actor.user.clone(), href(of, left));
    let since = reader.app.looked.since(&key, now).await;
    let back = wanted.href(&key.1);
    let form = FormOf { token: reader.signed_in.form_token.as_ref(), back: &back };
    let look = Look { of, wanted: &wanted, since: &since, settings: &settings, form, now };
    let list = if left {
        ward.discharges(&caller, ask).await.map(|mut list| {
            list.rows.iter_mut().for_each(|row| name_site(registry, row.place.as_mut()));
            who_left(&list, look)
        })
    } else {
        ward.inpatients(&caller, ask).await.map(|mut list| {
            list.rows.iter_mut().for_each(|row| name_site(registry, row.place.as_mut()));
            in_hospital(&list, look)
        })
    };
    let list = list.map_err(|failure| reader.fails(&failure))?;
    reader.app.looked.note(&key, now, since.clone(), &list.all, list.shown.clone()).await;
    let which = if left { "&left=true" } else { "" };
    Ok(Shown {
        whose: whose(of, registry),
        stream: assets::address("ward.js").map(|_| format!("/ward/stream?{}&view={view}{which}", query(of))),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        key: href(of, left),
        view: list,
    })
}

/// How the reader wants the list. Without an answer it is the standard one: settings must not take a list away.
async fn own_settings(reader: &SignedInReader, left: bool) -> ListSettings {
    let of = if left { SettingsOf::Left } else { SettingsOf::InHospital };
    reader.app.deps.virtual_ward.settings(&reader.caller(), of).await.unwrap_or_default()
}

/// Puts a site's name in place of its code, where the registry knows it.
fn name_site(registry: &Registry, place: Option<&mut Cell<Place>>) {
    let Some(place) = place else { return };
    let found =
        registry.organisations.iter().find(|one| Some(one.ods.as_str()) == place.value.site.as_deref());
    if let Some(site) = found {
        place.value.site = Some(site.name.clone());
    }
}

#[derive(Deserialize)]
pub(crate) struct Seen {
    list: String,
}

/// "I have seen these": marks go. Nothing else changes, and an unknown list is nobody's.
pub(crate) async fn seen(Posted { reader, form }: Posted<Seen>) -> Response {
    let key = (reader.signed_in.actor.user.clone(), form.list.clone());
    reader.app.looked.seen(&key).await;
    Redirect::to(back_to(&form.list)).into_response()
}

/// Only ever back to one of the two lists.
fn back_to(list: &str) -> &str {
    let ours = list.starts_with("/ward?") || list.starts_with("/ward/discharged?");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/?=&%-_.".contains(c);
    if ours && list.chars().all(plain) { list } else { "/ward" }
}

/// The home page's line: how many of the reader's patients are in hospital. A list that fails or is slow leaves
/// words in its place, and the home page stands.
pub(crate) async fn in_short(reader: &SignedInReader) -> Option<Result<String, &'static str>> {
    if !has_lists(reader.signed_in.actor.role) {
        return None;
    }
    let deps = &reader.app.deps;
    let registry = deps.identity.registry().await.unwrap_or_default();
    let Some(of) = default_list(reader, &registry) else {
        return Some(Err("Choose a ward or a consultant to see who is in hospital."));
    };
    let ask = ListAsk { of, view: ViewId::new(), days: 0 };
    let list = tokio::time::timeout(HOME_WAITS, deps.virtual_ward.inpatients(&reader.caller(), ask)).await;
    Some(match list {
        Ok(Ok(list)) => Ok(counts::in_short(&list, deps.clock.now())),
        Ok(Err(failure)) if failure.kind == Kind::CannotRecord => Err(crate::trouble::CANNOT_RECORD),
        Ok(Err(_)) | Err(_) => {
            Err("The list of your patients in hospital did not answer. This does not mean there are none.")
        }
    })
}
