//! The choices pages for practice staff and officers. The banner must hold only what a search shows of anybody, because
//! the record itself may be closed.

use axum::{extract::Path, response::Response};
use lcr_model::ViewId;

use crate::{
    choices::{
        choice_list::Audience,
        form::{ChoiceForm, ReviewForm, WithdrawForm},
        page::ChoicesPages,
    },
    layout::Nav,
    record::{banner::banner, person_page},
    rules::policy::policy_in_force,
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

/// Asks consent before patient-index, so that a reader who may not see choices learns nothing about the person.
async fn load(reader: SignedInReader, id: &str) -> Result<ChoicesPages, ErrorPage> {
    let person = person_page::parse_person_id(&reader, id)?;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let choices = deps.consent.choices(&caller, person).await;
    let choices = choices.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let patient = deps.patient_index.summary(&caller, person, ViewId::new()).await;
    let patient = patient.map_err(|failure| reader.error_page(&failure))?;
    let banner = banner(&patient, None, deps.clock.now());
    let overrides = policy_in_force(deps).await.overrides;
    let layout = reader.layout(format!("{} – Choices", banner.initials), Nav::None);
    Ok(ChoicesPages {
        base: format!("/people/{person}/choices"),
        banner: Some(banner),
        audience: Audience::Staff,
        layout,
        person,
        choices,
        overrides,
        reader,
    })
}

pub(crate) async fn list(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, ErrorPage> {
    Ok(load(reader, &id).await?.list(None))
}

pub(crate) async fn confirm(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<ChoiceForm>,
) -> Result<Response, ErrorPage> {
    Ok(load(reader, &id).await?.confirm(form))
}

pub(crate) async fn make(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<ChoiceForm>,
) -> Result<Response, ErrorPage> {
    load(reader, &id).await?.make(form).await
}

pub(crate) async fn receipt(
    reader: SignedInReader,
    Path((id, choice)): Path<(String, String)>,
) -> Result<Response, ErrorPage> {
    load(reader, &id).await?.receipt(&choice)
}

pub(crate) async fn withdraw(
    Path((id, choice)): Path<(String, String)>,
    CsrfForm { reader, form }: CsrfForm<WithdrawForm>,
) -> Result<Response, ErrorPage> {
    load(reader, &id).await?.withdraw(&choice, &form).await
}

pub(crate) async fn review(
    Path((id, choice)): Path<(String, String)>,
    CsrfForm { reader, form }: CsrfForm<ReviewForm>,
) -> Result<Response, ErrorPage> {
    load(reader, &id).await?.review(&choice, form).await
}
