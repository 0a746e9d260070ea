//! The incidents of the officer's organisation and those that others share with it, and the form that opens one. The page names
//! no patient.

use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    FailureKind,
    incidents::{Incident, IncidentList},
    registry::Registry,
};
use lcr_model::PersonId;
use serde::Deserialize;

use crate::{
    access_log::{
        log_format::organisation_name,
        officer_person_page::{load_registry, require_officer},
    },
    forms::{
        form_input::Values,
        grid::{Grid, GridCell, Tag},
        page::{Section, failure_page, show},
        submission::FormSubmission,
    },
    incidents::form::{LIST, open_form, read_new},
    layout::{Nav, format::format_moment},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record},
        session::SignedInReader,
    },
};

/// Whom a new incident is to be about, from a link of the log.
#[derive(Default, Deserialize)]
pub(crate) struct AboutQuery {
    #[serde(default)]
    person: String,
    #[serde(default)]
    user: String,
}

pub(crate) async fn list(reader: SignedInReader, Query(about): Query<AboutQuery>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    draw(&reader, &about, &FormSubmission::default()).await
}

pub(crate) async fn open(CsrfForm { reader, form }: CsrfForm<Values>) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let opened = match read_new(&form) {
        Ok(new) => reader.app.deps.audit.open_incident(&reader.caller(), new).await.map_err(as_cannot_record),
        Err(failure) => Err(failure),
    };
    match opened {
        Ok(incident) => Ok(Redirect::to(&format!("{LIST}/{}?done=1", incident.id)).into_response()),
        Err(failure) if failure.kind == FailureKind::BadRequest => {
            let about = AboutQuery { person: form.text("person"), user: form.text("user") };
            draw(&reader, &about, &FormSubmission::failed(form, &failure)).await
        }
        Err(failure) => Err(failure_page(&reader, &failure)),
    }
}

async fn draw(reader: &SignedInReader, about: &AboutQuery, submission: &FormSubmission) -> Result<Response, ErrorPage> {
    let list = reader.app.deps.audit.incidents(&reader.caller()).await;
    let list = list.map_err(|failure| failure_page(reader, &as_cannot_record(failure)))?;
    let registry = load_registry(reader).await;
    let mut sections = vec![Section::new("", "").text(
        "An incident is about one person and a period. Officers of an organisation with which you share it read what you read \
         about that person and period in the log, and nothing else. Each act on it is recorded in the log.",
    )];
    sections.push(open_section(reader, about, submission));
    sections.extend(tables(&list, &registry));
    let back = Some(("The log".to_owned(), "/privacy".to_owned()));
    Ok(show(reader.layout("Incidents", Nav::Log), "Incidents", back, sections, submission))
}

fn open_section(reader: &SignedInReader, about: &AboutQuery, submission: &FormSubmission) -> Section {
    let section = Section::new("new", "Open an incident");
    let Ok(person) = about.person.parse::<PersonId>() else {
        let words = "To open one, search for the person, choose who has looked at their record, and choose \"Open an incident\".";
        return section.text(words).link("Search for a person", "/search");
    };
    let token = reader.signed_in.form_token.as_ref();
    let words = if about.user.is_empty() { "" } else { " It shows only what one user did." };
    section
        .text(format!("The incident is about the person whose log you came from.{words}"))
        .link("Who has looked at this person's record", format!("/people/{person}/access"))
        .form(open_form(person, &about.user, token, submission))
}

fn tables(list: &IncidentList, registry: &Registry) -> [Section; 2] {
    let own = Grid {
        caption: "Opened by your organisation, the newest first",
        columns: vec!["Opened", "Incident", "Period", "Shared with", "State"],
        rows: list.own.iter().map(|one| own_row(one, registry)).collect(),
        empty: "Your organisation has opened no incident.",
    };
    let shared = Grid {
        caption: "Shared with your organisation, the newest first",
        columns: vec!["Opened", "Incident", "Period", "Shared by", "State"],
        rows: list.shared.iter().map(|one| row(one, organisation_name(registry, &one.owner))).collect(),
        empty: "No other organisation shares an incident with yours.",
    };
    [
        Section::new("own", "Incidents of your organisation").grid(own),
        Section::new("shared", "Incidents that others share with you").grid(shared),
    ]
}

fn own_row(incident: &Incident, registry: &Registry) -> Vec<GridCell> {
    let names: Vec<String> =
        incident.shares.iter().map(|share| organisation_name(registry, &share.organisation)).collect();
    row(incident, if names.is_empty() { "nobody".to_owned() } else { names.join(", ") })
}

fn row(incident: &Incident, organisations: String) -> Vec<GridCell> {
    vec![
        GridCell::lines(vec![format_moment(incident.opened_at), incident.opened_by.clone()]),
        GridCell::text(incident.title.clone()).with_link(format!("{LIST}/{}", incident.id)),
        GridCell::text(period_words(incident)),
        GridCell::text(organisations),
        GridCell::tag(state(incident)),
    ]
}

pub(crate) fn period_words(incident: &Incident) -> String {
    format!("{} to {}", format_moment(incident.from), format_moment(incident.until))
}

pub(crate) fn state(incident: &Incident) -> Tag {
    if incident.closed_at.is_some() {
        Tag { colour: "grey", words: "Closed" }
    } else {
        Tag { colour: "blue", words: "Open" }
    }
}
