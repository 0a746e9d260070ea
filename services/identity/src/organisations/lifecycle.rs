//! The states of an organisation and who moves it (S-68). What follows from signatures and checks is never set by hand. Suspending
//! and leaving end every session in the same write.

mod steps;

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{
    Failure,
    events::PartnersChanged,
    partners::{OnboardingStep, OnboardingTask, TaskState},
    registry::{Organisation, PartnerState},
};
use lcr_model::OdsCode;
use lcr_store::Store;
use sea_orm::{DatabaseTransaction, DbErr};

use super::{
    leaving,
    open::{OpenOrganisation, open},
    versions::{PUBLISHED, Versions},
};
use crate::{
    partners::Author,
    people,
    store::{
        change_error::{ChangeError, conflict},
        organisation_file::{self, OrganisationFile},
        partner_change::{self, NewEntry},
    },
};
pub use steps::{StateEvent, platform_entry, steps_after};
use steps::{steps_to_live, words_of_step};

/// Moves a row through these states. Returns an entry of the history for each.
pub fn walk(row: &mut Organisation, steps: &[PartnerState], now: Timestamp) -> Vec<NewEntry> {
    let mut entries = Vec::new();
    for to in steps {
        entries.push(platform_entry(&row.ods, words_of_step(row.state, *to), now));
        row.state = *to;
    }
    entries
}

/// What the history says of each move to this state.
pub fn words_of_moves(to: PartnerState) -> Vec<String> {
    PartnerState::ALL.into_iter().filter(|from| *from != to).map(|from| words_of_step(from, to)).collect()
}

/// Moves an organisation of the portal after an event, with an entry of the history. Returns the events to publish.
pub async fn advance(
    tx: &DatabaseTransaction,
    ods: &OdsCode,
    event: StateEvent,
    now: Timestamp,
) -> Result<Vec<PartnersChanged>, DbErr> {
    let Some((row, keeper)) = organisation_file::lock(tx, ods).await? else { return Ok(vec![]) };
    let steps = steps_after(row.state, event);
    let file = organisation_file::find(tx, ods).await?;
    let (Some(file), false, true) = (file, steps.is_empty(), organisation_file::is_portals(&keeper)) else {
        return Ok(vec![]);
    };
    let mut opened = OpenOrganisation { row, file, is_operators: false };
    for entry in walk(&mut opened.row, steps, now) {
        partner_change::insert(tx, &entry).await?;
    }
    // Two events of one write need two versions, or the other services drop the second.
    let at = if event == StateEvent::Connected { now } else { now + SignedDuration::from_micros(1) };
    opened.store_row(tx, &PUBLISHED, at).await
}

/// Checks whether the author may move an organisation to `to`.
fn check_move(author: &Author, opened: &OpenOrganisation, to: PartnerState) -> Result<(), Failure> {
    let from = opened.row.state;
    let is_resumed = from == PartnerState::Suspended && to == PartnerState::Live;
    match to {
        PartnerState::Live if !is_resumed => {
            if !author.is_own_administrator() {
                return Err(Failure::forbidden("Only an administrator of the organisation takes it live."));
            }
            return Ok(());
        }
        PartnerState::Live | PartnerState::Suspended | PartnerState::Left => {}
        PartnerState::Draft if from == PartnerState::Left => return check_return(author, opened),
        _ => {
            let text = "This state follows from signatures and checks; nobody sets it by hand.";
            return Err(Failure::bad_request(text));
        }
    }
    author.require_administrator()?;
    author.require_reason()?;
    if opened.file.suspended_by_platform && from == PartnerState::Suspended && !author.is_platform_administrator() {
        let text = "The platform's administrators suspended this organisation; only they decide what comes next.";
        return Err(Failure::forbidden(text));
    }
    if !from.may_become(to) && !takes_over_suspension(author, opened, to) {
        return Err(conflict(format!("The organisation is {from}, so it cannot become {to}.")));
    }
    Ok(())
}

/// Checks whether the author may let an organisation in again whose part the platform's administrators ended.
fn check_return(author: &Author, opened: &OpenOrganisation) -> Result<(), Failure> {
    if !author.is_platform_administrator() {
        return Err(Failure::forbidden("Only the platform's administrators let an organisation in again."));
    }
    author.require_reason()?;
    if !opened.file.left_by_platform {
        return Err(conflict("The organisation has left by itself, so it registers again by itself."));
    }
    Ok(())
}

/// Whether the platform's administrators suspend what the organisation has suspended itself.
fn takes_over_suspension(author: &Author, opened: &OpenOrganisation, to: PartnerState) -> bool {
    let is_suspended = (opened.row.state, to) == (PartnerState::Suspended, PartnerState::Suspended);
    is_suspended && author.is_platform_administrator() && !opened.file.suspended_by_platform
}

/// Moves an organisation by hand: takes it live, suspends it, resumes it, ends its part, or lets it in again. `tasks` are its tasks
/// as they were read before the write.
pub async fn move_to(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    to: PartnerState,
    tasks: &[OnboardingTask],
) -> Result<NewEntry, ChangeError> {
    let mut opened = open(tx, &author.organisation, author.now).await?;
    check_move(author, &opened, to)?;
    opened.require_ours()?;
    let from = opened.row.state;
    if to == PartnerState::Live && from != PartnerState::Suspended {
        return go_live(tx, versions, author, opened, tasks).await;
    }
    if matches!(to, PartnerState::Suspended | PartnerState::Left) {
        let ended = people::end_sessions_of_organisation(tx, &author.organisation, author.now).await?;
        Store::publish(tx, author.now, &ended).await?;
    }
    if to == PartnerState::Draft {
        // Another registration, so that no signature of before counts.
        let OrganisationFile { ods, details, .. } = opened.file;
        opened.file = OrganisationFile::new(ods, details, author.now);
    }
    let by_platform = author.is_platform_administrator();
    opened.file.suspended_by_platform = to == PartnerState::Suspended && by_platform;
    opened.file.left_by_platform = to == PartnerState::Left && by_platform;
    opened.row.state = to;
    let entry = author.entry(words_of_step(from, to), None);
    opened.store(tx, versions, std::slice::from_ref(&entry), author.now).await?;
    if to == PartnerState::Left {
        leaving::stop_connections(tx, &author.organisation, author.now).await?;
    }
    Ok(entry)
}

async fn go_live(
    tx: &DatabaseTransaction,
    versions: &Versions,
    author: &Author,
    mut opened: OpenOrganisation,
    tasks: &[OnboardingTask],
) -> Result<NewEntry, ChangeError> {
    let from = opened.row.state;
    let steps = steps_to_live(from);
    let Some((_, before)) = steps.split_last() else {
        return Err(conflict(format!("The organisation is {from}, so it cannot become live.")).into());
    };
    let is_open = |task: &&OnboardingTask| {
        task.step != OnboardingStep::GoLive && matches!(task.state, TaskState::ToDo | TaskState::NotYet)
    };
    if let Some(open) = tasks.iter().find(is_open) {
        return Err(conflict(format!("Something is left to do first. {}", open.remark)).into());
    }
    let mut entries = walk(&mut opened.row, before, author.now);
    let entry = author.entry(words_of_step(opened.row.state, PartnerState::Live), None);
    opened.row.state = PartnerState::Live;
    entries.push(entry.clone());
    opened.store(tx, versions, &entries, author.now).await?;
    Ok(entry)
}

#[cfg(test)]
#[path = "lifecycle_tests.rs"]
mod tests;
