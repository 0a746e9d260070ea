//! Making, withdrawing and reviewing choices: checked, on the log, on disk, in force, and only then acknowledged.

use lcr_contracts::{
    Caller, Failure, Kind,
    audit::{OpenEntry, Outcome, What},
    choices::{Choice, ChoiceStatus, ChoiceStep, Choices, NewChoice, Receipt, Review},
    events::ChoiceChanged,
    identity::Registry,
};
use lcr_model::{Actor, ActorKind, Dataset, PersonId, Role, ServiceName, ViewId};
use lcr_store::Store;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{Service, facts::Known};
use crate::{
    domain::{
        choices::{self as rules, By, ChoiceError},
        policies::{Act, PersonFacts},
        relationship::Relationship,
    },
    store::{
        self,
        choice::{self as rows, ChoiceRow},
    },
};

/// What is done to a choice that exists.
pub enum Step {
    Withdraw { reason: Option<String> },
    Review(Review),
}

impl From<ChoiceError> for Failure {
    fn from(error: ChoiceError) -> Self {
        let kind = match error {
            ChoiceError::Over => Kind::Conflict,
            ChoiceError::NotTheirs => Kind::Forbidden,
            _ => Kind::BadRequest,
        };
        Failure::new(kind, error.to_string())
    }
}

fn away(error: &DbErr) -> Failure {
    lcr_store::unavailable(error)
}

impl Service {
    /// A choice that is acknowledged counts with the time it took; one that is refused took no effect.
    pub(super) async fn timed(
        &self,
        choice: impl Future<Output = Result<Receipt, Failure>>,
    ) -> Result<Receipt, Failure> {
        let started = tokio::time::Instant::now();
        let receipt = choice.await?;
        self.numbers.choice.observe(started.elapsed().as_secs_f64());
        Ok(receipt)
    }

    pub(super) async fn read_choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure> {
        let reason = self.may(caller, person, Act::ReadChoices).await?;
        self.note(caller, person, &format!("reads choices: {reason}"), None).await?;
        let registry = self.registry(self.standing(caller, &[]).await?.registry).await?;
        let held = rows::of_person(self.store.read(), person).await.map_err(|e| away(&e))?;
        let choices = held.iter().map(|row| self.told(row, &registry, caller)).collect::<Result<_, _>>();
        let organisations = registry.organisations.iter().filter(|org| org.agreement_signed);
        Ok(Choices {
            person,
            choices: choices.map_err(|e| away(&e))?,
            organisations: organisations.map(|org| (org.ods.clone(), org.name.clone())).collect(),
            may_change: self.may(caller, person, Act::Choose).await.is_ok(),
            may_review: self.may(caller, person, Act::ReviewChoices).await.is_ok(),
        })
    }

