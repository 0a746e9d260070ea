//! The choices pages for patients. They must never show anybody else's choices.

use axum::{extract::Path, response::Response};

use crate::{
    access_log::patient_page,
    choices::{
        choice_list::Audience,
        form::{ChoiceForm, WithdrawForm},
        page::ChoicesPages,
    },
    layout::Nav,
    rules::policy::policy_in_force,
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

/// The patient's choices, or the page that explains that their sign-in is not linked to a record yet.
async fn load(reader: SignedInReader) -> Result<Result<ChoicesPages, Response>, ErrorPage> {
    let Some(person) = patient_page::own_person(&reader).await? else {
        return Ok(Err(patient_page::not_linked_page(&reader, "Your choices", Nav::MyChoices)));
    };
    let choices = reader.app.deps.consent.choices(&reader.caller(), person).await;
    let choices = choices.map_err(|failure| reader.error_page(&as_cannot_record(failure)))?;
    let layout = reader.layout("Your choices", Nav::MyChoices);
    let base = "/my-record/choices".to_owned();
    let overrides = policy_in_force(&reader.app.deps).await.overrides;
    Ok(Ok(ChoicesPages { base, banner: None, audience: Audience::Person, layout, person, choices, overrides, reader }))
}

pub(crate) async fn list(reader: SignedInReader) -> Result<Response, ErrorPage> {
    match load(reader).await? {
        Ok(pages) => Ok(pages.list(None)),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn confirm(CsrfForm { reader, form }: CsrfForm<ChoiceForm>) -> Result<Response, ErrorPage> {
    match load(reader).await? {
        Ok(pages) => Ok(pages.confirm(form)),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn make(CsrfForm { reader, form }: CsrfForm<ChoiceForm>) -> Result<Response, ErrorPage> {
    match load(reader).await? {
        Ok(pages) => pages.make(form).await,
        Err(page) => Ok(page),
    }
}

pub(crate) async fn receipt(reader: SignedInReader, Path(choice): Path<String>) -> Result<Response, ErrorPage> {
    match load(reader).await? {
        Ok(pages) => pages.receipt(&choice),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn withdraw(
    Path(choice): Path<String>,
    CsrfForm { reader, form }: CsrfForm<WithdrawForm>,
) -> Result<Response, ErrorPage> {
    match load(reader).await? {
        Ok(pages) => pages.withdraw(&choice, &form).await,
        Err(page) => Ok(page),
    }
}
