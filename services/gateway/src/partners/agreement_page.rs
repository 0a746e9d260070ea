//! The agreement: its documents, who signs as what, and the signature. A signature carries the hash of the text that this page
//! showed, so that nobody signs a text that they have not seen.

use axum::response::Response;
use lcr_contracts::partners::{
    PartnerChange,
    agreement::{AgreementText, Signatory},
    organisation::{Duty, OrganisationChange},
    people::DirectoryPerson,
};
use lcr_model::UserId;

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::{Section, failure_page},
        submission::FormSubmission,
    },
    layout::format::{capitalise, format_day, format_moment},
    partners::{
        agreement_documents::document_sections,
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        words::{duty_named, yes_or_no},
    },
    web::error_page::ErrorPage,
};

const PAGE: &str = "/agreement";
const APPOINT: &str = "appoint";
const SIGN: &str = "sign";

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Result<Response, ErrorPage> {
    draw(&partner, &submission).await
}

pub(crate) async fn change(PartnerForm { partner, form }: PartnerForm) -> Result<Response, ErrorPage> {
    let change = read_change(&form);
    match partner.change(form, change).await {
        Ok(_) => Ok(partner.saved(PAGE)),
        Err(submission) => draw(&partner, &submission).await,
    }
}

fn read_change(values: &Values) -> ReadForm {
    let Some(duty) = duty_named(&values.row()) else { return Err("Choose who signs.".to_owned()) };
    let change = match values.act().as_str() {
        APPOINT => {
            let user = values.optional("user").ok_or_else(|| "Choose a person.".to_owned())?;
            OrganisationChange::Appoint { duty, user: UserId::new(user) }
        }
        SIGN if values.has("read") => OrganisationChange::Sign { duty, text_hash: values.text("text_hash") },
        _ => return Err("Read the documents, and tick that you have read them and sign.".to_owned()),
    };
    Ok(PartnerChange::Organisation(change))
}

async fn draw(partner: &Partner, submission: &FormSubmission) -> Result<Response, ErrorPage> {
    let (caller, partners) = (partner.reader.caller(), &partner.reader.app.deps.partners);
    let text = partners.agreement_text(&caller, partner.ods()).await;
    let text = text.map_err(|failure| failure_page(&partner.reader, &failure))?;
    // Without the directory the page still serves those who sign.
    let people = if partner.is_own_administrator() {
        partners.people(&caller, partner.ods()).await.ok().map(|list| list.people)
    } else {
        None
    };
    let signing = signing_forms(partner, &text, submission);
    let mut sections = vec![status_section(partner)];
    sections.extend(document_sections(&text, !signing.is_empty()));
    if !signing.is_empty() {
        sections.push(Section { forms: signing, ..Section::new("signature", "Sign") });
    }
    sections.push(signatories_section(partner, people.as_deref(), submission));
    Ok(partner.show("The agreement", sections, submission))
}

fn status_section(partner: &Partner) -> Section {
    let agreement = &partner.file.agreement;
    let mut section = Section::new("", "")
        .fact("Version to sign", agreement.version.clone())
        .fact("Version signed", agreement.signed_version.clone().unwrap_or_else(|| "none yet".to_owned()))
        .fact("In force", yes_or_no(agreement.in_force));
    if let Some(until) = agreement.grace_until {
        section = section.fact("The version before counts until", format_day(until));
    }
    section.text("Without a signed agreement no data flows, and no record opens to your staff.")
}

/// A form for each duty that the reader is appointed to and has not signed for.
fn signing_forms(partner: &Partner, text: &AgreementText, submission: &FormSubmission) -> Vec<Form> {
    let own = &partner.reader.signed_in.actor.user;
    let waits = |one: &&Signatory| one.user.as_ref() == Some(own) && one.signed_at.is_none();
    let form = |one: &Signatory| {
        let words = format!("I have read these documents and sign as {}", one.duty.words());
        partner
            .reader_form(SIGN, one.duty.as_str(), PAGE, submission)
            .hidden("text_hash", text.text_hash.clone())
            .checks("signature", "Your signature", "", vec![("read".to_owned(), words, false)])
            .button("Sign")
            .about(format!("as {}", one.duty.words()))
    };
    partner.file.agreement.signatories.iter().filter(waits).map(form).collect()
}

fn signatories_section(partner: &Partner, people: Option<&[DirectoryPerson]>, submission: &FormSubmission) -> Section {
    let origin = &partner.reader.app.deps.settings.public_origin;
    let mut section = Section::new("signatories", "Who signs")
        .text("All three must sign the same text. The data protection officer may not also be the SIRO.")
        .grid(signatories_grid(partner))
        .text(format!("Those who sign do so on this page, after they sign in: {origin}{}", partner.path(PAGE)));
    section.lacks_forms = !partner.is_own_administrator();
    let Some(people) = people else { return section };
    let choices = appointable(people);
    if choices.len() == 1 {
        return section.text("Nobody of your organisation has signed in yet whom you could appoint.");
    }
    for duty in Duty::ALL {
        let appointed = find_signatory(partner, duty).and_then(|one| one.user.as_ref()).map_or("", UserId::as_str);
        let form = partner
            .own_form(APPOINT, duty.as_str(), PAGE, submission)
            .select("user", duty_label(duty), choices.clone(), appointed)
            .button("Appoint")
            .about(duty.words())
            .secondary();
        section = section.form(form);
    }
    section
}

/// Those who have signed in, as (user, name), after an empty choice.
fn appointable(people: &[DirectoryPerson]) -> Vec<(String, String)> {
    let known = people.iter().filter(|person| person.active);
    let choice = |person: &DirectoryPerson| Some((person.user.as_ref()?.to_string(), person.name.clone()));
    std::iter::once((String::new(), "Choose a person".to_owned())).chain(known.filter_map(choice)).collect()
}

fn signatories_grid(partner: &Partner) -> Grid {
    let row = |duty: Duty| {
        let signatory = find_signatory(partner, duty);
        let name = signatory.filter(|one| one.user.is_some()).map(|one| one.name.clone());
        let signed = signatory.and_then(|one| one.signed_at).map(format_moment);
        vec![
            GridCell::text(capitalise(duty.words())),
            GridCell::or(name, "nobody appointed yet"),
            GridCell::or(signed, "not signed"),
        ]
    };
    Grid {
        caption: "Who signs",
        columns: vec!["As", "Who", "Signed"],
        rows: Duty::ALL.map(row).to_vec(),
        empty: "Nobody signs.",
    }
}

fn find_signatory(partner: &Partner, duty: Duty) -> Option<&Signatory> {
    partner.file.agreement.signatories.iter().find(|one| one.duty == duty)
}

fn duty_label(duty: Duty) -> &'static str {
    match duty {
        Duty::Siro => "Senior information risk owner (SIRO)",
        Duty::CaldicottGuardian => "Caldicott guardian",
        Duty::DataProtectionOfficer => "Data protection officer",
    }
}
