//! The staff home page: the search box, patients in hospital, waiting messages, and the state of the sources. A part that
//! fails must never fail the page.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::records_api::SourceStatus;

use crate::{
    layout::{
        Layout, Nav,
        format::{format_count, join_with_and},
        html,
    },
    roles::{OFFICER_ROLES, PATIENT_ROLES},
    search::page::SearchForm,
    waiting::page as waiting_page,
    ward::page as ward_page,
    web::{error_page::ErrorPage, session::SignedInReader},
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    layout: Layout,
    search: SearchForm,
    notice: String,
    /// The reader's patients in hospital, or why that is unknown. `None` for roles without a list.
    ward: Option<Result<String, &'static str>>,
    /// The waiting messages, or why that is unknown. `None` for roles that do not see them.
    waiting: Option<Result<String, &'static str>>,
    /// Shows officers the link to the log.
    officer: bool,
}

pub(crate) async fn home(reader: SignedInReader) -> Result<Response, ErrorPage> {
    if reader.has_role(&PATIENT_ROLES) {
        return Ok(Redirect::to("/my-record").into_response());
    }
    let caller = reader.caller();
    let sources = reader.app.deps.records.sources(&caller);
    let (sources, ward, waiting) =
        tokio::join!(sources, ward_page::home_summary(&reader), waiting_page::home_summary(&reader));
    let page = HomePage {
        layout: reader.layout("Home", Nav::Home),
        search: SearchForm::empty(&reader),
        notice: sources.map_or_else(
            |_| "The state of the sources is not known right now.".into(),
            |sources| sources_notice(&sources),
        ),
        ward,
        waiting,
        officer: reader.has_role(&OFFICER_ROLES),
    };
    Ok(html(StatusCode::OK, &page))
}

/// A sentence that says how many sources are connected, which fail and which are still loading.
fn sources_notice(sources: &[SourceStatus]) -> String {
    let names = |test: fn(&SourceStatus) -> bool| -> Vec<String> {
        sources.iter().filter(|source| test(source)).map(|source| source.name.clone()).collect()
    };
    let failing = names(|source| matches!(source.state.as_str(), "failing" | "paused"));
    let loading = names(|source| !source.loaded && source.state != "suspended");
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
