//! The page of a record that does not open: what would make a link, and the forms to say why one is involved; and of one that
//! is open and withholds something. It must name the person only as the reader's last search did, and must offer only what
//! consent offers.

use std::time::Duration;

use askama::Template;
use axum::{http::StatusCode, response::Response};
use lcr_contracts::{Failure, FailureKind, claims::ClaimOffer};
use lcr_model::PersonId;

use crate::{
    claims::{
        form::{ClaimInput, OverrideInput},
        offer::{ClaimForm, OverrideForm, claim_form, override_form, would_open},
    },
    forms::field_problem::FieldProblem,
    layout::{Layout, Nav, format::format_day, html},
    record::banner::full_name,
    roles::{HOSPITAL_ROLES, PRACTICE_ROLES, how_a_record_opens, whom_to_call},
    web::{
        error_page::{ErrorPage, NO_RELATIONSHIP, error_text},
        session::SignedInReader,
    },
};

/// A refusal must not wait for what could follow it.
const OFFER_TIMEOUT: Duration = Duration::from_millis(1500);

#[derive(Template)]
#[template(path = "refused.html")]
struct RefusedPage {
    layout: Layout,
    form_token: String,
    person: PersonId,
    heading: &'static str,
    /// Whether the record is open, and withholds something.
    is_open: bool,
    /// Name and birth date. Only if the reader's last search showed them.
    name: Option<String>,
    text: String,
    would_open: Vec<String>,
    help: Option<String>,
    claim: Option<ClaimForm>,
    emergency: Option<OverrideForm>,
    problems: Vec<FieldProblem>,
    links: Vec<(&'static str, String)>,
}

impl RefusedPage {
    fn override_question(&self) -> &'static str {
        if self.is_open { "Why must you see what is withheld?" } else { "Why do you override the refusal?" }
    }

    /// What is wrong with a field.
    fn problem(&self, field: &str) -> Option<&str> {
        self.problems.iter().find(|problem| problem.field == field).map(|problem| problem.text.as_str())
    }
}

/// What the reader has just sent, and what is wrong with it.
#[derive(Default)]
pub(crate) struct SentForms {
    pub claim: ClaimInput,
    pub emergency: OverrideInput,
    pub problems: Vec<FieldProblem>,
}

/// The page for a failure that ends the reader's right to the record.
pub(crate) async fn refusal_page(reader: &SignedInReader, person: PersonId, failure: &Failure) -> ErrorPage {
    let consent = &reader.app.deps.consent;
    let explained = tokio::time::timeout(OFFER_TIMEOUT, consent.explain(&reader.caller(), person)).await;
    let offer = explained.ok().and_then(Result::ok).map(|explanation| explanation.offer).unwrap_or_default();
    refused(reader, person, failure, &offer, SentForms::default()).await.into()
}

/// The page, with the forms as they were sent.
pub(crate) async fn refused(
    reader: &SignedInReader,
    person: PersonId,
    failure: &Failure,
    offer: &ClaimOffer,
    sent: SentForms,
) -> Response {
    let error = error_text(failure);
    let role = reader.signed_in.actor.role;
    let unrelated = failure.kind == FailureKind::NoRelationship;
    let would_open = if unrelated { would_open(offer, role) } else { Vec::new() };
    let how = if would_open.is_empty() { how_a_record_opens(role) } else { CHECK_THE_NUMBER };
    let status = if sent.problems.is_empty() { error.status } else { StatusCode::BAD_REQUEST };
    let page = RefusedPage {
        layout: reader.layout(error.heading, Nav::None).with_problem(!sent.problems.is_empty()),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        person,
        heading: error.heading,
        is_open: false,
        name: if unrelated { found_by_last_search(reader, person).await } else { None },
        text: if unrelated { NO_RELATIONSHIP.to_owned() } else { error.text },
        would_open,
        help: unrelated.then(|| format!("{how} {}", whom_to_call(role))),
        claim: if unrelated { claim_form(offer, &sent.claim) } else { None },
        emergency: override_form(offer, &sent.emergency, reader.signed_in.signed_in_at, reader.app.deps.clock.now()),
        problems: sent.problems,
        links: helpful_link(reader, person, failure.kind).into_iter().chain(error.links).collect(),
    };
    html(status, &page)
}

/// The page of a record that is open to the reader, with the form of an override that shows more.
pub(crate) async fn withheld(
    reader: &SignedInReader,
    person: PersonId,
    offer: &ClaimOffer,
    sent: SentForms,
) -> Response {
    let (signed_in_at, now) = (reader.signed_in.signed_in_at, reader.app.deps.clock.now());
    let emergency = override_form(offer, &sent.emergency, signed_in_at, now);
    let (heading, text) = if emergency.is_some() { SOMETHING_WITHHELD } else { NOTHING_MORE };
    let page = RefusedPage {
        layout: reader.layout(heading, Nav::None).with_problem(!sent.problems.is_empty()),
        form_token: reader.signed_in.form_token.as_ref().clone(),
        person,
        heading,
        is_open: true,
        name: found_by_last_search(reader, person).await,
        text: text.to_owned(),
        would_open: Vec::new(),
        help: None,
        claim: None,
        emergency,
        links: vec![("Back to the record", format!("/people/{person}"))],
        problems: sent.problems,
    };
    html(if page.problems.is_empty() { StatusCode::OK } else { StatusCode::BAD_REQUEST }, &page)
}

const SOMETHING_WITHHELD: (&str, &str) =
    ("Something is withheld", "The record is open to you, but part of it is not shown to you.");
const NOTHING_MORE: (&str, &str) =
    ("An override shows nothing more", "You see everything of this record that an override would show you.");

const CHECK_THE_NUMBER: &str = "If one of these is so, check that it is recorded with the right NHS number.";

/// Practice staff withdraw an objection, hospital staff see who is with them.
fn helpful_link(reader: &SignedInReader, person: PersonId, kind: FailureKind) -> Option<(&'static str, String)> {
    match kind {
        FailureKind::Objected if reader.has_role(&PRACTICE_ROLES) => {
            Some(("See this person's choices", format!("/people/{person}/choices")))
        }
        FailureKind::NoRelationship if reader.has_role(&HOSPITAL_ROLES) => {
            Some(("See who is in your hospital", "/ward".to_owned()))
        }
        _ => None,
    }
}

/// `SMITH, Fredrica, born 14-Jul-1945`, as the reader's last search showed it. Asking for the name here would be a second
/// entry in the person's log. A person whose location is protected is never named.
async fn found_by_last_search(reader: &SignedInReader, person: PersonId) -> Option<String> {
    let search = reader.app.search_cache.load_last(reader.session()).await?;
    let found = search.answer.people.into_iter().find(|patient| patient.id == person && !patient.location_protected)?;
    let born = found.birth_date.map_or_else(|| "not known".to_owned(), format_day);
    Some(format!("{}, born {born}", full_name(&found.family, &found.given, found.title.as_deref())))
}