    pub(super) async fn make_choice(
        &self,
        caller: &Caller,
        person: PersonId,
        new: NewChoice,
    ) -> Result<Receipt, Failure> {
        let reason = self.may(caller, person, Act::Choose).await?;
        let registry = self.registry(self.standing(caller, &[]).await?.registry).await?;
        let new = NewChoice { reason: new.reason.as_deref().and_then(rules::reason), ..new };
        rules::check(&new, |ods| registry.organisations.iter().any(|org| &org.ods == ods))?;
        let row = self.new_row(caller, person, &new)?;
        let covers = self.covers(person).await?;
        let step = step_of(&row).map_err(|e| away(&e))?;
        self.note(caller, person, &format!("objection made: {reason}"), Some(step)).await?;
        let (kept, now, raise) = (row.clone(), self.clock.now(), self.fence.in_store());
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let changed = ChoiceChanged { person, version: now.as_microsecond() };
                rows::insert(tx, kept, &covers).await?;
                raise.people(tx, &[person], now).await?;
                Store::publish(tx, now, &[changed]).await
            })
        });
        // Before and after: whoever hears of the commit finds the fence up, and what was decided between the two
        // does not stand.
        self.fence.raise(person);
        write.await?;
        self.fence.raise(person);
        self.receipt(&row, &registry, caller)
    }

    pub(super) async fn move_choice(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        step: Step,
    ) -> Result<Receipt, Failure> {
        let act = if matches!(step, Step::Review(_)) { Act::ReviewChoices } else { Act::Choose };
        let reason = self.may(caller, person, act).await?;
        let held = rows::of_person(self.store.read(), person).await.map_err(|e| away(&e))?;
        let row = held.into_iter().find(|row| row.id == choice).ok_or_else(Failure::not_found)?;
        let now = self.clock.now();
        let from = row.status().map_err(|e| away(&e))?;
        let (to, review, words) = match step {
            Step::Withdraw { reason } => {
                let reason = rules::reason_to_withdraw(by(&row, caller), reason.as_deref())?;
                let words = reason.map(|reason| format!("{}: {reason}", made_by(&caller.actor)));
                (rules::withdrawn(from)?, words, "objection withdrawn")
            }
            Step::Review(review) => {
                let to = rules::reviewed(from, review.uphold, &review.reason)?;
                (to, rules::reason(&review.reason), "objection reviewed")
            }
        };
        let seal = |text: String| self.data_keys.seal(&lives_at(row.id, "review"), text.as_bytes());
        let review = review.map(seal).transpose().map_err(Failure::internal)?;
        let next =
            ChoiceStep { version: row.version + 1, status: to, ..step_of(&row).map_err(|e| away(&e))? };
        self.note(caller, person, &format!("{words}: {reason}"), Some(next)).await?;
        let moved = self.keep_moved(row, to, review, now).await?;
        let registry = self.registry(self.standing(caller, &[]).await?.registry).await?;
        self.receipt(&moved, &registry, caller)
    }

    async fn keep_moved(
        &self,
        row: ChoiceRow,
        to: ChoiceStatus,
        review: Option<String>,
        now: jiff::Timestamp,
    ) -> Result<ChoiceRow, Failure> {
        let (about, raise) = (PersonId(row.person), self.fence.in_store());
        let write = self.store.write::<_, DbErr, _>(move |tx| {
            Box::pin(async move {
                let moved = rows::move_on(tx, &row, to, review, now).await?;
                raise.people(tx, &[about], now).await?;
                let changed = ChoiceChanged { person: about, version: now.as_microsecond() };
                Store::publish(tx, now, &[changed]).await?;
                Ok(moved)
            })
        });
        self.fence.raise(about);
        let moved = write.await?;
        self.fence.raise(about);
        Ok(moved)
    }

    /// The link that lets `caller` do `act`, in words. The refusal is the same whatever the person chose.
    async fn may(&self, caller: &Caller, person: PersonId, act: Act) -> Result<String, Failure> {
        let actor = &caller.actor;
        let standing = self.standing(caller, &[]).await?;
        if standing.ended {
            return Err(Failure::new(Kind::Unauthenticated, "You were signed out."));
        }
        let asked = self.asked_by_id(person).await?;
        let known = self.known(actor, std::slice::from_ref(&asked), standing.registry).await?;
        let facts = known.of(&asked, 0, false);
        let none = Relationship { name: "none", words: "reviews choices".into() };
        let concerned = self.concerned(actor, person, &known).await?;
        let links = facts.relationships.iter().chain(&concerned).chain([&none]);
        let allowed = links.into_iter().find(|link| {
            let asked = PersonFacts {
                relationship: link.name,
                objected: false,
                agreement_signed: facts.agreement_signed || link.name == "own-record",
                restricted: facts.restricted,
            };
            self.policies.permits(actor.role, act, asked)
        });
        allowed.map(|link| link.words.clone()).ok_or_else(|| {
            Failure::new(
                Kind::Forbidden,
                "Choices are for the person themself and their registered practice.",
            )
        })
    }

    /// What else links an officer's organisation to the person's choices: it holds a record of theirs, or is named.
    async fn concerned(
        &self,
        actor: &Actor,
        person: PersonId,
        known: &Known,
    ) -> Result<Vec<Relationship>, Failure> {
        if !matches!(actor.role, Role::PrivacyOfficer | Role::CaldicottGuardian) {
            return Ok(vec![]);
        }
        let mut links = vec![];
        let own = known.systems_of(&actor.org);
        let held = self.covers(person).await?;
        if held.iter().any(|key| own.iter().any(|source| rows::is_of(key, source))) {
            let words = "their organisation holds a record".to_owned();
            links.push(Relationship { name: "holds-record", words });
        }
        let choices = rows::of_person(self.store.read(), person).await.map_err(|e| away(&e))?;
        if choices.iter().any(|row| row.organisation().as_ref() == Some(&actor.org)) {
            let words = "their organisation is named in a choice".to_owned();
            links.push(Relationship { name: "named-in-choice", words });
        }
        Ok(links)
    }

    /// Every identity they have now: whoever turns out to have one of them inherits.
    async fn covers(&self, person: PersonId) -> Result<Vec<String>, Failure> {
        let rows = store::find_person(self.store.read(), &[person]).await.map_err(|e| away(&e))?;
        let identities = rows.get(&person).map(|row| row.identities.clone()).unwrap_or_default();
        Ok(identities.lines().filter(|key| !key.is_empty()).map(str::to_owned).collect())
    }

    /// An act on choices is on the log before it is done.
    async fn note(
        &self,
        caller: &Caller,
        person: PersonId,
        reason: &str,
        choice: Option<ChoiceStep>,
    ) -> Result<(), Failure> {
        let entry = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: self.clock.now(),
            actor: caller.actor.clone(),
            audience: ServiceName::Consent,
            what: What::Choices,
            outcome: Outcome::Allowed,
            reason: reason.to_owned(),
            people: vec![person],
            datasets: Vec::<Dataset>::new(),
            policy_version: self.policies.version().to_owned(),
            choice,
            concerned: std::collections::BTreeMap::new(),
        };
        self.enter(caller, entry).await
    }

    fn new_row(&self, caller: &Caller, person: PersonId, new: &NewChoice) -> Result<ChoiceRow, Failure> {
        let now = self.clock.now().as_microsecond();
        let id = Uuid::now_v7();
        let seal = |text: &String| self.data_keys.seal(&lives_at(id, "reason"), text.as_bytes());
        let name = |error: DbErr| Failure::internal(lcr_store::kind_of(&error));
        Ok(ChoiceRow {
            id,
            person: person.0,
            origin: id,
            direction: rows::to_name(&new.direction).map_err(name)?,
            organisation: new.organisation.as_ref().map(|ods| ods.0.clone()),
            status: rows::to_name(&rules::begins(caller.actor.role)).map_err(name)?,
            by_user: caller.actor.user.0.clone(),
            by_words: made_by(&caller.actor),
            reason: new.reason.as_ref().map(seal).transpose().map_err(Failure::internal)?,
            review: None,
            review_sealed: None,
            made_at: now,
            changed_at: now,
            version: 1,
        })
    }
}

