//! The steps of one organisation on its way to live data, its state, and its history. The state is changed here; identity
//! decides whether it may be.

use axum::response::{IntoResponse, Redirect, Response};
use lcr_contracts::{
    partners::{
        HistoryEntry, OnboardingStep, OnboardingTask, PartnerChange, TaskState, organisation::OrganisationChange,
    },
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
        details_page::details_fields,
        list_page::REGISTER,
        partner::{Partner, PartnerForm, PartnerPage, ReadForm},
        words::{state_meaning, state_tag, step_words, task_tag},
    },
    public::sign_in_page::{ENDED_BY_LEAVING, ENDED_BY_SUSPENSION},
};

/// What the state means if an organisation did not leave by itself.
const ENDED_BY_PLATFORM: &str =
    "It takes part no more. The platform's administrators ended its part, and they alone can let it in again.";

/// A history of more entries is folded.
const SHORT_HISTORY: usize = 10;

pub(crate) async fn page(PartnerPage { partner, submission }: PartnerPage) -> Response {
    draw(&partner, &submission)
}

pub(crate) async fn move_state(PartnerForm { partner, form }: PartnerForm) -> Response {
    let change = read_move(&form);
    let ended_by = ended_mark(&partner, &change);
    match partner.change(form, change).await {
        Ok(_) => ended_by
            .map_or_else(|| partner.saved(""), |mark| Redirect::to(&format!("/sign-in?ended={mark}")).into_response()),
        Err(submission) => draw(&partner, &submission),
    }
}

fn read_move(values: &Values) -> ReadForm {
    let named = PartnerState::ALL.into_iter().find(|state| values.act() == act_of(*state));
    let to = named.ok_or_else(|| "Choose what to change.".to_owned())?;
    Ok(PartnerChange::Organisation(OrganisationChange::Move { to }))
}

/// What the sign-in page says if the change ends the reader's own session, since it ends all sessions of the organisation.
fn ended_mark(partner: &Partner, change: &ReadForm) -> Option<&'static str> {
    let Ok(PartnerChange::Organisation(OrganisationChange::Move { to })) = change else { return None };
    let is_own = partner.reader.signed_in.actor.org == *partner.ods();
    match to {
        PartnerState::Suspended if is_own => Some(ENDED_BY_SUSPENSION),
        PartnerState::Left if is_own => Some(ENDED_BY_LEAVING),
        _ => None,
    }
}

fn draw(partner: &Partner, submission: &FormSubmission) -> Response {
    let file = &partner.file;
    let tasks = file.tasks.iter().map(|task| task_line(partner, task)).collect();
    let mut sections: Vec<Section> = return_section(partner, submission).into_iter().collect();
    sections.push(Section { tasks, ..Section::new("steps", "Steps") });
    sections.push(pages_section(partner));
    sections.push(state_section(partner, submission));
    let history = Section::new("history", "History").grid(history_grid(&file.history));
    let is_long = file.history.len() > SHORT_HISTORY;
    sections.push(if is_long { history.folded(false) } else { history });
    let heading = partner.name().to_owned();
    let layout = partner.reader.layout("Steps to live data", Nav::Partners);
    let back = partner.is_platform_administrator().then(|| ("All organisations".to_owned(), "/partners".to_owned()));
    show(layout, heading, back, partner.with_note(sections), submission)
}

/// Who ended the part of an organisation that has left, and its way back: its own administrator registers it anew, unless the
/// platform's administrators ended its part.
fn return_section(partner: &Partner, submission: &FormSubmission) -> Option<Section> {
    if partner.file.organisation.state != PartnerState::Left {
        return None;
    }
    if partner.file.left_by_platform {
        let section = Section::new("ended-by-platform", "Leeds ended this access")
            .text("The platform's administrators ended this organisation's part. The history says when and why.")
            .text("Only they can let it in again. It then signs the agreement anew.");
        return Some(section);
    }
    if !partner.is_own_administrator() {
        return None;
    }
    let form = Form::new("register", "", REGISTER, partner.reader.signed_in.form_token.as_ref(), submission);
    let form = details_fields(form, Some(&partner.file.details)).button("Register again");
    let section = Section::new("register-again", "Register again")
        .text("Your organisation left by itself. Register it here if it comes back. It then signs the agreement anew.")
        .form(form);
    Some(section)
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
        .fact("What this means", meaning(partner))
        .fact("ODS code", organisation.ods.as_str())
        .fact("Contact", partner.file.details.contact.clone());
    for (to, button, about) in [
        (PartnerState::Live, if state == PartnerState::Suspended { "Resume" } else { "Go live" }, "the organisation"),
        (PartnerState::Suspended, "Suspend", "the organisation: nobody of it sees records"),
        (PartnerState::Left, "Leave", "the agreement ends, and all sessions"),
        (PartnerState::Draft, "Let it in again", "the organisation: it signs the agreement anew"),
    ] {
        let may_return = partner.is_platform_administrator() && partner.file.left_by_platform;
        let is_offered = to != PartnerState::Draft || may_return;
        if !is_offered || !state.may_become(to) {
            continue;
        }
        let form = move_form(partner, to, submission).button(button).about(about);
        let missing = if to == PartnerState::Live { live_obstacle(partner) } else { None };
        section = match missing.filter(|_| form.problem.is_none()) {
            Some(missing) => section.text(missing),
            None => section.form(form),
        };
    }
    section
}

fn meaning(partner: &Partner) -> &'static str {
    if partner.file.left_by_platform { ENDED_BY_PLATFORM } else { state_meaning(partner.file.organisation.state) }
}

/// What is left to do before the organisation goes live. A suspended one is resumed whatever is left.
fn live_obstacle(partner: &Partner) -> Option<String> {
    let is_open = |task: &&OnboardingTask| {
        task.step != OnboardingStep::GoLive && matches!(task.state, TaskState::ToDo | TaskState::NotYet)
    };
    let is_resumed = partner.file.organisation.state == PartnerState::Suspended;
    let open = partner.file.tasks.iter().find(is_open).filter(|_| !is_resumed);
    open.map(|task| format!("It can go live once the steps before are done. {}", task.remark))
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
