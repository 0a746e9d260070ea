//! Asking one source for all its types at once. What has not answered by the deadline is told of then, with an
//! older copy where there is one; a type counts as answered only when every id of the person has been.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
    time::Duration,
};

use lcr_contracts::record::MissingReason;
use lcr_model::NhsNumber;
use tokio::{task::JoinSet, time::Instant};
use tracing::Instrument;

use super::answers::Teller;
use crate::{
    domain::{
        answer::{Ended, SourceAnswer, TypeAnswer},
        kind::Kind,
        subject::Who,
    },
    sources::{ByteBudget, Connector, Progress, RetryBudget},
};

/// The most a straggler is waited for; its answer still refreshes the copies and the open page.
const STRAGGLERS: Duration = Duration::from_secs(8);

/// What is asked of one source.
#[derive(Clone, PartialEq, Eq)]
pub struct Asked {
    pub source: lcr_model::SourceId,
    pub local_ids: Vec<String>,
    /// The index knows the person at this source, under whatever id.
    pub sends_about: bool,
    /// NHS numbers of the person, by which some sources name an item's subject.
    pub numbers: BTreeSet<NhsNumber>,
    pub kinds: Vec<Kind>,
}

impl Asked {
    pub fn known(&self) -> bool {
        !self.local_ids.is_empty()
    }

    fn questions(&self) -> Vec<Question> {
        let local_ids: BTreeSet<String> = self.local_ids.iter().cloned().collect();
        let who = |local_id: &String| Who {
            local_id: local_id.clone(),
            local_ids: local_ids.clone(),
            numbers: self.numbers.clone(),
        };
        let of_kind = |kind: &Kind| {
            let one = |(kind, who)| Question { kind, who, progress: Arc::default() };
            self.local_ids.iter().map(|local_id| one((*kind, who(local_id)))).collect::<Vec<_>>()
        };
        self.kinds.iter().flat_map(of_kind).collect()
    }
}

/// One type asked with one of the ids the source knows the person by.
struct Question {
    kind: Kind,
    who: Who,
    progress: Arc<Progress>,
}

/// Tells what there is at the deadline, and again at the end.
pub async fn ask_source(
    connector: Arc<Connector>,
    asked: Asked,
    until: Instant,
    (retries, bytes): (Arc<RetryBudget>, Arc<ByteBudget>),
    tell: Teller,
) {
    let mut answer = SourceAnswer::asking(asked.source.clone(), true, &asked.kinds);
    let mut open: BTreeMap<usize, Arc<Question>> =
        asked.questions().into_iter().map(Arc::new).enumerate().collect();
    let mut calls = JoinSet::new();
    for (at, question) in &open {
        let (at, question, connector) = (*at, question.clone(), connector.clone());
        let (retries, bytes) = (retries.clone(), bytes.clone());
        let asking = async move {
            let Question { kind, who, progress } = &*question;
            (at, connector.ask(*kind, who, until + STRAGGLERS, (&retries, &bytes), progress).await)
        };
        calls.spawn(asking.in_current_span());
    }
    let (mut told_at_deadline, mut mistaken) = (false, false);
    loop {
        tokio::select! {
            joined = calls.join_next() => match joined {
                Some(Ok((at, of_type))) => {
                    let Some(question) = open.remove(&at) else { continue };
                    if of_type.wrong_patient {
                        mistaken = true;
                        connector.forget(&question.who.local_id).await;
                    }
                    add(&mut answer, question.kind, of_type);
                }
                Some(Err(_)) => {}
                None => break,
            },
            () = tokio::time::sleep_until(until), if !told_at_deadline => {
                told_at_deadline = true;
                let mut so_far = answer.clone();
                for question in open.values() {
                    let Question { kind, who, progress } = &**question;
                    add(&mut so_far, *kind, connector.instead(*kind, &who.local_id, &bytes, progress).await);
                }
                if mistaken {
                    so_far.distrust();
                }
                tell.so_far(so_far);
            }
        }
    }
    // A call that was lost counts as failed, never as still asking.
    for question in open.values() {
        add(&mut answer, question.kind, TypeAnswer::failed(MissingReason::DidNotAnswer));
    }
    if mistaken {
        answer.distrust();
    }
    tell.last(answer);
}

/// Several local ids at one source make one answer.
fn add(answer: &mut SourceAnswer, kind: Kind, of_type: TypeAnswer) {
    match answer.types.get_mut(&kind) {
        Some(held) if held.ended != Ended::Asking => held.add(of_type),
        _ => {
            answer.types.insert(kind, of_type);
        }
    }
}

/// What has not answered by the deadline is named as such.
pub fn time_out(answer: &mut Arc<SourceAnswer>) {
    let waits = |one: &TypeAnswer| one.ended == Ended::Asking;
    if !answer.types.values().any(waits) {
        return;
    }
    for of_type in Arc::make_mut(answer).types.values_mut().filter(|one| waits(one)) {
        (of_type.ended, of_type.reason) = (Ended::TimedOut, Some(MissingReason::TooSlow));
    }
}
