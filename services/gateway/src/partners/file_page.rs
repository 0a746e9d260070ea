//! The steps of one organisation on its way to live data, its state, and its history. The state is changed here; identity
//! decides whether it may be.

use axum::response::Response;
use lcr_contracts::{
    partners::{HistoryEntry, OnboardingTask, PartnerChange, organisation::OrganisationChange},
    registry::PartnerState,
};

use crate::{
    forms::{
        form::Form,
        form_input::Values,
        grid::{Grid, GridCell},
        page::{Section, TaskLine, show},
        submission::FormSubmission,
    },
    layout::{
        Nav,
        format::{format_count, format_moment},
    },
    partners::{
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        words::{state_meaning, state_tag, step_words, task_tag},
    },
};

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn move_state(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = read_move(&form);
    match partner.change(form, change).await {
        Ok(_) => partner.saved(""),
        Err(submission) => draw(&partner, &submission),
    }
}

fn read_move(values: &Values) -> ReadForm {
    let named = PartnerState::ALL.into_iter().find(|state| values.act() == act_of(*state));
    let to = named.ok_or_else(|| "Choose what to change.".to_owned())?;
    Ok(PartnerChange::Organisation(OrganisationChange::Move { to }))
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let file = &partner.file;
    let tasks = file.tasks.iter().map(|task| task_line(partner, task)).collect();
    let mut sections = vec![Section { tasks, ..Section::new("steps", "Steps") }];
    sections.push(pages_section(partner));
    sections.push(state_section(partner, submission));
    sections.push(Section::new("history", "History").grid(history_grid(&file.history)));
    let heading = partner.name().to_owned();
    let layout = partner.reader.layout("Steps to live data", Nav::Partners);
    let back = partner.is_platform_administrator().then(|| ("All organisations".to_owned(), "/partners".to_owned()));
    show(layout, heading, back, partner.with_note(sections), submission)
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

fn state_section(partner: &Partner, submission: &FormSubmission) -> Section {
    let organisation = &partner.file.organisation;
    let state = organisation.state;
    let mut section = Section::new("state", "State")
        .fact("State", state_tag(state).words)
        .fact("What this means", state_meaning(state))
        .fact("ODS code", organisation.ods.as_str())
        .fact("Contact", partner.file.details.contact.clone());
    for (to, button, about) in [
        (PartnerState::Live, if state == PartnerState::Suspended { "Resume" } else { "Go live" }, "the organisation"),
        (PartnerState::Suspended, "Suspend", "the organisation: nobody of it sees records"),
        (PartnerState::Left, "Leave", "the agreement ends, and all sessions"),
        (PartnerState::Draft, "Let it in again", "the organisation: it signs the agreement anew"),
    ] {
        let is_offered = to != PartnerState::Draft || partner.is_platform_administrator();
        if is_offered && state.may_become(to) {
            section = section.form(move_form(partner, to, submission).button(button).about(about));
        }
    }
    section
}

fn move_form(partner: &Partner, to: PartnerState, submission: &FormSubmission) -> Form {
    let act = act_of(to);
    match to {
        // The platform's administrators may resume what they have suspended, but take nobody live.
        PartnerState::Live if partner.file.organisation.state == PartnerState::Suspended => {
            partner.form(act, "", "", submission).reason("Why you resume it")
        }
        PartnerState::Live => partner.own_form(act, "", "", submission).reason("Why (not required)"),
        PartnerState::Draft => partner.form(act, "", "", submission).reason("Why you let it in again"),
        PartnerState::Left => partner.form(act, "", "", submission).reason("Why you leave").secondary(),
        _ => partner.form(act, "", "", submission).reason("Why you suspend it").secondary(),
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
