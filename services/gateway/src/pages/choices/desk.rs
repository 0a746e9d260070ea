//! Choices at a desk: the staff of the registered practice, and officers who review. The banner names the person
//! as everybody may find them, so that it stands also where the record is closed.

use axum::{extract::Path, response::Response};
use lcr_model::ViewId;

use super::{
    Desk,
    form::{Fields, Reviewed, Sure},
};
use crate::{
    form::Posted,
    page::Nav,
    pages::person,
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::{banner::banner, choices::For},
};

/// The desk for one person. Consent is asked first: who may not read choices learns nothing of the person.
async fn at(reader: SignedInReader, id: &str) -> Result<Desk, Trouble> {
    let person = person::person(&reader, id)?;
    let (caller, deps) = (reader.caller(), &reader.app.deps);
    let choices = deps.consent.choices(&caller, person).await;
    let choices = choices.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    let stub = deps.patient_index.stub(&caller, person, ViewId::new()).await;
    let stub = stub.map_err(|failure| reader.fails(&failure))?;
    let banner = banner(&stub, None, deps.clock.now());
    let frame = reader.frame(format!("{} – Choices", banner.initials), Nav::None);
    Ok(Desk {
        base: format!("/people/{person}/choices"),
        banner: Some(banner),
        words: For::Staff,
        frame,
        person,
        choices,
        reader,
    })
}

pub(crate) async fn list(reader: SignedInReader, Path(id): Path<String>) -> Result<Response, Trouble> {
    Ok(at(reader, &id).await?.list(None))
}

pub(crate) async fn confirm(
    Path(id): Path<String>,
    Posted { reader, form }: Posted<Fields>,
) -> Result<Response, Trouble> {
    Ok(at(reader, &id).await?.confirm(form))
}

pub(crate) async fn make(
    Path(id): Path<String>,
    Posted { reader, form }: Posted<Fields>,
) -> Result<Response, Trouble> {
    at(reader, &id).await?.make(form).await
}

pub(crate) async fn receipt(
    reader: SignedInReader,
    Path((id, choice)): Path<(String, String)>,
) -> Result<Response, Trouble> {
    at(reader, &id).await?.receipt(&choice)
}

pub(crate) async fn withdraw(
    Path((id, choice)): Path<(String, String)>,
    Posted { reader, form }: Posted<Sure>,
) -> Result<Response, Trouble> {
    at(reader, &id).await?.withdraw(&choice, &form).await
}

pub(crate) async fn review(
    Path((id, choice)): Path<(String, String)>,
    Posted { reader, form }: Posted<Reviewed>,
) -> Result<Response, Trouble> {
    at(reader, &id).await?.review(&choice, form).await
}
