//! Opening a view: nothing is asked of a source before the decision and its audit entry stand.

use std::sync::Arc;

use lcr_contracts::{
    Caller, Consent, Failure, Kind as FailureKind,
    consent::{Ask, AskPerson, Confirm, Refusal},
    identity::Registry,
    patient_index::Resolved,
    records::ViewAsk,
};
use lcr_model::{
    Clock, Dataset, Permit, PersonId, ServiceName, SourceId, SourceIdentity, ViewId, permit::PersonGrant,
};
use tokio::{sync::mpsc, time::Instant};

use super::{
    Service, as_me,
    asking::{Asked, ask_source, time_out},
    kinds_of,
};
use crate::{
    domain::answer::{Ended, SourceAnswer},
    sources::RetryBudget,
    store,
};

/// How long after the deadline the word of what there was at the deadline is waited for.
const LAST_WORD: std::time::Duration = std::time::Duration::from_millis(250);
/// Retries one view may spend.
const RETRIES: u32 = 12;

/// A view with its permit, its sources being asked.
pub struct Opened {
    pub view: ViewId,
    pub person: PersonId,
    pub permit: Permit,
    pub registry: Registry,
    pub datasets: Vec<Dataset>,
    pub identities: Vec<SourceIdentity>,
    pub answers: Vec<SourceAnswer>,
    pub coming: mpsc::Receiver<SourceAnswer>,
    pub until: Instant,
    caller: Caller,
    consent: Arc<dyn Consent>,
    pub clock: Arc<dyn Clock>,
}

impl Opened {
    pub fn grant(&self) -> Result<&PersonGrant, Failure> {
        self.permit.for_person(self.person).map_err(Failure::internal)
    }

    pub fn take(&mut self, answer: SourceAnswer) {
        if let Some(held) = self.answers.iter_mut().find(|held| held.source == answer.source) {
            *held = answer;
        }
    }

    /// The next answer, until every source has said what it had at the deadline.
    pub async fn next(&mut self) -> Option<SourceAnswer> {
        tokio::time::timeout_at(self.until + LAST_WORD, self.coming.recv()).await.ok()?
    }

    /// Takes answers until every source has answered or its time is up; the others are then named.
    pub async fn settle(&mut self) {
        while !self.answers.iter().all(SourceAnswer::finished) {
            match self.next().await {
                Some(answer) => self.take(answer),
                None => break,
            }
        }
        self.answers.iter_mut().for_each(time_out);
    }

    /// The ids `source` knows the person by.
    pub fn local_ids(&self, source: &SourceId) -> Vec<String> {
        let of_source = self.identities.iter().filter(|identity| identity.source == *source);
        of_source.map(|identity| identity.local_id.0.clone()).collect()
    }

    /// Just before a part leaves: does the decision still stand?
    pub async fn confirm(&self) -> Result<(), Failure> {
        let grant = self.grant()?;
        let confirm =
            Confirm { person: self.person, epoch: grant.epoch, session: self.permit.claims().session };
        match self.consent.confirm(&self.caller, confirm).await {
            Ok(true) => Ok(()),
            Ok(false) => Err(Failure::new(
                FailureKind::Conflict,
                "You can no longer see this. This does not mean there is none. Open the record again.",
            )),
            Err(failure) => Err(Failure::cannot_record(failure.inward())),
        }
    }
}

