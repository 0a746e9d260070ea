//! The organisations that the reader may manage, and the registration of one that is not there yet. The ODS code of a
//! registration is the one of the reader's own sign-in, and is never typed.

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::{
    Failure,
    partners::{PartnerChange, PartnerSummary, organisation::OrganisationChange},
};
use lcr_model::Role;

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::{Section, failure_page, show},
        submission::FormSubmission,
    },
    layout::Nav,
    partners::{
        details_page::{details_fields, read_details},
        partner::submit,
        words::{managed_by_words, state_tag, yes_or_no},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

pub(super) const REGISTER: &str = "/partners/register";

pub(crate) async fn list(reader: SignedInReader) -> Result<Response, ErrorPage> {
    let partners = reader.app.deps.partners.partners(&reader.caller()).await;
    let partners = partners.map_err(|failure| failure_page(&reader, &failure))?;
    let is_platform = reader.has_role(&[Role::PlatformAdmin]);
    match partners.as_slice() {
        [one] if !is_platform => Ok(Redirect::to(&format!("/partners/{}", one.ods)).into_response()),
        [] if reader.has_role(&[Role::OrgAdmin]) => Ok(registration(&reader, &FormSubmission::default())),
        [] if !is_platform => {
            let text = "These pages are for administrators of organisations, and for those who sign for one.";
            Err(reader.error_page(&Failure::forbidden(text)))
        }
        all => {
            let section = Section::new("organisations", "").grid(list_grid(all));
            let layout = reader.layout("Partners", Nav::Partners);
            Ok(show(layout, "Partners", None, vec![section], &FormSubmission::default()))
        }
    }
}

/// Signing in again leads to the address of the form, which is no page.
pub(crate) async fn to_list(_reader: SignedInReader) -> Response {
    Redirect::to("/partners").into_response()
}

pub(crate) async fn register(CsrfForm { reader, form }: CsrfForm<Values>) -> Result<Response, ErrorPage> {
    let organisation = reader.signed_in.actor.org.clone();
    let change = read_details(&form).map(|details| PartnerChange::Organisation(OrganisationChange::Register(details)));
    match submit(&reader, &organisation, form, change).await {
        Ok(_) => Ok(Redirect::to(&format!("/partners/{organisation}?done=1")).into_response()),
        Err(submission) => Ok(registration(&reader, &submission)),
    }
}

fn registration(reader: &SignedInReader, submission: &FormSubmission) -> Response {
    let form = Form::new("register", "", REGISTER, reader.signed_in.form_token.as_ref(), submission);
    let section = Section::new("", "")
        .text("Your organisation is not registered now. These are its first details. You can change them later.")
        .text(
            "Next you say what you give and receive, and name those who sign the agreement. Nothing is shared \
            until then.",
        )
        .fact("ODS code, from your sign-in", reader.signed_in.actor.org.as_str())
        .form(details_fields(form, None).button("Register"));
    let title = "Register your organisation";
    show(reader.layout(title, Nav::Partners), title, None, vec![section], submission)
}

fn list_grid(partners: &[PartnerSummary]) -> Grid {
    let row = |one: &PartnerSummary| {
        vec![
            GridCell::text(&one.name).with_link(format!("/partners/{}", one.ods)),
            GridCell::text(one.ods.as_str()),
            GridCell::tag(state_tag(one.state)),
            GridCell::text(yes_or_no(one.agreement_signed)),
            GridCell::text(format!("{} of {}", one.done, one.needed)),
            GridCell::text(managed_by_words(&one.managed_by)),
        ]
    };
    Grid {
        caption: "Organisations",
        columns: vec!["Name", "ODS code", "State", "Agreement signed", "Steps done", "Managed by"],
        rows: partners.iter().map(row).collect(),
        empty: "No organisation is registered yet.",
    }
}
