//! Asks one source for all its resource types at once. A type counts as answered only when the source has answered for every
//! id it knows the person by. It must never keep items about another patient.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use futures::future::join_all;
use lcr_contracts::record::MissingReason;
use lcr_model::NhsNumber;
use tokio::{task::JoinSet, time::Instant};
use tracing::Instrument;

use super::shared_answers::AnswerSender;
use crate::{
    domain::{
        resource_type::ResourceType,
        source_answer::{QueryOutcome, SourceAnswer, TypeAnswer},
        subject::PersonIds,
    },
    sources::{ByteBudget, Connector, PersonAtSource, Progress, RetryBudget},
};

/// How long after the deadline a slow answer is still read: it refreshes the cache and the open page.
const LATE_ANSWER_TIME: Duration = Duration::from_secs(8);

/// What to ask one source.
#[derive(Clone, PartialEq, Eq)]
pub struct FetchPlan {
    pub source: lcr_model::SourceId,
    pub local_ids: Vec<String>,
    /// The index links the person to this source, even if no id to ask with is known.
    pub is_linked: bool,
    /// The person's NHS numbers, because some sources name an item's subject by NHS number.
    pub nhs_numbers: BTreeSet<NhsNumber>,
    pub resource_types: Vec<ResourceType>,
}

impl FetchPlan {
    pub fn can_be_asked(&self) -> bool {
        !self.local_ids.is_empty()
    }

    async fn queries(&self, connector: &Connector) -> Vec<TypeQuery> {
        let local_ids: BTreeSet<String> = self.local_ids.iter().cloned().collect();
        let person = async |local_id: &String| {
            let ids = PersonIds {
                local_id: local_id.clone(),
                local_ids: local_ids.clone(),
                nhs_numbers: self.nhs_numbers.clone(),
            };
            Arc::new(connector.person(ids).await)
        };
        let persons: Vec<Arc<PersonAtSource>> = join_all(self.local_ids.iter().map(person)).await;
        let of_type = |resource_type: &ResourceType| {
            let resource_type = *resource_type;
            let query =
                |who: &Arc<PersonAtSource>| TypeQuery { resource_type, who: who.clone(), progress: Arc::default() };
            persons.iter().map(query).collect::<Vec<_>>()
        };
        self.resource_types.iter().flat_map(of_type).collect()
    }
}

/// A query for one type, with one of the ids by which the source knows the person.
struct TypeQuery {
    resource_type: ResourceType,
    who: Arc<PersonAtSource>,
    progress: Arc<Progress>,
}

/// Sends the answer so far at the deadline, and the complete answer at the end.
pub async fn fetch_source(
    connector: Arc<Connector>,
    plan: FetchPlan,
    until: Instant,
    (retries, budget): (Arc<RetryBudget>, Arc<ByteBudget>),
    sender: AnswerSender,
) {
    let mut answer = SourceAnswer::pending(plan.source.clone(), true, &plan.resource_types);
    let mut unanswered = BTreeMap::new();
    for (index, query) in plan.queries(&connector).await.into_iter().enumerate() {
        // What is at hand needs no task of its own.
        match connector.fresh(query.resource_type, &query.who, &budget) {
            Some(fresh) => add(&mut answer, query.resource_type, fresh),
            None => drop(unanswered.insert(index, Arc::new(query))),
        }
    }
    let mut calls = start_calls(&connector, &unanswered, until, (&retries, &budget));
    let (mut sent_at_deadline, mut has_wrong_patient) = (false, false);
    loop {
        tokio::select! {
            joined = calls.join_next() => match joined {
                Some(Ok((index, type_answer))) => {
                    let Some(query) = unanswered.remove(&index) else { continue };
                    if type_answer.wrong_patient {
                        has_wrong_patient = true;
                        connector.clear_cache(&query.who.ids.local_id).await;
                    }
                    add(&mut answer, query.resource_type, type_answer);
                }
                Some(Err(_)) => {}
                None => break,
            },
            () = tokio::time::sleep_until(until), if !sent_at_deadline => {
                sent_at_deadline = true;
                let mut so_far = answer.clone();
                for query in unanswered.values() {
                    let TypeQuery { resource_type, who, progress } = &**query;
                    let fallback =
                        connector.fallback(*resource_type, who, &budget, progress).await;
                    add(&mut so_far, *resource_type, fallback);
                }
                if has_wrong_patient {
                    so_far.reject();
                }
                sender.send_partial(so_far);
            }
        }
    }
    // A task that panicked counts as failed: otherwise its type would stay pending for ever.
    for query in unanswered.values() {
        add(&mut answer, query.resource_type, TypeAnswer::failed(MissingReason::DidNotAnswer));
    }
    if has_wrong_patient {
        answer.reject();
    }
    sender.send_last(answer);
}

/// Starts a call for each query.
fn start_calls(
    connector: &Arc<Connector>,
    queries: &BTreeMap<usize, Arc<TypeQuery>>,
    until: Instant,
    (retries, budget): (&Arc<RetryBudget>, &Arc<ByteBudget>),
) -> JoinSet<(usize, TypeAnswer)> {
    let mut calls = JoinSet::new();
    for (index, query) in queries {
        let (index, query, connector) = (*index, query.clone(), connector.clone());
        let (retries, budget) = (retries.clone(), budget.clone());
        let call = async move {
            let TypeQuery { resource_type, who, progress } = &*query;
            let until = until + LATE_ANSWER_TIME;
            (index, connector.fetch_type(*resource_type, who, until, (&retries, &budget), progress).await)
        };
        calls.spawn(call.in_current_span());
    }
    calls
}

/// Adds a type's answer to those for the person's other ids at the source.
fn add(answer: &mut SourceAnswer, resource_type: ResourceType, type_answer: TypeAnswer) {
    match answer.types.get_mut(&resource_type) {
        Some(existing) if existing.outcome != QueryOutcome::Asking => existing.add(type_answer),
        _ => {
            answer.types.insert(resource_type, type_answer);
        }
    }
}

/// Marks every pending type as timed out.
pub fn mark_timed_out(answer: &mut Arc<SourceAnswer>) {
    let is_pending = |one: &TypeAnswer| one.outcome == QueryOutcome::Asking;
    if !answer.types.values().any(is_pending) {
        return;
    }
    for pending in Arc::make_mut(answer).types.values_mut().filter(|one| is_pending(one)) {
        (pending.outcome, pending.reason) = (QueryOutcome::TimedOut, Some(MissingReason::TooSlow));
    }
}
