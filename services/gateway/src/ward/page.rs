//! The two ward lists: in hospital now, and left in the last 28 days. Virtual-ward decides, records and counts. These pages
//! only filter its answer and mark what is new, and must store nothing but which versions a reader has seen.

mod seen;

use std::time::Duration;

use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use lcr_contracts::{
    Failure, FailureKind,
    registry::Registry,
    spell::Place,
    ward::{Cell, Counts, Discharges, Inpatients, ListOf, ListRequest, ListSettings, SettingsOf},
};
use lcr_model::{ViewId, discharge_window::WINDOW_DAYS};

use crate::{
    layout::{Layout, Nav, html},
    roles::has_ward_lists,
    ward::{
        CHOICES_NOTE, counts,
        list::{ListView, href, list_view},
        list_context::ListContext,
        list_header::list_query,
        list_links::{ListLink, list_title, period_links, reader_list_links},
        place_picker::{PlacePicker, resolve},
        query::{ListQuery, can_choose_wards, default_list},
        stay_list::StayList,
        watch_button::WatchForm,
    },
    web::{
        assets,
        error_page::{CANNOT_RECORD, ErrorPage},
        session::SignedInReader,
    },
};
pub(crate) use seen::mark_seen;
pub(super) use seen::safe_list_path;

/// How long a page waits for numbers of people.
const COUNT_TIMEOUT: Duration = Duration::from_millis(1500);

#[derive(Template)]
#[template(path = "ward.html")]
struct WardPage {
    layout: Layout,
    left: bool,
    /// `None` until the reader has chosen a list.
    list: Option<WardList>,
    /// The lists that the reader can open without typing.
    list_links: Vec<ListLink>,
    /// The wards, consultants and specialties to choose from, for hospital staff.
    picker: Option<PlacePicker>,
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
    list_page::<Inpatients>(&reader, &query).await
}

pub(crate) async fn discharged(reader: SignedInReader, Query(query): Query<ListQuery>) -> Result<Response, ErrorPage> {
    list_page::<Discharges>(&reader, &query).await
}

async fn list_page<L: StayList>(reader: &SignedInReader, query: &ListQuery) -> Result<Response, ErrorPage> {
    let left = L::LEFT;
    if !has_ward_lists(reader.signed_in.actor.role) {
        return Err(reader.error_page(&Failure::forbidden("Your role does not see ward lists.")));
    }
    // Without the registry the list is still shown, only without names and links to other lists.
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let chosen = query.list().map_err(|failure| reader.error_page(&failure))?;
    let (list_of, picker) = if can_choose_wards(reader, &registry) {
        let (list_of, picker) = choose_place(reader, chosen, left).await;
        (list_of, Some(picker))
    } else {
        (chosen.or_else(|| default_list(reader, &registry)), None)
    };
    let list = match &list_of {
        Some(list_of) => Some(load_list::<L>(reader, list_of, query, &registry).await?),
        None => None,
    };
    let has_problem = picker.as_ref().is_some_and(|picker| picker.problem.is_some());
    let title = if left { "Left hospital" } else { "In hospital now" };
    let mut layout = reader.layout(title, Nav::Ward).with_problem(has_problem);
    layout.js = assets::url("ward.js");
    let page = WardPage {
        layout,
        left,
        list_links: reader_list_links(reader, &registry, list_of.as_ref(), left),
        picker,
        period_links: period_links(list_of.as_ref(), left),
        delays: list_of.as_ref().map(|list_of| format!("/ward/delays?{}", list_query(list_of))),
        choices_note: CHOICES_NOTE,
        list,
    };
    Ok(html(StatusCode::OK, &page))
}

/// The list that the reader means, if there is one, and the places to choose from.
async fn choose_place(reader: &SignedInReader, chosen: Option<ListOf>, left: bool) -> (Option<ListOf>, PlacePicker) {
    let counts = load_counts(reader, None).await.ok();
    let list_of = match (chosen, &counts) {
        (Some(list_of), Some(counts)) => resolve(list_of, counts, &reader.signed_in.organisation).map(Some),
        (list_of, _) => Ok(list_of),
    };
    let (list_of, problem) = match list_of {
        Ok(list_of) => (list_of, None),
        Err(problem) => (None, Some(problem)),
    };
    let picker = PlacePicker::new(counts.as_ref(), list_of.as_ref(), left, problem);
    (list_of, picker)
}

