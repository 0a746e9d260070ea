//! The staff home page: the search box, people in care and in hospital, waiting messages, claims, and the state of the sources.
//! A part that fails must never fail the page.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{records_api::SourceStatus, registry::Organisation, vocabulary::QueryState};
use lcr_model::Role;

use crate::{
    access_log::{
        claim_queue_page::{ClaimsSummary, claims_summary},
        waiting_objections,
    },
    cache::recent_people::RecentPerson,
    care_list::home::{HomeList, home_lists},
    layout::{
        Layout, Nav,
        format::{format_count, format_day, join_with_and},
        html,
    },
    partners::home_note::{HomeNote, home_note},
    record::banner::full_name,
    roles::{HOSPITAL_ROLES, OFFICER_ROLES, PATIENT_ROLES, abilities, can_search},
    search::page::SearchForm,
    waiting::page as waiting_page,
    ward::page as ward_page,
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    layout: Layout,
    /// What the reader's role can do.
    abilities: &'static str,
    /// `None` for roles that do not search, and for staff of an organisation that does not take part.
    search: Option<SearchForm>,
    /// The role searches, but the organisation does not take part.
    takes_no_part: bool,
    /// The step of the reader's own organisation that waits for them.
    note: Option<HomeNote>,
    /// The heading and the link of the people in hospital.
    ward_heading: &'static str,
    /// The people whose records the reader opened lately in this session: name with birth date, and address.
    recent: Vec<(String, String)>,
    notice: String,
    /// The reader's patients in hospital, or why that is unknown. `None` for roles without a list.
    ward: Option<Result<String, &'static str>>,
    /// The waiting messages, or why that is unknown. `None` for roles that do not see them.
    waiting: Option<Result<String, &'static str>>,
    /// Shows officers the link to the log.
    officer: bool,
    /// The objections that wait for an officer's review, or why that is unknown. `None` for all others.
    objections: Option<Result<String, &'static str>>,
    /// The claims and overrides that wait for an officer's check. `None` for all others.
    claims: Option<ClaimsSummary>,
    /// The people in the reader's care, or why they are not known. `None` if there are none.
    people: Option<Result<Vec<HomeList>, &'static str>>,
    /// Shows data stewards the link to the reviews.
    steward: bool,
}

pub(crate) async fn home(reader: SignedInReader) -> Result<Response, ErrorPage> {
    if reader.has_role(&PATIENT_ROLES) {
        return Ok(Redirect::to("/my-record").into_response());
    }
    let caller = reader.caller();
    let sources = reader.app.deps.records.sources(&caller);
    let (sources, takes_part, note, ward, waiting, people) = tokio::join!(
        sources,
        takes_part(&reader),
        home_note(&reader),
        ward_page::home_summary(&reader),
        waiting_page::home_summary(&reader),
        home_lists(&reader)
    );
    let recent = reader.app.recent_people.load(reader.session(), reader.app.deps.clock.now()).await;
    let officer = reader.has_role(&OFFICER_ROLES);
    let (objections, claims) = if officer {
        let (objections, claims) = tokio::join!(waiting_objections::home_summary(&reader), claims_summary(&reader));
        (Some(objections), Some(claims))
    } else {
        (None, None)
    };
    let searches = can_search(reader.signed_in.actor.role);
    let page = HomePage {
        recent: recent.iter().map(recent_link).collect(),
        layout: reader.layout("Home", Nav::Home),
        abilities: abilities(reader.signed_in.actor.role),
        search: (searches && takes_part).then(|| SearchForm::empty(&reader)),
        takes_no_part: searches && !takes_part,
        note,
        ward_heading: if reader.has_role(&HOSPITAL_ROLES) { "In hospital now" } else { "My patients in hospital" },
        notice: sources.map_or_else(
            |_| "The state of the sources is not known right now.".into(),
            |mut sources| {
                sources.retain(|source| !source.discreet);
                sources_notice(&sources)
            },
        ),
        ward,
        waiting,
        officer,
        objections,
        claims,
        people,
        steward: reader.has_role(&[Role::DataSteward]),
    };
    Ok(html(StatusCode::OK, &page))
}

/// Whether the reader's organisation takes part. If the registry does not answer, a search says so itself.
async fn takes_part(reader: &SignedInReader) -> bool {
    let registry = reader.app.deps.identity.registry().await.unwrap_or_default();
    registry.organisation(&reader.signed_in.actor.org).is_none_or(Organisation::takes_part)
}

fn recent_link(person: &RecentPerson) -> (String, String) {
    let born = person
        .birth_date
        .map_or_else(|| "birth date not known".to_owned(), |born| format!("born {}", format_day(born)));
    (format!("{}, {born}", full_name(&person.family, &person.given, None)), format!("/people/{}", person.id))
}

/// A sentence that says how many sources are connected, which fail and which are still loading.
fn sources_notice(sources: &[SourceStatus]) -> String {
    let names = |test: fn(&SourceStatus) -> bool| -> Vec<String> {
        sources.iter().filter(|source| test(source)).map(|source| source.name.clone()).collect()
    };
    let failing = names(|source| matches!(source.state, QueryState::Failing | QueryState::Paused));
    let loading = names(|source| !source.loaded && source.state != QueryState::Suspended);
    let mut out = format!("{} connected.", format_count(sources.len(), "source is", "sources are"));
    if !failing.is_empty() {
        out += &format!(" Not answering: {}.", join_with_and(&failing));
    }
    match loading.len() {
        0 => {}
        count if count <= 3 => out += &format!(" Still loading people from {}.", join_with_and(&loading)),
        count => out += &format!(" Still loading people from {count} sources; some may not be found yet."),
    }
    out
}
