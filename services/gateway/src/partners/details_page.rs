//! The details of an organisation: name, kind, sites, contact. The same fields serve its registration.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use lcr_contracts::{
    partners::{
        PartnerChange,
        organisation::{OrganisationChange, OrganisationDetails, Site},
    },
    vocabulary::OrganisationKind,
};

use crate::{
    partners::{
        form::Form,
        form_input::Values,
        kinds::organisation_kinds,
        page::Section,
        partner::Partner,
        posted::{DoneQuery, Posted},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

const PAGE: &str = "/details";

pub(crate) async fn page(
    reader: SignedInReader,
    Path(ods): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    Ok(draw(&partner, &Posted::after(&query)))
}

pub(crate) async fn save(
    Path(ods): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let change = read_details(&form).map(|details| PartnerChange::Organisation(OrganisationChange::Describe(details)));
    match partner.change(form, change).await {
        Ok(_) => Ok(partner.saved(PAGE)),
        Err(posted) => Ok(draw(&partner, &posted)),
    }
}

fn draw(partner: &Partner, posted: &Posted) -> Response {
    let form = partner.form("describe", "", PAGE, posted);
    let form = details_fields(form, Some(&partner.file.details)).reason("Why you change this (not required)");
    let section = Section::new("", "").fact("ODS code", partner.ods().as_str()).form(form);
    partner.show("Details of your organisation", vec![section], posted)
}

/// The fields of an organisation's details.
pub(crate) fn details_fields(form: Form, details: Option<&OrganisationDetails>) -> Form {
    let join = |codes: &[String]| codes.join("\n");
    let text = |of: fn(&OrganisationDetails) -> String| details.map(of).unwrap_or_default();
    let serves = details.map(|one| one.serves.iter().map(ToString::to_string).collect::<Vec<_>>()).unwrap_or_default();
    let sites = details.map(|one| one.sites.iter().map(site_line).collect::<Vec<_>>()).unwrap_or_default();
    let kind = details.map(|one| &one.kind);
    form.line("name", "Name", "As people in Leeds know it.", text(|one| one.name.clone()))
        .select("kind", "Kind of organisation", organisation_kinds(kind), kind.map_or("", OrganisationKind::as_str))
        .line(
            "contact",
            "Contact about your data",
            "A name, and a telephone number or an address that is read every working day.",
            text(|one| one.contact.clone()),
        )
        .line(
            "part_of",
            "Neighbourhood team (practices, not required)",
            "The ODS code of the team that your practice belongs to.",
            text(|one| one.part_of.as_ref().map(ToString::to_string).unwrap_or_default()),
        )
        .long("serves", "Practices that you hold sessions for (not required)", "ODS codes, one a line.", join(&serves))
        .long("sites", "Sites and teams (not required)", "One a line: the ODS code, a space, the name.", join(&sites))
}

fn site_line(site: &Site) -> String {
    format!("{} {}", site.ods, site.name)
}

/// # Errors
/// What is wrong, without what was typed.
pub(crate) fn read_details(values: &Values) -> Result<OrganisationDetails, String> {
    let Some(name) = values.optional("name") else { return Err("Enter the name of your organisation.".to_owned()) };
    let Some(kind) = values.optional("kind") else { return Err("Choose the kind of organisation.".to_owned()) };
    Ok(OrganisationDetails {
        name,
        kind: kind.as_str().into(),
        part_of: values.optional_ods("part_of", "Neighbourhood team")?,
        serves: values.ods_codes("serves", "Practices that you hold sessions for")?,
        sites: values.sites("sites")?,
        contact: values.text("contact"),
    })
}