/// How many people the reader may see. `None` counts their whole hospital.
async fn load_counts(reader: &SignedInReader, of: Option<ListOf>) -> Result<Counts, Failure> {
    let caller = reader.caller();
    let counts = reader.app.deps.virtual_ward.counts(&caller, of);
    let late = || Failure::new(FailureKind::Timeout, "The number of patients in hospital is not known right now.");
    tokio::time::timeout(COUNT_TIMEOUT, counts).await.unwrap_or_else(|_| Err(late()))
}

async fn load_list<L: StayList>(
    reader: &SignedInReader,
    list_of: &ListOf,
    query: &ListQuery,
    registry: &Registry,
) -> Result<WardList, ErrorPage> {
    let settings = load_settings(reader, L::LEFT).await;
    let options = query.options(&settings);
    let view = ViewId::new();
    let ask = ListRequest { of: list_of.clone(), view, days: if L::LEFT { WINDOW_DAYS } else { 0 } };
    let ward = reader.app.deps.virtual_ward.as_ref();
    let now = reader.app.deps.clock.now();
    let key = (reader.signed_in.actor.user.clone(), href(list_of, L::LEFT));
    let since = reader.app.recent_views.since(&key, now).await;
    let back = options.href(&key.1);
    let form = WatchForm { token: reader.signed_in.form_token.as_ref(), back: &back };
    let context = ListContext { of: list_of, options: &options, baseline: &since, settings: &settings, form, now };
    let mut list = L::load(ward, &reader.caller(), ask).await.map_err(|failure| reader.error_page(&failure))?;
    list.places().for_each(|place| name_site(registry, place));
    let list = list_view(&list, context);
    reader.app.recent_views.record(&key, now, since.clone(), &list.all, list.shown.clone()).await;
    let (period, mark) = (if L::LEFT { "&left=true" } else { "" }, reader.stream_mark());
    Ok(WardList {
        title: list_title(list_of, registry),
        stream: assets::url("ward.js")
            .map(|_| format!("/ward/stream?{}&view={view}{period}{mark}", list_query(list_of))),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        key: href(list_of, L::LEFT),
        view: list,
    })
}

/// The reader's settings, or the standard ones if virtual-ward does not answer: settings must never hide a list.
async fn load_settings(reader: &SignedInReader, left: bool) -> ListSettings {
    let of = if left { SettingsOf::Left } else { SettingsOf::InHospital };
    reader.app.deps.virtual_ward.settings(&reader.caller(), of).await.unwrap_or_default()
}

/// Replaces a site's code by its name if the registry knows it.
fn name_site(registry: &Registry, place: &mut Cell<Place>) {
    let site = registry.organisations.iter().find(|site| Some(site.ods.as_str()) == place.value.site.as_deref());
    if let Some(site) = site {
        place.value.site = Some(site.name.clone());
    }
}

/// The home page's sentences on the people in hospital, or why they are unknown. `None` for roles without lists. They are
/// counted without names, so the home page is no look at a list.
pub(crate) async fn home_summary(reader: &SignedInReader) -> Option<Result<String, &'static str>> {
    if !has_ward_lists(reader.signed_in.actor.role) {
        return None;
    }
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    let list_of = default_list(reader, &registry);
    if list_of.is_none() && !can_choose_wards(reader, &registry) {
        return Some(Err("Choose a list to see who is in hospital."));
    }
    let whole_hospital = list_of.is_none();
    Some(match load_counts(reader, list_of).await {
        Ok(counts) => Ok(counts::home_summary(&counts, whole_hospital)),
        Err(failure) if failure.kind == FailureKind::CannotRecord => Err(CANNOT_RECORD),
        Err(_) => Err("The list of your patients in hospital did not answer. This does not mean there are none."),
    })
}
