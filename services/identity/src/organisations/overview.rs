//! What is read of several organisations, or of an organisation and all that it has set up: tasks, the list of partners, the public
//! register. Nothing here may change anything.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_contracts::{
    Failure, Identity as _,
    partners::{
        OnboardingTask, PartnerSummary, agreement::AgreementStatus, organisation::OrganisationDetails,
        sharing_register::SharingRegister, sign_in::ProviderStatus, system::SystemStatus,
    },
    registry::{Organisation, PartnerState, Registry},
};
use lcr_model::{Actor, OdsCode, london};

use super::{
    agreement_status, details, is_signatory,
    lifecycle::words_of_moves,
    sharing_register::{self as register, SignedAgreement},
    signatures,
    tasks::{self as steps, TaskFacts},
    versions::PUBLISHED,
};
use crate::{
    partners::may_read,
    people, providers,
    service::Service,
    store::{agreement, organisation_file, partner_change, registry},
    systems,
};

/// The number of steps of onboarding.
const ALL_STEPS: u8 = 9;

/// The steps of onboarding.
pub async fn tasks(
    service: &Service,
    organisation: &Organisation,
    details: &OrganisationDetails,
    agreement: &AgreementStatus,
    systems: &[SystemStatus],
    providers: &[ProviderStatus],
) -> Result<Vec<OnboardingTask>, Failure> {
    let people = people::sign_in_counts(service, &organisation.ods).await?.eligible;
    let state = organisation.state;
    Ok(steps::tasks(&TaskFacts { state, details, agreement, systems, providers, people }))
}

/// The steps of one organisation, with all that they follow from read anew.
pub async fn tasks_of(service: &Service, ods: &OdsCode) -> Result<Vec<OnboardingTask>, Failure> {
    let registry = service.registry().await?;
    let organisation = registry.organisation(ods).ok_or_else(Failure::not_found)?;
    read_tasks(service, &registry, organisation).await
}

async fn read_tasks(
    service: &Service,
    registry: &Registry,
    organisation: &Organisation,
) -> Result<Vec<OnboardingTask>, Failure> {
    let systems = systems::statuses(service, registry, &organisation.ods).await?;
    let providers = providers::statuses(service, &organisation.ods).await?;
    let agreement = agreement_status(service, organisation).await?;
    let details = details(service, organisation).await?;
    tasks(service, organisation, &details, &agreement, &systems, &providers).await
}

/// The organisations that the actor may manage, by ODS code.
pub async fn summaries(service: &Service, actor: &Actor) -> Result<Vec<PartnerSummary>, Failure> {
    let registry = service.registry().await?;
    let keepers = organisation_file::keepers(service.store.read()).await?;
    let signs = is_signatory(service, actor, &actor.org).await?;
    let may_see = |row: &&Organisation| may_read(actor, &row.ods) || (signs && row.ods == actor.org);
    let seen: Vec<&Organisation> = registry.organisations.iter().filter(may_see).collect();
    let mut summaries = Vec::with_capacity(seen.len());
    for row in seen {
        let (done, needed) = progress(service, &registry, row).await?;
        summaries.push(PartnerSummary {
            ods: row.ods.clone(),
            name: row.name.clone(),
            state: row.state,
            agreement_signed: row.agreement_signed,
            managed_by: keepers.get(&row.ods).cloned().unwrap_or_default(),
            done,
            needed,
        });
    }
    Ok(summaries)
}

/// How far an organisation is. One that has been live has all steps behind it.
async fn progress(service: &Service, registry: &Registry, row: &Organisation) -> Result<(u8, u8), Failure> {
    use PartnerState::{Agreed, Conformant, Connecting, Draft};
    if !matches!(row.state, Draft | Agreed | Connecting | Conformant) {
        return Ok((ALL_STEPS, ALL_STEPS));
    }
    Ok(steps::progress(&read_tasks(service, registry, row).await?))
}

/// The public register.
pub async fn sharing_register(service: &Service) -> Result<SharingRegister, Failure> {
    let (db, today) = (service.store.read(), london::date(service.clock.now()));
    let (registry, keepers) = (registry::load(db).await?, organisation_file::keepers(db).await?);
    let mut records = agreement::load_all(db).await?;
    let mut signed: BTreeMap<OdsCode, SignedAgreement> = BTreeMap::new();
    for file in organisation_file::all(db).await? {
        let is_portals = keepers.get(&file.ods).is_some_and(|keeper| organisation_file::is_portals(keeper));
        let of_file = records.remove(&file.registration).unwrap_or_default();
        let Some(since) = signatures::first_signed_at(&of_file).filter(|_| is_portals) else { continue };
        let schedule = signatures::agreed_schedule(&of_file, &PUBLISHED, today);
        let stopped = stopped_at(service, &registry, &file.ods).await?.map(london::date);
        signed.insert(file.ods, SignedAgreement { since: Some(london::date(since)), stopped, schedule });
    }
    Ok(register::build(&registry, &signed, PUBLISHED.current(today).id))
}

/// When an organisation that is suspended or has left came to this state.
async fn stopped_at(service: &Service, registry: &Registry, ods: &OdsCode) -> Result<Option<Timestamp>, Failure> {
    let state = registry.organisation(ods).map(|row| row.state);
    let Some(state) = state.filter(|state| matches!(state, PartnerState::Suspended | PartnerState::Left)) else {
        return Ok(None);
    };
    Ok(partner_change::last_at(service.store.read(), ods, words_of_moves(state)).await?)
}