impl Service {
    pub async fn open(&self, caller: &Caller, ask: &ViewAsk) -> Result<Opened, Failure> {
        let me = as_me(caller);
        let resolved = self.patient_index.resolve(&me, ask.person).await?;
        let datasets = ask.datasets.clone().unwrap_or_else(|| Dataset::ALL.to_vec());
        let permit = self.permit(&me, ask, &resolved, &datasets).await?;
        let state = self.sources.now();
        let grant = permit.for_person(resolved.person).map_err(Failure::internal)?;
        let plan = plan(grant, &resolved, &state.registry, &datasets);
        let rosters = store::rosters(self.store.read()).await.map_err(|e| lcr_store::unavailable(&e))?;
        let answers = plan.iter().map(|one| Self::begin(one, &rosters)).collect();
        let until = Instant::now() + self.deadline;
        let (tell, coming) = mpsc::channel(2 * plan.len().max(1));
        let retries = Arc::new(RetryBudget::of(RETRIES));
        for one in plan.into_iter().filter(Asked::known) {
            if let Some(connector) = state.connectors.get(&one.source).cloned() {
                tokio::spawn(ask_source(connector, one, until, retries.clone(), tell.clone()));
            }
        }
        Ok(Opened {
            view: ask.view,
            person: resolved.person,
            permit,
            registry: state.registry.clone(),
            datasets,
            identities: resolved.identities,
            answers,
            coming,
            until,
            caller: me,
            consent: self.consent.clone(),
            clock: self.clock.clone(),
        })
    }

    /// A source whose list of people was never read to its end cannot be said not to know somebody.
    fn begin(asked: &Asked, rosters: &[store::roster::Model]) -> SourceAnswer {
        let read = rosters.iter().any(|row| row.source == asked.source.0 && row.finished.is_some());
        let mut answer = SourceAnswer::asking(asked.source.clone(), asked.known() || !read, &asked.kinds);
        if !asked.known() && !read {
            answer.types.values_mut().for_each(|one| one.ended = Ended::Failed);
        }
        answer
    }

    async fn permit(
        &self,
        me: &Caller,
        ask: &ViewAsk,
        resolved: &Resolved,
        datasets: &[Dataset],
    ) -> Result<Permit, Failure> {
        let person = AskPerson {
            person: resolved.person,
            index_version: resolved.version,
            identities: resolved.identities.clone(),
        };
        let audience = ServiceName::RecordAggregation;
        let ask = Ask {
            audience,
            view: ask.view,
            what: ask.what,
            people: vec![person],
            datasets: datasets.to_vec(),
        };
        let decision = self.consent.decide(me, ask).await?;
        let Some(bytes) = decision.permit else {
            return Err(refused(decision.refused.first().map(|(_, refusal)| *refusal)));
        };
        Permit::verify(&bytes, &self.keys.of(ServiceName::Consent), audience, self.clock.now())
            .map_err(Failure::internal)
    }
}

/// A refusal in the words of portal.md.
fn refused(refusal: Option<Refusal>) -> Failure {
    match refusal {
        Some(Refusal::NoRelationship) => Failure::new(
            FailureKind::NoRelationship,
            "We have no record that you are caring for this person.",
        ),
        Some(Refusal::Objected) => Failure::new(
            FailureKind::Objected,
            "This person has objected to sharing. No information is shown. This does not mean there is none.",
        ),
        Some(Refusal::CatchingUp) => Failure::new(
            FailureKind::CatchingUp,
            "This person's details have just changed and are still being taken in. Try again in a moment.",
        ),
        Some(Refusal::SessionEnded) => Failure::new(FailureKind::Unauthenticated, "You were signed out."),
        Some(Refusal::Role) | None => Failure::forbidden("Your role does not open records."),
    }
}

/// Every source with a granted dataset, with the ids it knows the person by.
fn plan(grant: &PersonGrant, resolved: &Resolved, registry: &Registry, datasets: &[Dataset]) -> Vec<Asked> {
    let asked = registry.systems.iter().filter_map(|system| {
        let granted: Vec<Dataset> =
            datasets.iter().copied().filter(|one| grant.allows(&system.id, *one)).collect();
        let of_source = resolved.identities.iter().filter(|identity| identity.source == system.id);
        let local_ids = of_source.map(|identity| identity.local_id.0.clone()).collect();
        let one = Asked { source: system.id.clone(), local_ids, kinds: kinds_of(&granted) };
        (!granted.is_empty()).then_some(one)
    });
    asked.collect()
}
