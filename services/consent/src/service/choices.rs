//! Makes, withdraws and reviews choices. A choice is checked, committed to the audit log, stored and put in force. Only
//! then is it acknowledged.

mod review;

use lcr_contracts::{
    Caller, Failure, FailureKind,
    audit::{AccessKind, OpenEntry, Outcome},
    choices::{ChoiceStatus, ChoiceStep, Choices, NewChoice, Receipt, Review},
    events::ChoiceChanged,
    vocabulary::ReasonCode,
};
use lcr_model::{Dataset, PersonId, ServiceName, ViewId};
use lcr_store::{Store, db_failure};
use sea_orm::DbErr;
use uuid::Uuid;

use super::Service;
use crate::{
    domain::{
        choices::{self as rules, ChoiceError},
        policies::Act,
    },
    store::{
        self,
        choice::{self as rows, ChoiceRow},
    },
};
pub(super) use review::maker_text;
use review::withdrawer_of;

/// A change of an existing choice.
pub enum ChoiceAction {
    Withdraw { reason: Option<String> },
    Review(Review),
}

impl From<ChoiceError> for Failure {
    fn from(error: ChoiceError) -> Self {
        let kind = match error {
            ChoiceError::AlreadyClosed => FailureKind::Conflict,
            ChoiceError::NotPermitted => FailureKind::Forbidden,
            _ => FailureKind::BadRequest,
        };
        Failure::new(kind, error.to_string())
    }
}

impl Service {
    /// Measures the time until a choice is acknowledged. Refused choices are not measured.
    pub(super) async fn time_choice(
        &self,
        choice: impl Future<Output = Result<Receipt, Failure>>,
    ) -> Result<Receipt, Failure> {
        let started = tokio::time::Instant::now();
        let receipt = choice.await?;
        self.metrics.choice.observe(started.elapsed().as_secs_f64());
        Ok(receipt)
    }

