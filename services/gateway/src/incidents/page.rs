//! One incident: what it is, the log as far as it reaches, and the forms that share and close it. A closed incident shows nothing
//! of the log. The page names the person only if the officer asks, and the name is then recorded as a look.

use askama::Template;
use axum::{
    extract::{Path, Query},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{
    Failure, FailureKind,
    audit::{Entry, IncidentPage},
    incidents::Incident,
    registry::{Organisation, Registry},
};
use lcr_model::OdsCode;
use serde::Deserialize;
use uuid::Uuid;

use crate::{
    access_log::{
        log_format::organisation_name,
        officer_log::officer_table,
        officer_person_page::{load_registry, require_officer},
        people_names::load_names_of,
    },
    forms::{
        field_problem::FieldProblem,
        form::Form,
        form_input::{ROW, Values},
        grid::{Grid, GridCell},
        page::{Section, failure_page},
        submission::{DoneQuery, FormSubmission},
    },
    incidents::{
        form::{CLOSE, END_SHARE, LIST, SHARE, read_organisation},
        list_page::{period_words, state},
    },
    layout::{Layout, Nav, format::format_moment, html, table::Table},
    web::{
        csrf::CsrfForm,
        error_page::{ErrorPage, as_cannot_record, no_such_page},
        session::SignedInReader,
    },
};

const PAGE_SIZE: u16 = 100;

/// A part of the log, and whether the person is to be named.
#[derive(Default, Deserialize)]
pub(crate) struct PartQuery {
    before: Option<Uuid>,
    #[serde(default)]
    names: String,
}

#[derive(Template)]
#[template(path = "incident.html")]
struct IncidentTemplate {
    layout: Layout,
    problems: Vec<FieldProblem>,
    done: Option<&'static str>,
    title: String,
    facts: Section,
    /// `None` for a closed incident.
    table: Option<Table>,
    older: Option<String>,
    changes: Vec<Section>,
}

/// The incident as it is drawn.
struct Scene<'a> {
    reader: &'a SignedInReader,
    incident: Incident,
    registry: Registry,
    submission: &'a FormSubmission,
}

pub(crate) async fn page(
    reader: SignedInReader,
    Path(id): Path<String>,
    Query(part): Query<PartQuery>,
    Query(done): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let id = parse_id(&reader, &id)?;
    draw(&reader, id, &part, &FormSubmission::after(&done)).await
}

pub(crate) async fn change(
    Path(id): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    require_officer(&reader)?;
    let id = parse_id(&reader, &id)?;
    match send_change(&reader, id, &form).await.map_err(as_cannot_record) {
        Ok(()) => Ok(Redirect::to(&format!("{LIST}/{id}?done=1")).into_response()),
        Err(failure) if matches!(failure.kind, FailureKind::BadRequest | FailureKind::Conflict) => {
            draw(&reader, id, &PartQuery::default(), &FormSubmission::failed(form, &failure)).await
        }
        Err(failure) => Err(failure_page(&reader, &failure)),
    }
}

fn parse_id(reader: &SignedInReader, text: &str) -> Result<Uuid, ErrorPage> {
    text.parse().map_err(|_| reader.error_page(&no_such_page()))
}

async fn send_change(reader: &SignedInReader, id: Uuid, values: &Values) -> Result<(), Failure> {
    let (audit, caller) = (&reader.app.deps.audit, reader.caller());
    match values.act().as_str() {
        SHARE => audit.share_incident(&caller, id, read_organisation(values, "organisation")?).await,
        END_SHARE => audit.end_incident_share(&caller, id, read_organisation(values, ROW)?).await,
        CLOSE => audit.close_incident(&caller, id).await,
        _ => Err(Failure::bad_request("Choose what to do with the incident.")),
    }
}

async fn draw(
    reader: &SignedInReader,
    id: Uuid,
    part: &PartQuery,
    submission: &FormSubmission,
) -> Result<Response, ErrorPage> {
    let (audit, caller) = (&reader.app.deps.audit, reader.caller());
    let to_page = |failure| failure_page(reader, &as_cannot_record(failure));
    let incident = audit.incident(&caller, id).await.map_err(to_page)?;
    let entries = if incident.closed_at.is_none() {
        let page = IncidentPage { before: part.before, limit: Some(PAGE_SIZE) };
        Some(audit.incident_entries(&caller, id, page).await.map_err(to_page)?)
    } else {
        None
    };
    let name = if part.names == "yes" {
        load_names_of(reader, &[incident.person]).await.remove(&incident.person)
    } else {
        None
    };
    let scene = Scene { reader, incident, registry: load_registry(reader).await, submission };
    let problems = submission.problems();
    let page = IncidentTemplate {
        layout: reader.layout("Incident", Nav::Log).with_problem(!problems.is_empty()),
        problems,
        done: submission.done,
        title: scene.incident.title.clone(),
        facts: scene.facts(name.as_deref()),
        older: entries.as_ref().and_then(|entries| scene.older_link(entries)),
        table: entries.as_ref().map(|entries| scene.table(entries)),
        changes: scene.changes(),
    };
    Ok(html(submission.status(), &page))
}

