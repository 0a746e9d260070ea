//! Organisations and their agreements: registration, details, the data-flow schedule, signatures, states (PARTNERS.md). No
//! organisation may take part without an agreement that all have signed who must. Flow: `organisations → {people, providers,
//! systems, store}`.

mod details;
mod leaving;
mod lifecycle;
mod open;
mod overview;
mod registration;
mod renewal;
mod setup;
mod sharing_register;
mod signatures;
mod signing;
mod status;
mod tasks;
#[cfg(test)]
mod testing;
mod text;
mod versions;

use jiff::civil::Date;
use lcr_contracts::{
    Failure,
    partners::{
        ChangeResult, OnboardingTask, PartnerReceipt,
        agreement::{AgreementStatus, AgreementText},
        organisation::{DataFlowSchedule, OrganisationChange, OrganisationDetails},
    },
    registry::{Organisation, PartnerState},
};
use lcr_model::{Actor, ActorKind, OdsCode, UserId, london};
use lcr_store::{StoreError, db_failure};
use sea_orm::{ConnectionTrait, DatabaseTransaction, EntityTrait};

use self::{text::TextFacts, versions::PUBLISHED};
use crate::{
    partners::{Author, receipt},
    people, providers,
    service::Service,
    store::{
        agreement::{self, AgreementRecords, Appointment},
        change_error::{ChangeError, settle},
        organisation_file::{self, OrganisationFile},
        partner_change::NewEntry,
        registry, user,
    },
};

pub use leaving::has_ever_left;
pub use lifecycle::{StateEvent, advance};
pub use overview::{sharing_register, summaries, tasks};
pub use renewal::keep_current;
pub use setup::advance_by_setup;

/// What a change needs that is read before the write.
#[derive(Debug, Default)]
struct ChangeFacts {
    /// The name of the user who is appointed.
    name: String,
    /// The tasks of the organisation that is to go live.
    tasks: Vec<OnboardingTask>,
}

/// Makes a change. A change that is refused stores nothing.
pub async fn change(service: &Service, author: Author, change: OrganisationChange) -> Result<PartnerReceipt, Failure> {
    let facts = facts_for(service, &author, &change).await?;
    let leaves = matches!(change, OrganisationChange::Move { to: PartnerState::Left });
    let write = service.store.write(async move |tx| settle(make(&tx, &author, change, facts).await));
    let entry = write.await??;
    if leaves {
        providers::reload(service).await?;
    }
    Ok(receipt(&entry, ChangeResult::Done))
}

/// Reads what the change needs. Others than administrators must not learn it from a refusal.
async fn facts_for(service: &Service, author: &Author, change: &OrganisationChange) -> Result<ChangeFacts, Failure> {
    let mut facts = ChangeFacts::default();
    match change {
        OrganisationChange::Appoint { user, .. } => {
            author.require_administrator()?;
            facts.name = name_of_member(service, &author.organisation, user).await?;
        }
        OrganisationChange::Move { to: PartnerState::Live } => {
            author.require_administrator()?;
            facts.tasks = overview::tasks_of(service, &author.organisation).await?;
        }
        _ => {}
    }
    Ok(facts)
}

async fn make(
    tx: &DatabaseTransaction,
    author: &Author,
    change: OrganisationChange,
    facts: ChangeFacts,
) -> Result<NewEntry, ChangeError> {
    match change {
        OrganisationChange::Register(details) => registration::register(tx, &PUBLISHED, author, details).await,
        OrganisationChange::Describe(details) => registration::describe(tx, &PUBLISHED, author, details).await,
        OrganisationChange::SetSchedule(schedule) => signing::set_schedule(tx, &PUBLISHED, author, schedule).await,
        OrganisationChange::Appoint { duty, user } => {
            signing::appoint(tx, &PUBLISHED, author, Appointment { duty, user, name: facts.name }).await
        }
        OrganisationChange::Sign { duty, text_hash } => signing::sign(tx, &PUBLISHED, author, duty, &text_hash).await,
        OrganisationChange::Move { to } => lifecycle::move_to(tx, &PUBLISHED, author, to, &facts.tasks).await,
    }
}

