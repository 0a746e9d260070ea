//! The people of an organisation: who may sign in as what, and who asks for access. The token of a SCIM client is shown once,
//! on the answer to the form that made it.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use lcr_contracts::partners::ChangeResult;

use crate::{
    partners::{
        directory_forms::{PAGE, add_section, people_section, read_change, request_sections, settings_sections},
        form_input::Values,
        page::{Section, failure_page},
        partner::Partner,
        posted::{DoneQuery, Posted},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

pub(crate) async fn page(
    reader: SignedInReader,
    Path(ods): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    draw(&partner, None, &Posted::after(&query)).await
}

pub(crate) async fn change(
    Path(ods): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let change = read_change(&form);
    match partner.change(form, change).await {
        Ok(receipt) => match receipt.result {
            ChangeResult::Secret(token) => draw(&partner, Some(token.into_inner()), &Posted::default()).await,
            _ => Ok(partner.saved(PAGE)),
        },
        Err(posted) => draw(&partner, None, &posted).await,
    }
}

async fn draw(partner: &Partner, token: Option<String>, posted: &Posted) -> Result<Response, ErrorPage> {
    let reader = &partner.reader;
    let list = reader.app.deps.partners.people(&reader.caller(), partner.ods()).await;
    let list = list.map_err(|failure| failure_page(reader, &failure))?;
    let mut sections = Vec::new();
    if let Some(token) = token {
        let section = Section::new("token", "The new token");
        sections.push(
            section.text("Copy it now. It is not shown again, and the token before it has ended.").code("Token", token),
        );
    }
    sections.extend(request_sections(partner, &list.requests, posted));
    sections.push(people_section(partner, &list, posted));
    sections.push(add_section(partner, posted));
    sections.extend(settings_sections(partner, &list, posted));
    Ok(partner.show("Your people", sections, posted))
}
