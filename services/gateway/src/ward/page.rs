//! The two ward lists: in hospital now, and left in the last 28 days. Virtual-ward decides, records and counts. These pages
//! only filter its answer and mark what is new, and must store nothing but which versions a reader has seen.

use std::time::Duration;

use askama::Template;
use axum::{
    extract::Query,
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    identity::Registry,
    spell::Place,
    ward::{Cell, ListOf, ListRequest, ListSettings, SettingsOf},
};
use lcr_model::ViewId;
use serde::Deserialize;

use crate::{
    layout::{Layout, Nav, html},
    roles::has_ward_lists,
    ward::{
        CHOICES_NOTE, counts,
        list::{ListView, discharge_list, href, inpatient_list},
        list_context::ListContext,
        list_header::list_query,
        list_links::{ListLink, list_title, period_links, reader_list_links},
        query::{DISCHARGE_WINDOW_DAYS, ListQuery, can_choose_wards, default_list},
        watch_button::WatchForm,
    },
    web::{
        assets,
        csrf::CsrfForm,
        error_page::{CANNOT_RECORD, ErrorPage},
        session::SignedInReader,
    },
};

/// How long the home page waits for its sentence.
const HOME_TIMEOUT: Duration = Duration::from_millis(1500);

#[derive(Template)]
#[template(path = "ward.html")]
struct WardPage {
    layout: Layout,
    left: bool,
    /// `None` until the reader has chosen a list.
    list: Option<WardList>,
    /// The lists that the reader can open without typing.
    list_links: Vec<ListLink>,
    /// Shows the forms to choose a ward or a consultant.
    can_choose_wards: bool,
    /// Links to "In hospital now" and "Left hospital" of this list.
    period_links: [ListLink; 2],
    /// The link to the delays of this list.
    delays: Option<String>,
    choices_note: &'static str,
}

struct WardList {
    title: String,
    view: ListView,
    /// The event stream of the page, if its script was built.
    stream: Option<String>,
    form_token: String,
    key: String,
}

pub(crate) async fn inpatients(reader: SignedInReader, Query(query): Query<ListQuery>) -> Result<Response, ErrorPage> {
    list_page(&reader, &query, false).await
}

pub(crate) async fn discharged(reader: SignedInReader, Query(query): Query<ListQuery>) -> Result<Response, ErrorPage> {
    list_page(&reader, &query, true).await
}

async fn list_page(reader: &SignedInReader, query: &ListQuery, left: bool) -> Result<Response, ErrorPage> {
    if !has_ward_lists(reader.signed_in.actor.role) {
        return Err(reader.error_page(&Failure::forbidden("Your role does not see ward lists.")));
    }
    // Without the registry the list is still shown, only without names and links to other lists.
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let chosen = query.list().map_err(|failure| reader.error_page(&failure))?;
    let list_of = chosen.or_else(|| default_list(reader, &registry));
    let list = match &list_of {
        Some(list_of) => Some(load_list(reader, list_of, query, left, &registry).await?),
        None => None,
    };
    let mut layout = reader.layout(if left { "Left hospital" } else { "In hospital now" }, Nav::Ward);
    layout.js = assets::url("ward.js");
    let page = WardPage {
        layout,
        left,
        list_links: reader_list_links(reader, &registry, list_of.as_ref(), left),
        can_choose_wards: can_choose_wards(reader, &registry),
        period_links: period_links(list_of.as_ref(), left),
        delays: list_of.as_ref().map(|list_of| format!("/ward/delays?{}", list_query(list_of))),
        choices_note: CHOICES_NOTE,
        list,
    };
    Ok(html(StatusCode::OK, &page))
}