    pub(super) async fn read_choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        let relationship = self.authorise_choice_act(caller, person, Act::ReadChoices).await?;
        self.append_audit(caller, vec![person], ReasonCode::ChoicesRead(relationship), None).await?;
        let registry = self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await?;
        let rows = rows::find_by_person(self.store.read(), person).await?;
        let choices = rows.iter().map(|row| self.to_choice(row, &registry, caller)).collect::<Result<_, _>>();
        let organisations = registry.nameable().filter(|org| org.agreement_signed);
        Ok(Choices {
            person,
            choices: choices.map_err(db_failure)?,
            organisations: organisations.map(|org| (org.ods.clone(), org.name.clone())).collect(),
            may_change: self.authorise_choice_act(caller, person, Act::Choose).await.is_ok(),
            may_review: self.authorise_choice_act(caller, person, Act::ReviewChoices).await.is_ok(),
        })
    }

    pub(super) async fn make_choice(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewChoice,
    ) -> Result<Receipt, Failure> {
        let relationship = self.authorise_choice_act(caller, person, Act::Choose).await?;
        let registry = self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await?;
        let new = NewChoice { reason: new.reason.as_deref().and_then(rules::clean_reason), ..new };
        rules::check_new(&new, |ods| registry.organisations.iter().any(|org| &org.ods == ods))?;
        let row = self.new_row(caller, person, &new)?;
        let identity_keys = self.identity_keys(person).await?;
        let step = audit_step(&row).map_err(db_failure)?;
        self.append_audit(caller, vec![person], ReasonCode::ObjectionMade(relationship), Some(step)).await?;
        let (stored, now, bump) = (row.clone(), self.clock.now(), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            let changed = ChoiceChanged { person, version: now.as_microsecond() };
            rows::insert(&tx, stored, &identity_keys).await?;
            bump.bump_people(&tx, &[person], now).await?;
            Store::publish(&tx, now, &[changed]).await
        });
        // Bump before and after the commit: a reader of the commit finds a new epoch, and decisions made in between fail.
        self.epochs.bump(person);
        write.await?;
        self.epochs.bump(person);
        self.receipt(&row, &registry, caller)
    }

    pub(super) async fn change_choice(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        action: ChoiceAction,
    ) -> Result<Receipt, Failure> {
        let act = if matches!(action, ChoiceAction::Review(_)) { Act::ReviewChoices } else { Act::Choose };
        let relationship = self.authorise_choice_act(caller, person, act).await?;
        let rows = rows::find_by_person(self.store.read(), person).await?;
        let row = rows.into_iter().find(|row| row.id == choice).ok_or_else(Failure::not_found)?;
        let now = self.clock.now();
        let from = row.status().map_err(db_failure)?;
        let (to, review, code) = match action {
            ChoiceAction::Withdraw { reason } => {
                let reason = rules::withdrawal_reason(withdrawer_of(&row, caller), reason.as_deref())?;
                let words = reason.map(|reason| format!("{}: {reason}", maker_text(&caller.actor)));
                (rules::status_after_withdrawal(from)?, words, ReasonCode::ObjectionWithdrawn(relationship))
            }
            ChoiceAction::Review(review) => {
                let to = rules::status_after_review(from, review.uphold, &review.reason)?;
                (to, rules::clean_reason(&review.reason), ReasonCode::ObjectionReviewed(relationship))
            }
        };
        let seal = |text: String| self.data_keys.seal(&seal_context(row.id, "review"), text.as_bytes());
        let review = review.map(seal).transpose().map_err(Failure::internal)?;
        let next = ChoiceStep { version: row.version + 1, status: to, ..audit_step(&row).map_err(db_failure)? };
        self.append_audit(caller, vec![person], code, Some(next)).await?;
        let changed = self.store_change(row, to, review, now).await?;
        let registry = self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await?;
        self.receipt(&changed, &registry, caller)
    }

    async fn store_change(
        &self,
        row: ChoiceRow,
        to: ChoiceStatus,
        review: Option<String>,
        now: jiff::Timestamp,
    ) -> Result<ChoiceRow, Failure> {
        let (person, bump) = (PersonId(row.person), self.epochs.store_bump());
        let write = self.store.write(async move |tx| {
            let moved = rows::change_status(&tx, &row, to, review, now).await?;
            bump.bump_people(&tx, &[person], now).await?;
            let changed = ChoiceChanged { person, version: now.as_microsecond() };
            Store::publish(&tx, now, &[changed]).await?;
            Ok(moved)
        });
        self.epochs.bump(person);
        let moved = write.await?;
        self.epochs.bump(person);
        Ok(moved)
    }

    /// The keys of all source identities that the person has now. Anybody who gets one of them inherits the choice.
    pub(super) async fn identity_keys(&self, person: PersonId) -> Result<Vec<String>, Failure> {
        let rows = store::find_people(self.store.read(), &[person]).await?;
        let identities = rows.get(&person).map(|row| row.identities.clone()).unwrap_or_default();
        Ok(identities.lines().filter(|key| !key.is_empty()).map(str::to_owned).collect())
    }

    /// Commits the act to the audit log. Call it before the act.
    pub(super) async fn append_audit(
        &self,
        caller: &Caller,
        people: Vec<PersonId>,
        reason: ReasonCode,
        choice: Option<ChoiceStep>,
    ) -> Result<(), Failure> {
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Consent,
            what: AccessKind::Choices,
            outcome: Outcome::Allowed,
            reason,
            people,
            datasets: Vec::<Dataset>::new(),
            policy_version: self.policies.version().to_owned(),
            choice,
            concerned: std::collections::BTreeMap::new(),
        };
        self.append_entry(caller, entry).await
    }

    fn new_row(&self, caller: &Caller, person: PersonId, new: &NewChoice) -> Result<ChoiceRow, Failure> {
        let now = self.clock.now().as_microsecond();
        let id = Uuid::now_v7();
        let seal = |text: &String| self.data_keys.seal(&seal_context(id, "reason"), text.as_bytes());
        let name = |error: DbErr| Failure::internal(lcr_store::kind_of(&error));
        Ok(ChoiceRow {
            id,
            person: person.0,
            origin: id,
            direction: rows::to_name(&new.direction).map_err(name)?,
            organisation: new.organisation.as_ref().map(|ods| ods.0.clone()),
            status: rows::to_name(&rules::initial_status(caller.actor.role)).map_err(name)?,
            by_user: caller.actor.user.0.clone(),
            by_words: maker_text(&caller.actor),
            reason: new.reason.as_ref().map(seal).transpose().map_err(Failure::internal)?,
            review: None,
            review_sealed: None,
            made_at: now,
            changed_at: now,
            version: 1,
        })
    }
}

/// The current state of the choice, for the audit log.
fn audit_step(row: &ChoiceRow) -> Result<ChoiceStep, DbErr> {
    Ok(ChoiceStep {
        id: row.id,
        origin: row.origin,
        version: row.version,
        direction: row.direction()?,
        organisation: row.organisation(),
        status: row.status()?,
    })
}

/// The associated data of a sealed text. It names the choice, so that the text of another choice does not open here.
fn seal_context(choice: Uuid, column: &str) -> String {
    format!("consent/choice/{choice}/{column}")
}
