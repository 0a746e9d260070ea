//! Who tries the data of a system before everybody sees it: the safety testers and the organisations of the pilot. Nobody must
//! be shown data at once by being added here without a sign-off, as by any other step forward.

use std::collections::BTreeSet;

use lcr_contracts::{
    Failure,
    partners::{ChangeResult, PartnerReceipt, system::SwitchStep},
    registry::{Stage, StageRule, Stages},
};
use lcr_model::{Dataset, OdsCode, SourceId, UserId};
use sea_orm::{ColumnTrait, ConnectionTrait, DbErr, EntityTrait, PaginatorTrait, QueryFilter};
use uuid::Uuid;

use super::{edit, known_codes, stages::require_own_stages, switch};
use crate::{
    partners::Author,
    service::Service,
    store::{
        switch_step::{self, NewStep},
        system_row,
        user::entity as user,
    },
};

const MAX_TESTERS: usize = 50;
const MAX_PILOTS: usize = 200;

/// The testers and pilots as they are to be.
pub struct NewTesters {
    pub testers: BTreeSet<UserId>,
    pub pilots: BTreeSet<OdsCode>,
    pub signed_off_by: String,
}

/// Sets who tries the data. Each organisation that then sees data is told by a notice.
pub async fn set(service: &Service, author: Author, id: SourceId, new: NewTesters) -> Result<PartnerReceipt, Failure> {
    edit::require_own_administrator(&author)?;
    check(&new)?;
    let write = edit::write(service, async move |tx| {
        edit::require_active(&tx, &author.organisation).await?;
        let mut system = edit::find_own(&tx, &author, &id).await?.system;
        require_own_stages(&system)?;
        require_known_users(&tx, &new.testers, &system.setup.stages.testers).await?;
        let added: Vec<&OdsCode> = new.pilots.difference(&system.setup.stages.pilots).collect();
        known_codes::require_organisations(&tx, &added).await?;
        if shows_more(&system.setup.stages, &new) {
            switch::require_sign_off(&new.signed_off_by)?;
        }
        let opened = opened_to_pilots(&system.setup.stages, &new.pilots);
        insert_notices(&tx, &author, &id, (opened, &new.signed_off_by)).await?;
        let what = describe(&new, &id);
        let stages = &mut system.setup.stages;
        (stages.testers, stages.pilots) = (new.testers, new.pilots);
        let event = system_row::store_stages(&tx, system, author.now.as_microsecond()).await?;
        Ok(edit::publish_with_entry(&tx, &author, &id, what, ChangeResult::Done, &[event]).await?)
    });
    write.await
}

fn check(new: &NewTesters) -> Result<(), Failure> {
    if new.testers.len() > MAX_TESTERS || new.pilots.len() > MAX_PILOTS {
        return Err(Failure::bad_request("A system has at most 50 safety testers and 200 organisations in its pilot."));
    }
    if !new.pilots.iter().all(switch::is_code) {
        return Err(Failure::bad_request("The organisations of a pilot are ODS codes in capital letters."));
    }
    switch::check_sign_off(&new.signed_off_by)
}

fn describe(new: &NewTesters, id: &SourceId) -> String {
    let (testers, pilots) = (new.testers.len(), new.pilots.len());
    let sign_off = match new.signed_off_by.trim() {
        "" => String::new(),
        who => format!(", signed off by {who}"),
    };
    format!(
        "Set the safety testers ({testers}) and the organisations of the pilot ({pilots}) of the system {id}{sign_off}"
    )
}

/// Whether somebody who is added sees data at once.
fn shows_more(stages: &Stages, new: &NewTesters) -> bool {
    let is_any_at = |wanted: &[Stage]| stages.rules.iter().any(|rule| wanted.contains(&rule.stage));
    let adds_testers = !new.testers.is_subset(&stages.testers);
    let adds_pilots = !new.pilots.is_subset(&stages.pilots);
    (adds_testers && is_any_at(&[Stage::SafetyTesters, Stage::PilotTeams]))
        || (adds_pilots && is_any_at(&[Stage::PilotTeams]))
}

/// What opens to each organisation that is added to the pilot, as a rule for it.
fn opened_to_pilots(stages: &Stages, pilots: &BTreeSet<OdsCode>) -> Vec<StageRule> {
    let places: BTreeSet<(Dataset, Option<OdsCode>)> =
        stages.rules.iter().map(|rule| (rule.dataset, rule.unit.clone())).collect();
    let mut opened = Vec::new();
    for pilot in pilots.difference(&stages.pilots) {
        for (dataset, unit) in &places {
            let (receiver, stage) = (Some(pilot.clone()), Stage::PilotTeams);
            let rule = StageRule { dataset: *dataset, unit: unit.clone(), receiver, stage };
            if stages.current(&rule) == Stage::PilotTeams {
                opened.push(rule);
            }
        }
    }
    opened
}

/// Stores a notice for each rule. To its organisation the dataset goes from the safety testers to the pilot teams.
async fn insert_notices(
    tx: &impl ConnectionTrait,
    author: &Author,
    system: &SourceId,
    (opened, signed_off_by): (Vec<StageRule>, &str),
) -> Result<(), DbErr> {
    for rule in opened {
        let (system, signed_off_by) = (system.clone(), signed_off_by.to_owned());
        let step = SwitchStep { system, rule, signed_off_by, user_view: String::new() };
        let (by, user) = (author.words(), &author.actor.user);
        let new = NewStep { id: Uuid::now_v7(), at: author.now, step: &step, from: Stage::SafetyTesters, by, user };
        switch_step::insert(tx, new).await?;
    }
    Ok(())
}

/// Refuses a tester who is not a user of the platform: a mistyped id would be a tester whom nobody notices.
async fn require_known_users(
    tx: &impl ConnectionTrait,
    testers: &BTreeSet<UserId>,
    before: &BTreeSet<UserId>,
) -> Result<(), edit::ChangeError> {
    let added: Vec<&str> = testers.difference(before).map(UserId::as_str).collect();
    let most = u64::try_from(added.len()).unwrap_or(u64::MAX);
    let known = user::Entity::find().filter(user::Column::Id.is_in(added)).count(tx).await?;
    if known < most {
        return Err(Failure::bad_request("A safety tester is somebody who has signed in; one of these has not.").into());
    }
    Ok(())
}

#[cfg(test)]
#[path = "testers_tests.rs"]
mod tests;
