//! A person's own choices. While their sign-in is not yet linked to a person here, that is said, and where to turn.

use axum::{extract::Path, response::Response};

use super::{
    Desk,
    form::{Fields, Sure},
};
use crate::{
    form::Posted,
    page::Nav,
    pages::my_record,
    session::SignedInReader,
    trouble::{Trouble, keeper_is_down},
    view::choices::For,
};

/// The person's own desk, or the page that says why there is none yet.
async fn at(reader: SignedInReader) -> Result<Result<Desk, Response>, Trouble> {
    let Some(person) = my_record::own(&reader).await? else {
        return Ok(Err(my_record::not_linked(&reader, "Your choices", Nav::MyChoices)));
    };
    let choices = reader.app.deps.consent.choices(&reader.caller(), person).await;
    let choices = choices.map_err(|failure| reader.fails(&keeper_is_down(failure)))?;
    let frame = reader.frame("Your choices", Nav::MyChoices);
    let base = "/my-record/choices".to_owned();
    Ok(Ok(Desk { base, banner: None, words: For::Person, frame, person, choices, reader }))
}

pub(crate) async fn list(reader: SignedInReader) -> Result<Response, Trouble> {
    match at(reader).await? {
        Ok(desk) => Ok(desk.list(None)),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn confirm(Posted { reader, form }: Posted<Fields>) -> Result<Response, Trouble> {
    match at(reader).await? {
        Ok(desk) => Ok(desk.confirm(form)),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn make(Posted { reader, form }: Posted<Fields>) -> Result<Response, Trouble> {
    match at(reader).await? {
        Ok(desk) => desk.make(form).await,
        Err(page) => Ok(page),
    }
}

pub(crate) async fn receipt(reader: SignedInReader, Path(choice): Path<String>) -> Result<Response, Trouble> {
    match at(reader).await? {
        Ok(desk) => desk.receipt(&choice),
        Err(page) => Ok(page),
    }
}

pub(crate) async fn withdraw(
    Path(choice): Path<String>,
    Posted { reader, form }: Posted<Sure>,
) -> Result<Response, Trouble> {
    match at(reader).await? {
        Ok(desk) => desk.withdraw(&choice, &form).await,
        Err(page) => Ok(page),
    }
}
