//! The pages of a launch that opens nobody or asks first, in plain words. They must never say which check failed: that is in identity's log.

use askama::Template;
use axum::{http::StatusCode, response::Response};
use lcr_contracts::identity::SignedIn;

use crate::{
    layout::{Layout, Nav, html},
    state::App,
    web::session::SignedInReader,
};

type Links = &'static [(&'static str, &'static str)];

const SIGN_IN: Links = &[("Sign in to the Leeds Care Record", "/sign-in")];
const SEARCH: Links = &[("Search for a person", "/search"), ("Go to home", "/home")];

#[derive(Template)]
#[template(path = "launch.html")]
struct LaunchPage {
    layout: Layout,
    heading: &'static str,
    text: &'static str,
    links: Links,
}

/// The launch was refused.
pub(super) fn refused(app: &App) -> Response {
    let heading = "Your system could not open the patient here";
    let text = "We did not accept your system's request. Go back to your system and open the patient again. If this \
                happens again, tell your IT service desk. Nothing was opened, and nothing was changed.";
    page(StatusCode::FORBIDDEN, Layout::new(app, heading), heading, text, SIGN_IN)
}

/// There is no launch, or it took too long.
pub(super) fn no_launch(app: &App) -> Response {
    let heading = "Open the patient from your own system";
    let text = "This address is used by your own system when it opens a patient here. Go back to your system and open \
                the patient again, or sign in.";
    page(StatusCode::BAD_REQUEST, Layout::new(app, heading), heading, text, SIGN_IN)
}

/// The launch names nobody whom we can open.
pub(super) fn unknown_person(reader: &SignedInReader) -> Response {
    let heading = "We cannot open that person";
    let text = "We could not find the person whom your system has open. Check the NHS number and the date of birth in \
                your system, then open the patient again, or search here. This does not mean there is no record.";
    page(StatusCode::NOT_FOUND, reader.layout(heading, Nav::None), heading, text, SEARCH)
}

#[derive(Template)]
#[template(path = "continue_as.html")]
struct ContinuePage {
    layout: Layout,
    name: String,
    organisation: String,
    other: String,
    form_token: String,
}

/// Another user is signed in in this browser.
pub(super) fn continue_as(reader: &SignedInReader, other: &SignedIn) -> Response {
    let SignedIn { actor, organisation, form_token, .. } = &reader.signed_in;
    let page = ContinuePage {
        // Without the menu, because the new session has not started.
        layout: Layout::new(&reader.app, "Open the patient as another user"),
        name: actor.name.clone(),
        organisation: organisation.clone(),
        other: other.actor.name.clone(),
        form_token: form_token.as_ref().clone(),
    };
    html(StatusCode::OK, &page)
}

fn page(status: StatusCode, layout: Layout, heading: &'static str, text: &'static str, links: Links) -> Response {
    html(status, &LaunchPage { layout, heading, text, links })
}
