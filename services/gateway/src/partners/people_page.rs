//! The people of an organisation: who may sign in as what, and who asks for access. The token of a SCIM client is shown once,
//! on the answer to the form that made it.

use axum::response::Response;
use lcr_contracts::partners::ChangeResult;

use crate::{
    forms::{
        page::{Section, failure_page},
        submission::FormSubmission,
    },
    partners::{
        directory_forms::{PAGE, add_section, people_section, read_change, request_sections, settings_sections},
        partner::{Partner, PartnerForm, PartnerPage},
    },
    web::error_page::ErrorPage,
};

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Result<Response, ErrorPage> {
    draw(&partner, None, &submission).await
}

pub(crate) async fn change(PartnerForm { partner, form }: PartnerForm) -> Result<Response, ErrorPage> {
    let change = read_change(&form);
    match partner.change(form, change).await {
        Ok(receipt) => match receipt.result {
            ChangeResult::Secret(token) => draw(&partner, Some(token.into_inner()), &FormSubmission::default()).await,
            _ => Ok(partner.saved(PAGE)),
        },
        Err(submission) => draw(&partner, None, &submission).await,
    }
}

/// "People of Beckside Surgery".
pub(super) fn title(partner: &Partner) -> String {
    format!("People of {}", partner.name())
}

async fn draw(partner: &Partner, token: Option<String>, submission: &FormSubmission) -> Result<Response, ErrorPage> {
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
    sections.extend(request_sections(partner, &list.requests, submission));
    sections.push(people_section(partner, &list, submission));
    sections.push(add_section(partner, submission));
    sections.extend(settings_sections(partner, &list, submission));
    Ok(partner.show(&title(partner), sections, submission))
}
