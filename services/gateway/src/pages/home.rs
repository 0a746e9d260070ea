//! Where staff start: the search box, their patients in hospital, and what to know about the sources before
//! trusting an answer. A list that fails never takes the page with it.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::records::SourceStatus;

use super::{search::SearchForm, waiting, ward};
use crate::{
    page::{Frame, Nav, html},
    roles::{OFFICERS, PATIENTS},
    session::SignedInReader,
    trouble::Trouble,
    view::words::{count, list},
};

#[derive(Template)]
#[template(path = "home.html")]
struct HomePage {
    frame: Frame,
    search: SearchForm,
    notice: String,
    /// My patients in hospital, or why that is not known; `None` for roles without a list.
    ward: Option<Result<String, &'static str>>,
    /// Messages that wait, for those whose desk they are.
    waiting: Option<Result<String, &'static str>>,
    /// Officers are told where their desk is.
    officer: bool,
}

pub(crate) async fn home(reader: SignedInReader) -> Result<Response, Trouble> {
    if reader.is(&PATIENTS) {
        return Ok(Redirect::to("/my-record").into_response());
    }
    let caller = reader.caller();
    let sources = reader.app.deps.records.sources(&caller);
    let (sources, ward, waiting) = tokio::join!(sources, ward::in_short(&reader), waiting::on_home(&reader));
    let page = HomePage {
        frame: reader.frame("Home", Nav::Home),
        search: SearchForm::empty(&reader),
        notice: sources
            .map_or_else(|_| "The state of the sources is not known right now.".into(), |all| notice(&all)),
        ward,
        waiting,
        officer: reader.is(&OFFICERS),
    };
    Ok(html(StatusCode::OK, &page))
}

/// One sentence on the sources: how many, which are in trouble, which still load.
fn notice(all: &[SourceStatus]) -> String {
    let named = |test: fn(&SourceStatus) -> bool| -> Vec<String> {
        all.iter().filter(|one| test(one)).map(|one| one.name.clone()).collect()
    };
    let failing = named(|one| matches!(one.state.as_str(), "failing" | "paused"));
    let loading = named(|one| !one.loaded && one.state != "suspended");
    let mut out = format!("{} connected.", count(all.len(), "source is", "sources are"));
    if !failing.is_empty() {
        out += &format!(" Not answering: {}.", list(&failing));
    }
    match loading.len() {
        0 => {}
        some if some <= 3 => out += &format!(" Still loading people from {}.", list(&loading)),
        some => out += &format!(" Still loading people from {some} sources; some may not be found yet."),
    }
    out
}