/// The name of a user who has signed in as a member of the organisation.
async fn name_of_member(service: &Service, ods: &OdsCode, user: &UserId) -> Result<String, Failure> {
    let not_a_member = || Failure::bad_request("Choose somebody who has signed in as a member of this organisation.");
    if !people::is_member(service.store.read(), ods, user).await? {
        return Err(not_a_member());
    }
    let known = user::entity::Entity::find_by_id(user.as_str()).one(service.store.read()).await;
    Ok(known.map_err(db_failure)?.ok_or_else(not_a_member)?.name)
}

/// Whether the actor is appointed to sign for the organisation.
pub async fn is_signatory(service: &Service, actor: &Actor, ods: &OdsCode) -> Result<bool, Failure> {
    if actor.kind != ActorKind::Person || actor.org != *ods {
        return Ok(false);
    }
    let db = service.store.read();
    let Some(file) = organisation_file::find(db, ods).await? else { return Ok(false) };
    Ok(agreement::is_appointed(db, file.registration, &actor.user).await?)
}

/// The file of an organisation that the portal manages.
async fn portal_file(db: &impl ConnectionTrait, ods: &OdsCode) -> Result<Option<OrganisationFile>, StoreError> {
    let keeper = registry::keeper(db, &format!("organisation/{ods}")).await?;
    if !keeper.is_some_and(|keeper| organisation_file::is_portals(&keeper)) {
        return Ok(None);
    }
    organisation_file::find(db, ods).await
}

pub async fn agreement_status(service: &Service, organisation: &Organisation) -> Result<AgreementStatus, Failure> {
    let (db, today) = (service.store.read(), today(service));
    let Some(file) = portal_file(db, &organisation.ods).await? else {
        return Ok(status::on_paper(organisation, &PUBLISHED, today));
    };
    let records = agreement::load(db, file.registration).await?;
    Ok(status::of_portal(organisation, file.on_paper, &records, &PUBLISHED, today))
}

fn today(service: &Service) -> Date {
    london::date(service.clock.now())
}

/// What the organisation says of itself: its row, with its sites and contact.
pub async fn details(service: &Service, organisation: &Organisation) -> Result<OrganisationDetails, Failure> {
    let of_row = details::of_row(organisation);
    Ok(match organisation_file::find(service.store.read(), &organisation.ods).await? {
        Some(file) => OrganisationDetails { sites: file.details.sites, contact: file.details.contact, ..of_row },
        None => of_row,
    })
}

/// Whether the organisation has left because the platform's administrators ended its part.
pub async fn was_ended_by_platform(service: &Service, organisation: &Organisation) -> Result<bool, Failure> {
    if organisation.state != PartnerState::Left {
        return Ok(false);
    }
    let file = organisation_file::find(service.store.read(), &organisation.ods).await?;
    Ok(file.is_some_and(|file| file.left_by_platform))
}

/// The documents as the organisation signs them now.
pub async fn agreement_text(service: &Service, ods: &OdsCode) -> Result<AgreementText, Failure> {
    let db = service.store.read();
    let row = registry::find_organisation(db, ods.as_str()).await?.ok_or_else(Failure::not_found)?;
    let records = match portal_file(db, ods).await? {
        Some(file) => agreement::load(db, file.registration).await?,
        None => AgreementRecords::default(),
    };
    let schedule = records.newest_schedule().map(|newest| &newest.schedule);
    let facts = TextFacts { ods, name: &row.name, schedule };
    Ok(text::render(PUBLISHED.current(today(service)), facts))
}

/// The schedule that says what the organisation's systems may give: the one in force, without what was taken out since; before
/// anything is signed here, the newest. `None`: there is none here, as of many whose agreement is on paper.
pub async fn schedule(
    db: &impl ConnectionTrait,
    ods: &OdsCode,
    today: Date,
) -> Result<Option<DataFlowSchedule>, StoreError> {
    let Some(file) = portal_file(db, ods).await? else { return Ok(None) };
    let records = agreement::load(db, file.registration).await?;
    let agreed = signatures::agreed_schedule(&records, &PUBLISHED, today);
    Ok(agreed.or_else(|| records.newest_schedule().map(|newest| newest.schedule.clone())))
}

/// The newest schedule of the organisation, whether it is signed or not.
pub async fn newest_schedule(db: &impl ConnectionTrait, ods: &OdsCode) -> Result<Option<DataFlowSchedule>, StoreError> {
    let Some(file) = portal_file(db, ods).await? else { return Ok(None) };
    let records = agreement::load(db, file.registration).await?;
    Ok(records.newest_schedule().map(|newest| newest.schedule.clone()))
}