async fn load_list(
    reader: &SignedInReader,
    list_of: &ListOf,
    query: &ListQuery,
    left: bool,
    registry: &Registry,
) -> Result<WardList, ErrorPage> {
    let settings = load_settings(reader, left).await;
    let options = query.options(&settings);
    let view = ViewId::new();
    let ask = ListRequest { of: list_of.clone(), view, days: if left { DISCHARGE_WINDOW_DAYS } else { 0 } };
    let (caller, ward) = (reader.caller(), &reader.app.deps.virtual_ward);
    let now = reader.app.deps.clock.now();
    let key = (reader.signed_in.actor.user.clone(), href(list_of, left));
    let since = reader.app.recent_views.since(&key, now).await;
    let back = options.href(&key.1);
    let form = WatchForm { token: reader.signed_in.form_token.as_ref(), back: &back };
    let context = ListContext { of: list_of, options: &options, baseline: &since, settings: &settings, form, now };
    let list = if left {
        ward.discharges(&caller, ask).await.map(|mut list| {
            list.rows.iter_mut().for_each(|row| name_site(registry, row.place.as_mut()));
            discharge_list(&list, context)
        })
    } else {
        ward.inpatients(&caller, ask).await.map(|mut list| {
            list.rows.iter_mut().for_each(|row| name_site(registry, row.place.as_mut()));
            inpatient_list(&list, context)
        })
    };
    let list = list.map_err(|failure| reader.error_page(&failure))?;
    reader.app.recent_views.record(&key, now, since.clone(), &list.all, list.shown.clone()).await;
    let period = if left { "&left=true" } else { "" };
    Ok(WardList {
        title: list_title(list_of, registry),
        stream: assets::url("ward.js").map(|_| format!("/ward/stream?{}&view={view}{period}", list_query(list_of))),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        key: href(list_of, left),
        view: list,
    })
}

/// The reader's settings, or the standard ones if virtual-ward does not answer: settings must never hide a list.
async fn load_settings(reader: &SignedInReader, left: bool) -> ListSettings {
    let of = if left { SettingsOf::Left } else { SettingsOf::InHospital };
    reader.app.deps.virtual_ward.settings(&reader.caller(), of).await.unwrap_or_default()
}

/// Replaces a site's code by its name if the registry knows it.
fn name_site(registry: &Registry, place: Option<&mut Cell<Place>>) {
    let Some(place) = place else { return };
    let site = registry.organisations.iter().find(|site| Some(site.ods.as_str()) == place.value.site.as_deref());
    if let Some(site) = site {
        place.value.site = Some(site.name.clone());
    }
}

#[derive(Deserialize)]
pub(crate) struct MarkSeenForm {
    list: String,
}

/// Clears the marks of a list. An unknown list changes nothing.
pub(crate) async fn mark_seen(CsrfForm { reader, form }: CsrfForm<MarkSeenForm>) -> Response {
    let key = (reader.signed_in.actor.user.clone(), form.list.clone());
    reader.app.recent_views.mark_seen(&key).await;
    Redirect::to(safe_list_path(&form.list)).into_response()
}

/// The path, if it is one of the two lists, else `/ward`. A form must not redirect anywhere else.
pub(super) fn safe_list_path(list: &str) -> &str {
    let is_list = list.starts_with("/ward?") || list.starts_with("/ward/discharged?");
    let plain = |c: char| c.is_ascii_alphanumeric() || "/?=&%-_.".contains(c);
    if is_list && list.chars().all(plain) { list } else { "/ward" }
}

/// The home page's sentence on the reader's patients in hospital, or why it is unknown. `None` for roles without lists.
pub(crate) async fn home_summary(reader: &SignedInReader) -> Option<Result<String, &'static str>> {
    if !has_ward_lists(reader.signed_in.actor.role) {
        return None;
    }
    let deps = &reader.app.deps;
    let registry = deps.identity.registry().await.unwrap_or_default();
    let Some(list_of) = default_list(reader, &registry) else {
        return Some(Err("Choose a ward or a consultant to see who is in hospital."));
    };
    let ask = ListRequest { of: list_of, view: ViewId::new(), days: 0 };
    let list = tokio::time::timeout(HOME_TIMEOUT, deps.virtual_ward.inpatients(&reader.caller(), ask)).await;
    Some(match list {
        Ok(Ok(list)) => Ok(counts::home_summary(&list, deps.clock.now())),
        Ok(Err(failure)) if failure.kind == FailureKind::CannotRecord => Err(CANNOT_RECORD),
        Ok(Err(_)) | Err(_) => {
            Err("The list of your patients in hospital did not answer. This does not mean there are none.")
        }
    })
}
