//! What every page has around its content, and how a template becomes an answer. A title may hold a
//! patient's initials and never a name.

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use lcr_contracts::identity::SignedIn;
use lcr_model::Role;

use crate::{
    assets,
    roles::{MESSAGES, OFFICERS, PATIENTS, has_lists},
    state::App,
};

/// Which entry of the menu is current.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nav {
    None,
    Home,
    Search,
    Ward,
    Sources,
    Log,
    Reviews,
    Waiting,
    MyRecord,
    MyChoices,
}

/// The frame of a page.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    pub title: String,
    pub demo: bool,
    pub css: Option<String>,
    pub js: Option<String>,
    pub reader: Option<ReaderLine>,
    pub menu: Vec<MenuItem>,
    /// Where a browser without script goes at once.
    pub refresh: Option<String>,
}

/// Who is signed in, as the header says it.
#[derive(Debug, Clone)]
pub(crate) struct ReaderLine {
    pub name: String,
    pub organisation: String,
    pub form_token: String,
}

#[derive(Debug, Clone)]
pub(crate) struct MenuItem {
    pub words: &'static str,
    pub href: &'static str,
    pub current: bool,
}

impl Frame {
    pub fn new(app: &App, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            demo: app.deps.settings.demo,
            css: assets::address("portal.css"),
            js: assets::address("record.js"),
            reader: None,
            menu: Vec::new(),
            refresh: None,
        }
    }

    pub fn for_reader(mut self, signed_in: &SignedIn, nav: Nav) -> Self {
        self.menu = menu(signed_in.actor.role, nav);
        self.reader = Some(ReaderLine {
            name: signed_in.actor.name.clone(),
            organisation: signed_in.organisation.clone(),
            form_token: signed_in.form_token.as_ref().clone(),
        });
        self
    }
}

fn menu(role: Role, nav: Nav) -> Vec<MenuItem> {
    let officer = OFFICERS.contains(&role);
    let staff = [
        ("Home", "/home", Nav::Home, true),
        ("Search", "/search", Nav::Search, true),
        ("Ward", "/ward", Nav::Ward, has_lists(role)),
        ("Log", "/privacy", Nav::Log, officer),
        ("Reviews", "/reviews", Nav::Reviews, role == Role::DataSteward),
        ("Waiting messages", "/waiting", Nav::Waiting, MESSAGES.contains(&role)),
        ("Sources", "/sources", Nav::Sources, true),
    ];
    let own = [
        ("Who has looked", "/my-record", Nav::MyRecord, true),
        ("Your choices", "/my-record/choices", Nav::MyChoices, true),
    ];
    let items: &[(&str, &str, Nav, bool)] = if PATIENTS.contains(&role) { &own } else { &staff };
    let offered = items.iter().filter(|(_, _, _, offered)| *offered);
    offered.map(|(words, href, at, _)| MenuItem { words, href, current: *at == nav }).collect()
}

/// Renders a page. A template that fails says so plainly: half a page would be a hazard.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let words = "This page could not be shown. Reload it, or use your local system.";
            (StatusCode::INTERNAL_SERVER_ERROR, words).into_response()
        }
    }
}
