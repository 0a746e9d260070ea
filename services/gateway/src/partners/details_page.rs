//! The details of an organisation: name, kind, sites, contact. The same fields serve its registration.

use axum::response::Response;
use lcr_contracts::{
    partners::{
        PartnerChange,
        organisation::{OrganisationChange, OrganisationDetails, Site},
    },
    vocabulary::OrganisationKind,
};

use crate::{
    forms::{form::Form, form_input::Values, page::Section, submission::FormSubmission},
    partners::{
        kinds::{organisation_kind_words, organisation_kinds},
        partner::{Partner, PartnerForm, PartnerPage},
    },
};

const PAGE: &str = "/details";

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn save(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = read_details(&form).map(|details| PartnerChange::Organisation(OrganisationChange::Describe(details)));
    match partner.change(form, change).await {
        Ok(_) => partner.saved(PAGE),
        Err(submission) => draw(&partner, &submission),
    }
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let form = partner.form("describe", "", PAGE, submission);
    let form = details_fields(form, Some(&partner.file.details)).reason("Why you change this (not required)");
    let section = Section::new("", "").fact("ODS code", partner.ods().as_str()).form(form);
    let section = if section.lacks_forms { with_details(section, &partner.file.details) } else { section };
    partner.show(&format!("Details of {}", partner.name()), vec![section], submission)
}

/// The details for a reader who may not change them.
fn with_details(section: Section, details: &OrganisationDetails) -> Section {
    let or_none = |lines: Vec<String>| if lines.is_empty() { "none".to_owned() } else { lines.join("; ") };
    let part_of = details.part_of.as_ref().map_or_else(|| "none".to_owned(), ToString::to_string);
    section
        .fact("Name", details.name.clone())
        .fact("Kind of organisation", organisation_kind_words(&details.kind))
        .fact("Contact about your data", details.contact.clone())
        .fact("Neighbourhood team", part_of)
        .fact("Holds sessions for", or_none(details.serves.iter().map(ToString::to_string).collect()))
        .fact("Sites and teams", or_none(details.sites.iter().map(site_line).collect()))
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
