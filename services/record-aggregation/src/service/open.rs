//! Opening a view: nothing is asked of a source before the decision and its audit entry stand.

use std::sync::Arc;

use lcr_contracts::{
    Caller, Consent, Failure, Kind as FailureKind,
    consent::{Ask, AskPerson, Confirm, Refusal},
    identity::Registry,
    patient_index::Resolved,
    records::ViewAsk,
};
use lcr_model::{Clock, Dataset, Permit, PersonId, ServiceName, ViewId, permit::PersonGrant};
use tokio::{sync::mpsc, task::JoinSet, time::Instant};

use super::{Service, as_me, kinds_of};
use crate::{
    domain::{
        answer::{Ended, SourceAnswer},
        kind::Kind,
    },
    sources::{Connector, RetryBudget},
};

/// The most a straggler is waited for; its answer still refreshes the copies and the open page.
const STRAGGLERS: std::time::Duration = std::time::Duration::from_secs(8);
/// Retries one view may spend.
const RETRIES: u32 = 12;

/// A view with its permit, its sources being asked.
pub struct Opened {
    pub view: ViewId,
    pub person: PersonId,
    pub permit: Permit,
    pub registry: Registry,
    pub datasets: Vec<Dataset>,
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
        let answers = plan
            .iter()
            .map(|one| SourceAnswer::asking(one.source.clone(), one.known(), &one.kinds))
            .collect();
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
            answers,
            coming,
            until,
            caller: me,
            consent: self.consent.clone(),
            clock: self.clock.clone(),
        })
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

/// What is asked of one source.
struct Asked {
    source: lcr_model::SourceId,
    local_ids: Vec<String>,
    kinds: Vec<Kind>,
}

impl Asked {
    fn known(&self) -> bool {
        !self.local_ids.is_empty()
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

/// Asks one source for all its types at once; tells what there is at the deadline, and again at the end.
async fn ask_source(
    connector: Arc<Connector>,
    asked: Asked,
    until: Instant,
    retries: Arc<RetryBudget>,
    tell: mpsc::Sender<SourceAnswer>,
) {
    let mut answer = SourceAnswer::asking(asked.source.clone(), true, &asked.kinds);
    let mut calls = JoinSet::new();
    for kind in asked.kinds {
        for local_id in &asked.local_ids {
            let (connector, retries, local_id) = (connector.clone(), retries.clone(), local_id.clone());
            calls.spawn(
                async move { (kind, connector.ask(kind, &local_id, until + STRAGGLERS, &retries).await) },
            );
        }
    }
    let mut told_at_deadline = false;
    loop {
        tokio::select! {
            joined = calls.join_next() => match joined {
                Some(Ok((kind, of_type))) => add(&mut answer, kind, of_type),
                Some(Err(_)) => {}
                None => break,
            },
            () = tokio::time::sleep_until(until), if !told_at_deadline => {
                told_at_deadline = true;
                let mut so_far = answer.clone();
                time_out(&mut so_far);
                let _ = tell.send(so_far).await;
            }
        }
    }
    // A call that was lost counts as failed, never as still asking.
    for of_type in answer.types.values_mut().filter(|one| one.ended == Ended::Asking) {
        of_type.ended = Ended::Failed;
    }
    let _ = tell.send(answer).await;
}

/// Several local ids at one source make one answer; the worse end counts.
fn add(answer: &mut SourceAnswer, kind: Kind, of_type: crate::domain::answer::TypeAnswer) {
    match answer.types.get_mut(&kind) {
        Some(held) if held.ended != Ended::Asking => {
            held.items.extend(of_type.items);
            held.not_readable += of_type.not_readable;
            held.warnings.extend(of_type.warnings);
            if !matches!(of_type.ended, Ended::Answered { .. }) {
                held.ended = of_type.ended;
            }
        }
        _ => {
            answer.types.insert(kind, of_type);
        }
    }
}

/// What has not answered by the deadline is named as such.
pub fn time_out(answer: &mut SourceAnswer) {
    for of_type in answer.types.values_mut().filter(|one| one.ended == Ended::Asking) {
        of_type.ended = Ended::TimedOut;
    }
}
