//! Identity's contract for partners: passes each change to the room that makes it, and puts an organisation's file together. A
//! change must be stored together with its entry in the history, or not at all. A token whose session has ended must change and
//! show nothing, although it has not expired.

use async_trait::async_trait;
use jiff::Timestamp;
use lcr_contracts::{
    Caller, Failure, Identity as _, Partners,
    partners::{
        ChangeResult, MAX_REASON, PartnerChange, PartnerFile, PartnerReceipt, PartnerRequest, PartnerSummary,
        agreement::AgreementText,
        people::{AccessRequest, Applicant, NewAccessRequest, OpenSession, PeopleList, SignInCounts},
        sharing_register::SharingRegister,
    },
};
use lcr_model::{Actor, ActorKind, OdsCode, Phi, Role, SourceId};
use uuid::Uuid;

use crate::{organisations, people, providers, service::Service, store::partner_change, systems};

/// The most entries of a history that are shown.
const SHOWN_HISTORY: u64 = 200;

/// Who changes something about which organisation, why, and when.
#[derive(Debug, Clone)]
pub struct Author {
    pub actor: Actor,
    pub organisation: OdsCode,
    pub reason: String,
    pub now: Timestamp,
}

impl Author {
    fn new(caller: &Caller, request: &PartnerRequest, now: Timestamp) -> Result<Self, Failure> {
        if request.reason.chars().count() > MAX_REASON {
            return Err(Failure::bad_request("The reason is longer than 500 characters."));
        }
        if caller.actor.kind != ActorKind::Person {
            return Err(Failure::forbidden(
                "Only a person who is signed in changes what is agreed with an organisation.",
            ));
        }
        let reason = request.reason.trim().to_owned();
        Ok(Self { actor: caller.actor.clone(), organisation: request.organisation.clone(), reason, now })
    }

    /// Whether the author administers the organisation itself.
    pub fn is_own_administrator(&self) -> bool {
        self.actor.role == Role::OrgAdmin && self.actor.org == self.organisation
    }

    pub fn is_platform_administrator(&self) -> bool {
        self.actor.role == Role::PlatformAdmin
    }

    /// Refuses everybody but the organisation's own administrators and the platform's.
    pub fn require_administrator(&self) -> Result<(), Failure> {
        if self.is_own_administrator() || self.is_platform_administrator() {
            return Ok(());
        }
        Err(Failure::forbidden("Only an administrator of this organisation changes this."))
    }

    /// Refuses a change that needs a reason and has none.
    pub fn require_reason(&self) -> Result<(), Failure> {
        if self.reason.chars().count() < 3 {
            return Err(Failure::bad_request("Say why, in at least three characters."));
        }
        Ok(())
    }

    /// The author as the history names them.
    pub fn words(&self) -> String {
        format!("{}, {}, {}", self.actor.name, self.actor.role.words(), self.actor.org)
    }

    /// The entry of the history about this change. `what` is a sentence without its full stop.
    pub fn entry(&self, what: impl Into<String>, system: Option<&SourceId>) -> partner_change::NewEntry {
        partner_change::NewEntry {
            id: Uuid::now_v7(),
            organisation: self.organisation.clone(),
            at: self.now,
            by: self.words(),
            user: self.actor.user.clone(),
            what: what.into(),
            reason: self.reason.clone(),
            system: system.cloned(),
        }
    }
}

/// The receipt of a stored entry.
pub fn receipt(entry: &partner_change::NewEntry, result: ChangeResult) -> PartnerReceipt {
    PartnerReceipt { id: entry.id, at: entry.at, result }
}

/// Whether the caller may read an organisation's file: its administrators and officers, and the platform's administrators.
pub fn may_read(actor: &Actor, ods: &OdsCode) -> bool {
    let is_own = actor.org == *ods
        && matches!(
            actor.role,
            Role::OrgAdmin | Role::PrivacyOfficer | Role::CaldicottGuardian | Role::PracticeManager
        );
    actor.kind == ActorKind::Person && (is_own || actor.role == Role::PlatformAdmin)
}