/// The choice as it stands, for the log.
fn step_of(row: &ChoiceRow) -> Result<ChoiceStep, DbErr> {
    Ok(ChoiceStep {
        id: row.id,
        origin: row.origin,
        version: row.version,
        direction: row.direction()?,
        organisation: row.organisation(),
        status: row.status()?,
    })
}

impl Service {
    fn receipt(&self, row: &ChoiceRow, registry: &Registry, caller: &Caller) -> Result<Receipt, Failure> {
        let choice = self.told(row, registry, caller).map_err(|e| away(&e))?;
        let number = rules::receipt_number(row.id, row.version);
        Ok(Receipt { number, effective_at: choice.changed_at, choice })
    }

    fn told(&self, row: &ChoiceRow, registry: &Registry, caller: &Caller) -> Result<Choice, DbErr> {
        let time = |micros| jiff::Timestamp::from_microsecond(micros).map_err(|e| DbErr::Type(e.to_string()));
        let organisation = row.organisation();
        let named = registry.organisations.iter().find(|org| Some(&org.ods) == organisation.as_ref());
        let own = row.by_user == caller.actor.user.0;
        Ok(Choice {
            id: row.id,
            direction: row.direction()?,
            organisation_name: named.map(|org| org.name.clone()),
            organisation,
            status: row.status()?,
            made_at: time(row.made_at)?,
            made_by: if own { "you".to_owned() } else { in_words(row.by_words.clone(), registry) },
            changed_at: time(row.changed_at)?,
            review: self.review_of(row).map(|review| in_words(review, registry)),
            number: rules::receipt_number(row.id, row.version),
        })
    }

    /// The words of a review. Those that the version before wrote are newer: what this one writes takes their place.
    fn review_of(&self, row: &ChoiceRow) -> Option<String> {
        if row.review.is_some() {
            return row.review.clone();
        }
        let sealed = row.review_sealed.as_deref()?;
        let plain = self.data_keys.open(&lives_at(row.id, "review"), sealed).ok();
        let plain = plain.and_then(|plain| String::from_utf8(plain).ok());
        if plain.is_none() {
            tracing::error!("the words of a review do not open and are left out");
        }
        plain
    }
}

/// Where the words of a choice are sealed for: those of another choice do not open in their place.
fn lives_at(choice: Uuid, column: &str) -> String {
    format!("consent/choice/{choice}/{column}")
}

/// Who the caller is to a choice.
fn by(row: &ChoiceRow, caller: &Caller) -> By {
    match caller.actor.kind {
        ActorKind::Patient => By::Person,
        _ if !row.by_user.is_empty() && row.by_user == caller.actor.user.0 => By::Recorder,
        _ => By::Other,
    }
}

/// The name of the organisation in place of its code, in what `made_by` wrote and what may follow it.
fn in_words(text: String, registry: &Registry) -> String {
    let named = registry.organisations.iter().find_map(|org| {
        let (who, after) = text.split_once(&format!(", {}", org.ods))?;
        (after.is_empty() || after.starts_with(": ")).then(|| format!("{who}, {}{after}", org.name))
    });
    named.unwrap_or(text)
}

/// The words that stand for who made it, for everybody but themself.
pub(super) fn made_by(actor: &Actor) -> String {
    match actor.kind {
        ActorKind::Patient => "the person".to_owned(),
        _ => format!("{}, {}", actor.name, actor.org),
    }
}
