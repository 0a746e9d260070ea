//! The layout around every page: title, header, menu, reader. A title may hold a patient's initials but must never
//! hold a name.

pub mod filter;
pub mod format;
pub(crate) mod fragments;
pub mod link_words;
pub mod list_links;
pub mod reasons;
pub mod table;

use askama::Template;
use axum::{
    http::StatusCode,
    response::{Html, IntoResponse, Response},
};
use lcr_contracts::identity::SignedIn;
use lcr_model::Role;

use crate::{
    roles::{MESSAGE_ROLES, OFFICER_ROLES, PARTNER_ROLES, PATIENT_ROLES, RULES_ROLES, can_search, has_ward_lists},
    state::App,
    web::assets,
};

/// The current entry of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Nav {
    None,
    Home,
    Search,
    Ward,
    Sources,
    Log,
    Rules,
    Reviews,
    Waiting,
    Partners,
    MyRecord,
    MyChoices,
}

#[derive(Debug, Clone)]
pub(crate) struct Layout {
    /// Without "Error: ", which the template adds.
    pub title: String,
    /// Whether a form of the page came back with a problem.
    pub has_problem: bool,
    pub demo: bool,
    pub css: Option<String>,
    pub js: Option<String>,
    pub reader: Option<ReaderLine>,
    pub menu: Vec<MenuItem>,
    /// The address that a browser without JavaScript loads instead.
    pub refresh: Option<String>,
}

/// The signed-in reader, as the header shows them.
#[derive(Debug, Clone)]
pub(crate) struct ReaderLine {
    pub name: String,
    pub organisation: String,
    pub form_token: String,
}

#[derive(Debug, Clone)]
pub(crate) struct MenuItem {
    pub label: &'static str,
    pub href: &'static str,
    pub current: bool,
}

impl Layout {
    pub fn new(app: &App, title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            has_problem: false,
            demo: app.deps.settings.demo,
            css: assets::url("portal.css"),
            js: assets::url("record.js"),
            reader: None,
            menu: Vec::new(),
            refresh: None,
        }
    }

    /// Says whether a form of the page came back with a problem. The title then begins with "Error: ", so that a screen reader
    /// says it first.
    #[must_use]
    pub fn with_problem(mut self, has_problem: bool) -> Self {
        self.has_problem = has_problem;
        self
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
    let officer = OFFICER_ROLES.contains(&role);
    let staff = [
        ("Home", "/home", Nav::Home, true),
        ("Search", "/search", Nav::Search, can_search(role)),
        ("Ward", "/ward", Nav::Ward, has_ward_lists(role)),
        ("Log", "/privacy", Nav::Log, officer),
        ("Rules", "/rules", Nav::Rules, RULES_ROLES.contains(&role)),
        ("Reviews", "/reviews", Nav::Reviews, role == Role::DataSteward),
        ("Waiting messages", "/waiting", Nav::Waiting, MESSAGE_ROLES.contains(&role)),
        ("Partners", "/partners", Nav::Partners, PARTNER_ROLES.contains(&role)),
        ("Sources", "/sources", Nav::Sources, true),
    ];
    let patient = [
        ("Who has looked", "/my-record", Nav::MyRecord, true),
        ("Your choices", "/my-record/choices", Nav::MyChoices, true),
    ];
    let items: &[(&str, &str, Nav, bool)] = if PATIENT_ROLES.contains(&role) { &patient } else { &staff };
    let offered = items.iter().filter(|(_, _, _, offered)| *offered);
    offered.map(|(label, href, entry, _)| MenuItem { label, href, current: *entry == nav }).collect()
}

/// Renders a page. A template that fails gives an error: half a page would be a hazard.
pub(crate) fn html(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => (status, Html(text)).into_response(),
        Err(error) => {
            tracing::error!(%error, "a page could not be rendered");
            let text = "This page could not be shown. Reload it, or use your local system.";
            (StatusCode::INTERNAL_SERVER_ERROR, text).into_response()
        }
    }
}
