//! The steps of one organisation on its way to live data, its state, and its history. The state is changed here; identity
//! decides whether it may be.

use axum::{
    extract::{Path, Query},
    response::Response,
};
use lcr_contracts::{
    partners::{HistoryEntry, OnboardingTask, PartnerChange, organisation::OrganisationChange},
    registry::PartnerState,
};
use lcr_model::Role;

use crate::{
    layout::{
        Nav,
        format::{format_count, format_moment},
    },
    partners::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::{Section, TaskLine, show},
        partner::{Partner, ReadForm},
        posted::{DoneQuery, Posted},
        words::{state_meaning, state_tag, step_words, task_tag},
    },
    web::{csrf::CsrfForm, error_page::ErrorPage, session::SignedInReader},
};

pub(crate) async fn page(
    reader: SignedInReader,
    Path(ods): Path<String>,
    Query(query): Query<DoneQuery>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    Ok(draw(&partner, &Posted::after(&query)))
}

pub(crate) async fn move_state(
    Path(ods): Path<String>,
    CsrfForm { reader, form }: CsrfForm<Values>,
) -> Result<Response, ErrorPage> {
    let partner = Partner::load(reader, &ods).await?;
    let change = read_move(&form);
    match partner.change(form, change).await {
        Ok(_) => Ok(partner.saved("")),
        Err(posted) => Ok(draw(&partner, &posted)),
    }
}

fn read_move(values: &Values) -> ReadForm {
    let named = PartnerState::ALL.into_iter().find(|state| values.act() == act_of(*state));
    let to = named.ok_or_else(|| "Choose what to change.".to_owned())?;
    Ok(PartnerChange::Organisation(OrganisationChange::Move { to }))
}

fn draw(partner: &Partner, posted: &Posted) -> Response {
    let file = &partner.file;
    let tasks = file.tasks.iter().map(|task| task_line(partner, task)).collect();
    let mut sections = vec![Section { tasks, ..Section::new("steps", "Steps") }];
    sections.push(pages_section(partner));
    sections.push(state_section(partner, posted));
    sections.push(Section::new("history", "History").grid(history_grid(&file.history)));
    let heading = partner.name().to_owned();
    let layout = partner.reader.layout("Steps to live data", Nav::Partners);
    let is_platform = partner.reader.has_role(&[Role::PlatformAdmin]);
    let back = is_platform.then(|| ("All organisations".to_owned(), "/partners".to_owned()));
    show(layout, heading, back, sections, posted)
}

fn task_line(partner: &Partner, task: &OnboardingTask) -> TaskLine {
    let (words, page) = step_words(task.step);
    TaskLine {
        id: format!("step-{}", words.to_lowercase().replace(' ', "-")),
        words,
        href: Some(partner.path(page)),
        remark: task.remark.clone(),
        state: task_tag(task.state),
    }
}

fn pages_section(partner: &Partner) -> Section {
    let notices = partner.file.notices.len();
    let notices = match notices {
        0 => "What others switch on for you".to_owned(),
        _ => format!("What others switch on for you ({})", format_count(notices, "notice", "notices")),
    };
    Section::new("more", "More")
        .link(notices, partner.path("/notices"))
        .link("Computers that send or read (clients)", partner.path("/clients"))
        .link("Who is signed in now", partner.path("/sessions"))
        .link("How much it is used", partner.path("/adoption"))
        .link("Who shares what: the public register", "/sharing")
}

fn state_section(partner: &Partner, posted: &Posted) -> Section {
    let organisation = &partner.file.organisation;
    let state = organisation.state;
    let mut section = Section::new("state", "State")
        .fact("State", state_tag(state).words)
        .fact("What this means", state_meaning(state))
        .fact("ODS code", organisation.ods.as_str())
        .fact("Contact", partner.file.details.contact.clone());
    if !partner.is_administrator() {
        return section;
    }
    for (to, button, about) in [
        (PartnerState::Live, if state == PartnerState::Suspended { "Resume" } else { "Go live" }, "the organisation"),
        (PartnerState::Suspended, "Suspend", "the organisation: nobody of it sees records"),
        (PartnerState::Left, "Leave", "the agreement ends, and all sessions"),
    ] {
        if state.may_become(to) {
            section = section.form(move_form(partner, to, posted).button(button).about(about));
        }
    }
    section
}

fn move_form(partner: &Partner, to: PartnerState, posted: &Posted) -> Form {
    let form = partner.form(act_of(to), "", "", posted);
    match to {
        PartnerState::Live => form.reason("Why (needed to resume)"),
        PartnerState::Left => form.reason("Why you leave").secondary(),
        _ => form.reason("Why you suspend it").secondary(),
    }
}

/// The name of the form that leads to a state.
fn act_of(state: PartnerState) -> &'static str {
    match state {
        PartnerState::Draft => "to-draft",
        PartnerState::Agreed => "to-agreed",
        PartnerState::Connecting => "to-connecting",
        PartnerState::Conformant => "to-conformant",
        PartnerState::Live => "to-live",
        PartnerState::Suspended => "to-suspended",
        PartnerState::Left => "to-left",
    }
}

fn history_grid(history: &[HistoryEntry]) -> Grid {
    let row = |entry: &HistoryEntry| {
        vec![
            GridCell::text(format_moment(entry.at)),
            GridCell::text(&entry.what),
            GridCell::text(&entry.by),
            GridCell::or(Some(entry.reason.clone()), "no reason given"),
        ]
    };
    Grid {
        caption: "History, the newest first",
        columns: vec!["When", "What", "Who", "Why"],
        rows: history.iter().map(row).collect(),
        empty: "Nothing has been changed here yet.",
    }
}