impl Scene<'_> {
    /// Only officers of the organisation that opened it change it.
    fn may_change(&self) -> bool {
        self.incident.owner == self.reader.signed_in.actor.org && self.incident.closed_at.is_none()
    }

    fn address(&self) -> String {
        format!("{LIST}/{}", self.incident.id)
    }

    fn facts(&self, name: Option<&str>) -> Section {
        let incident = &self.incident;
        let opened = format!("{} by {}", format_moment(incident.opened_at), incident.opened_by);
        let closed = incident.closed_at.map(|at| {
            let by = incident.closed_by.as_deref().unwrap_or("somebody who is not recorded");
            format!("{} by {by}", format_moment(at))
        });
        let log = format!("/people/{}/access", incident.person);
        let section = Section::new("", "")
            .fact("State", state(incident).words)
            .fact("Opened by", organisation_name(&self.registry, &incident.owner))
            .fact("Opened", opened)
            .fact("Closed", closed.unwrap_or_else(|| "not closed".to_owned()))
            .fact("About", name.unwrap_or("one person"))
            .fact("Readers", if incident.user.is_some() { "one user" } else { "every user" })
            .fact("Period", period_words(incident))
            .fact("Note", if incident.note.is_empty() { "none".to_owned() } else { incident.note.clone() })
            .link("Who has looked at this person's record, as your own organisation reads it", log);
        if name.is_some() {
            return section;
        }
        let names = format!("{}?names=yes", self.address());
        section.link("Show whom it is about (recorded as a look)", names)
    }

    fn table(&self, entries: &[Entry]) -> Table {
        Table {
            caption: "The log of this incident".to_owned(),
            empty: "The log has no entry in this incident.".to_owned(),
            ..officer_table(entries, &self.registry, None)
        }
    }

    fn older_link(&self, entries: &[Entry]) -> Option<String> {
        let last = entries.last().filter(|_| entries.len() == usize::from(PAGE_SIZE))?;
        Some(format!("{}?before={}", self.address(), last.opened.id))
    }

    fn form(&self, act: &'static str, row: &str) -> Form {
        let token = self.reader.signed_in.form_token.as_ref();
        Form::new(act, row, &self.address(), token, self.submission)
    }

    /// With whom it is shared, and the forms of its own organisation.
    fn changes(&self) -> Vec<Section> {
        let mut sections = vec![Section::new("shares", "Shared with").grid(self.shares())];
        if self.may_change() {
            let share = self.form(SHARE, "").select("organisation", "Organisation", self.organisations(), "");
            sections.push(Section::new("add", "Share it").form(share.button("Share the incident")));
            let close = Section::new("end", "Close it")
                .text("Nobody reads the log through a closed incident. It cannot be opened again.");
            sections.push(close.form(self.form(CLOSE, "").button("Close the incident").secondary()));
        }
        sections
    }

    fn shares(&self) -> Grid {
        let rows = self.incident.shares.iter().map(|share| {
            let name = organisation_name(&self.registry, &share.organisation);
            let end = self.form(END_SHARE, share.organisation.as_str()).button("End the share").about(name.clone());
            let forms = if self.may_change() { vec![end.secondary()] } else { Vec::new() };
            vec![
                GridCell::text(name),
                GridCell::lines(vec![format_moment(share.at), share.by.clone()]),
                GridCell::forms(forms, "the organisation that opened it decides"),
            ]
        });
        Grid {
            caption: "Shares in force",
            columns: vec!["Organisation", "Since", "End it"],
            rows: rows.collect(),
            empty: "It is shared with nobody.",
        }
    }

    /// The organisations with which it may be shared, by name. Two names may look the same, so the ODS code tells them apart.
    fn organisations(&self) -> Vec<(String, String)> {
        let incident = &self.incident;
        let is_shared =
            |ods: &OdsCode| incident.owner == *ods || incident.shares.iter().any(|share| share.organisation == *ods);
        let others = self.registry.nameable().filter(|one| one.takes_part() && !is_shared(&one.ods));
        let label = |one: &Organisation| (one.ods.to_string(), format!("{} ({})", one.name, one.ods));
        let mut others: Vec<(String, String)> = others.map(label).collect();
        others.sort_by(|(_, a), (_, b)| a.cmp(b));
        others.insert(0, (String::new(), "Choose an organisation".to_owned()));
        others
    }
}
