//! Open sessions: the reader's own, and those of an organisation for its administrators. A session that is ended here is ended
//! everywhere, open pages too.

use axum::{
    extract::Query,
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::partners::{
    PartnerChange,
    people::{OpenSession, PeopleChange},
};
use lcr_model::SessionId;

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::{Section, failure_page, show},
        submission::{DoneQuery, FormSubmission},
    },
    layout::{
        Nav,
        format::{capitalise, format_ago, format_moment},
    },
    partners::{
        partner::{Partner, PartnerForm, PartnerPage, ReadForm, submit},
        people_page,
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

const OWN: &str = "/sessions";
const END: &str = "end-session";

pub(crate) async fn own(reader: SignedInReader, Query(query): Query<DoneQuery>) -> Result<Response, ErrorPage> {
    draw_own(&reader, &FormSubmission::after(&query)).await
}

pub(crate) async fn end_own(CsrfForm { reader, form }: CsrfForm<Values>) -> Result<Response, ErrorPage> {
    let organisation = reader.signed_in.actor.org.clone();
    let change = read_end(&form);
    match submit(&reader, &organisation, form, change).await {
        Ok(_) => Ok(Redirect::to("/sessions?done=1").into_response()),
        Err(submission) => draw_own(&reader, &submission).await,
    }
}

pub(crate) async fn of_organisation(PartnerPage { partner, submission }: PartnerPage) -> Result<Response, ErrorPage> {
    draw(&partner, &submission).await
}

pub(crate) async fn end_one(PartnerForm { partner, form }: PartnerForm) -> Result<Response, ErrorPage> {
    let change = read_end(&form);
    match partner.change(form, change).await {
        Ok(_) => Ok(partner.saved(OWN)),
        Err(submission) => draw(&partner, &submission).await,
    }
}

fn read_end(values: &Values) -> ReadForm {
    let session = values.row().parse::<SessionId>().map_err(|_| "Choose the session to end.".to_owned())?;
    Ok(PartnerChange::People(PeopleChange::EndSession { session }))
}

async fn draw_own(reader: &SignedInReader, submission: &FormSubmission) -> Result<Response, ErrorPage> {
    let sessions = reader.app.deps.partners.sessions(&reader.caller(), None).await;
    let sessions = sessions.map_err(|failure| failure_page(reader, &failure))?;
    let text = "You are signed in here. End a session that you do not know, and tell your organisation. If you \
        end this one, you sign in again.";
    let section = Section::new("", "").text(text).grid(sessions_grid(reader, OWN, &sessions, false, submission));
    let title = "Your sessions";
    Ok(show(reader.layout(title, Nav::None), title, None, vec![section], submission))
}

async fn draw(partner: &Partner, submission: &FormSubmission) -> Result<Response, ErrorPage> {
    let reader = &partner.reader;
    let sessions = reader.app.deps.partners.sessions(&reader.caller(), Some(partner.ods())).await;
    let sessions = sessions.map_err(|failure| failure_page(reader, &failure))?;
    let grid = sessions_grid(reader, &partner.path(OWN), &sessions, partner.is_administrator(), submission);
    let text = "A session that you end is ended within a second, with every page that is open in it. To stop a \
        person from signing in again, end their access.";
    let section = Section::new("", "").text(text).grid(grid).link(people_page::title(partner), partner.path("/people"));
    Ok(partner.show("Who is signed in now", vec![section], submission))
}

/// The sessions. Each reader ends their own, and an administrator all of the organisation's.
fn sessions_grid(
    reader: &SignedInReader,
    action: &str,
    sessions: &[OpenSession],
    may_end_all: bool,
    submission: &FormSubmission,
) -> Grid {
    let now = reader.app.deps.clock.now();
    let current = reader.session();
    let row = |one: &OpenSession| {
        let id = one.session.to_string();
        let is_current = one.session == current;
        let form = Form::new(END, &id, action, reader.signed_in.form_token.as_ref(), submission)
            .button(if is_current { "End this session" } else { "End" })
            .about(format!("{}, since {}", one.name, format_moment(one.started_at)))
            .secondary()
            .only_if(may_end_all || one.own);
        let mark = if is_current { "This session" } else { "" };
        vec![
            GridCell::lines(vec![one.name.clone(), mark.to_owned()]),
            GridCell::text(capitalise(one.role.words())),
            GridCell::text(format_moment(one.started_at)),
            GridCell::text(format_ago(one.last_active_at, now)),
            GridCell::forms(vec![form], "nothing to do"),
        ]
    };
    Grid {
        caption: "Open sessions",
        columns: vec!["Who", "Role", "Since", "Last active", "End"],
        rows: sessions.iter().map(row).collect(),
        empty: "No session is open.",
    }
}
