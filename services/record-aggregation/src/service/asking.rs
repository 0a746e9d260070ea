//! Asking one source for all its types at once. What has not answered by the deadline is told of then, with an
//! older copy where there is one; a type counts as answered only when every id of the person has been.

use std::{sync::Arc, time::Duration};

use tokio::{sync::mpsc, task::JoinSet, time::Instant};
use tracing::Instrument;

use crate::{
    domain::{
        answer::{Ended, SourceAnswer, TypeAnswer},
        kind::Kind,
    },
    sources::{Connector, RetryBudget},
};

/// The most a straggler is waited for; its answer still refreshes the copies and the open page.
const STRAGGLERS: Duration = Duration::from_secs(8);

/// What is asked of one source.
pub struct Asked {
    pub source: lcr_model::SourceId,
    pub local_ids: Vec<String>,
    pub kinds: Vec<Kind>,
}

impl Asked {
    pub fn known(&self) -> bool {
        !self.local_ids.is_empty()
    }

    fn questions(&self) -> Vec<(Kind, String)> {
        let of_kind = |kind: &Kind| {
            let kind = *kind;
            self.local_ids.iter().map(move |local_id| (kind, local_id.clone()))
        };
        self.kinds.iter().flat_map(of_kind).collect()
    }
}

/// Tells what there is at the deadline, and again at the end.
pub async fn ask_source(
    connector: Arc<Connector>,
    asked: Asked,
    until: Instant,
    retries: Arc<RetryBudget>,
    tell: mpsc::Sender<SourceAnswer>,
) {
    let mut answer = SourceAnswer::asking(asked.source.clone(), true, &asked.kinds);
    let mut open = asked.questions();
    let mut calls = JoinSet::new();
    for (kind, local_id) in open.clone() {
        let (connector, retries) = (connector.clone(), retries.clone());
        let asking = async move {
            let of_type = connector.ask(kind, &local_id, until + STRAGGLERS, &retries).await;
            (kind, local_id, of_type)
        };
        calls.spawn(asking.in_current_span());
    }
    let (mut told_at_deadline, mut mistaken) = (false, false);
    loop {
        tokio::select! {
            joined = calls.join_next() => match joined {
                Some(Ok((kind, local_id, of_type))) => {
                    open.retain(|(of, id)| (*of, id) != (kind, &local_id));
                    if of_type.wrong_patient {
                        mistaken = true;
                        connector.forget(&local_id).await;
                    }
                    add(&mut answer, kind, of_type);
                }
                Some(Err(_)) => {}
                None => break,
            },
            () = tokio::time::sleep_until(until), if !told_at_deadline => {
                told_at_deadline = true;
                let mut so_far = answer.clone();
                for (kind, local_id) in &open {
                    add(&mut so_far, *kind, connector.instead(*kind, local_id).await);
                }
                if mistaken {
                    so_far.distrust();
                }
                let _ = tell.send(so_far).await;
            }
        }
    }
    // A call that was lost counts as failed, never as still asking.
    for (kind, _) in open {
        add(&mut answer, kind, TypeAnswer::empty(Ended::Failed));
    }
    if mistaken {
        answer.distrust();
    }
    let _ = tell.send(answer).await;
}

/// Several local ids at one source make one answer; the worse end counts.
fn add(answer: &mut SourceAnswer, kind: Kind, of_type: TypeAnswer) {
    match answer.types.get_mut(&kind) {
        Some(held) if held.ended != Ended::Asking => {
            held.items.extend(of_type.items);
            held.not_readable += of_type.not_readable;
            held.warnings.extend(of_type.warnings);
            held.ended = held.ended.worse(of_type.ended);
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