/// Refuses whoever may not read the file, as if the organisation did not exist.
pub fn require_reader(actor: &Actor, ods: &OdsCode) -> Result<(), Failure> {
    if may_read(actor, ods) { Ok(()) } else { Err(Failure::not_found()) }
}

#[async_trait]
impl Partners for Service {
    async fn change(&self, caller: &Caller, request: PartnerRequest) -> Result<PartnerReceipt, Failure> {
        let author = Author::new(caller, &request, self.clock.now())?;
        people::require_open(self, &caller.actor).await?;
        match request.change {
            PartnerChange::Organisation(change) => organisations::change(self, author, change).await,
            PartnerChange::System(change) => systems::change(self, author, change).await,
            PartnerChange::SignIn(change) => providers::change(self, author, change).await,
            PartnerChange::People(change) => people::change(self, author, change).await,
        }
    }

    async fn partners(&self, caller: &Caller) -> Result<Vec<PartnerSummary>, Failure> {
        people::require_open(self, &caller.actor).await?;
        organisations::summaries(self, &caller.actor).await
    }

    async fn partner(&self, caller: &Caller, ods: &OdsCode) -> Result<PartnerFile, Failure> {
        people::require_open(self, &caller.actor).await?;
        let is_signatory = organisations::is_signatory(self, &caller.actor, ods).await?;
        if !is_signatory {
            require_reader(&caller.actor, ods)?;
        }
        let registry = self.registry().await?;
        let organisation = registry.organisation(ods).cloned().ok_or_else(Failure::not_found)?;
        let systems = systems::statuses(self, &registry, ods).await?;
        let providers = providers::statuses(self, ods).await?;
        let agreement = organisations::agreement_status(self, &organisation).await?;
        let details = organisations::details(self, &organisation).await?;
        Ok(PartnerFile {
            tasks: organisations::tasks(self, &organisation, &details, &agreement, &systems, &providers).await?,
            details,
            agreement,
            systems,
            clients: systems::clients(self, ods).await?,
            providers,
            notices: systems::notices(self, &registry, ods).await?,
            history: partner_change::list(self.store.read(), ods, SHOWN_HISTORY).await?,
            left_by_platform: organisations::was_ended_by_platform(self, &organisation).await?,
            organisation,
        })
    }

    async fn agreement_text(&self, caller: &Caller, ods: &OdsCode) -> Result<AgreementText, Failure> {
        people::require_open(self, &caller.actor).await?;
        if !organisations::is_signatory(self, &caller.actor, ods).await? {
            require_reader(&caller.actor, ods)?;
        }
        organisations::agreement_text(self, ods).await
    }

    async fn people(&self, caller: &Caller, ods: &OdsCode) -> Result<PeopleList, Failure> {
        people::require_open(self, &caller.actor).await?;
        require_reader(&caller.actor, ods)?;
        people::list(self, ods).await
    }

    async fn sessions(&self, caller: &Caller, ods: Option<&OdsCode>) -> Result<Vec<OpenSession>, Failure> {
        people::require_open(self, &caller.actor).await?;
        if let Some(ods) = ods {
            require_reader(&caller.actor, ods)?;
        }
        people::sessions(self, &caller.actor, ods).await
    }

    async fn sign_in_counts(&self, caller: &Caller, ods: &OdsCode) -> Result<SignInCounts, Failure> {
        people::require_open(self, &caller.actor).await?;
        require_reader(&caller.actor, ods)?;
        people::sign_in_counts(self, ods).await
    }

    async fn sharing_register(&self) -> Result<SharingRegister, Failure> {
        organisations::sharing_register(self).await
    }

    async fn applicant(&self, sealed: &Phi<String>) -> Result<Option<Applicant>, Failure> {
        people::applicant(self, sealed.as_ref()).await
    }

    async fn request_access(&self, sealed: &Phi<String>, request: NewAccessRequest) -> Result<AccessRequest, Failure> {
        people::request_access(self, sealed.as_ref(), request).await
    }
}

#[cfg(test)]
#[path = "partners_tests.rs"]
mod tests;
