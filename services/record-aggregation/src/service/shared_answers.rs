//! The answers of a view's sources as they arrive, shared by all live streams of one session about one person. It must
//! never be shared between sessions, and it never decides what a reader may see: each stream decides and confirms by itself.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use lcr_model::{PersonId, SessionId};
use tokio::{sync::watch, time::Instant};

use super::fetch::FetchPlan;
use crate::{domain::source_answer::SourceAnswer, sources::ByteBudget};

/// How long other streams of the session may join these answers: as long as a cached answer counts as fresh.
/// A later stream asks the sources anew, and the older streams switch to the new answers once they are complete.
const SHARED_FOR: Duration = Duration::from_secs(15);

/// All answers so far, and how many sources have not finished.
#[derive(Clone, Default)]
struct AnswerState {
    answers: Vec<Arc<SourceAnswer>>,
    unfinished: usize,
}

/// The answers to one plan. The last reader drops them.
pub struct SharedAnswers {
    plan: Vec<FetchPlan>,
    started: Instant,
    /// When each source must have answered.
    pub deadline: Instant,
    state: watch::Sender<AnswerState>,
    /// Newer answers to the same plan.
    newer: watch::Sender<Option<Weak<SharedAnswers>>>,
    /// Returns the memory to the sources' budgets when the answers are dropped.
    _budgets: Vec<Arc<ByteBudget>>,
}

impl SharedAnswers {
    /// Starts with these answers, of which `unfinished` will still change.
    pub fn new(
        plan: Vec<FetchPlan>,
        deadline: Instant,
        (answers, unfinished): (Vec<SourceAnswer>, usize),
        budgets: Vec<Arc<ByteBudget>>,
    ) -> Arc<Self> {
        let answers = answers.into_iter().map(Arc::new).collect();
        Arc::new(Self {
            plan,
            started: Instant::now(),
            deadline,
            state: watch::Sender::new(AnswerState { answers, unfinished }),
            newer: watch::Sender::default(),
            _budgets: budgets,
        })
    }

    /// The sender for one source's answer.
    pub fn sender(self: &Arc<Self>) -> AnswerSender {
        AnswerSender { to: Arc::downgrade(self), is_finished: false }
    }

    fn update(&self, answer: Option<SourceAnswer>, is_last: bool) {
        self.state.send_modify(|state| {
            let slot = answer.as_ref().and_then(|new| state.answers.iter_mut().find(|old| old.source == new.source));
            if let (Some(slot), Some(answer)) = (slot, answer) {
                *slot = Arc::new(answer);
            }
            state.unfinished = state.unfinished.saturating_sub(usize::from(is_last));
        });
    }

    /// Waits for newer answers to the same plan, until they are complete.
    pub async fn newer(&self) -> Arc<Self> {
        let mut newer = self.newer.subscribe();
        loop {
            let next = newer.borrow_and_update().as_ref().and_then(Weak::upgrade);
            if let Some(next) = next {
                let _ = next.state.subscribe().wait_for(|state| state.unfinished == 0).await;
                return next;
            }
            if newer.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// Sends one source's answer. Dropping it counts the source as finished, so that no reader waits for a lost task.
pub struct AnswerSender {
    to: Weak<SharedAnswers>,
    is_finished: bool,
}

impl AnswerSender {
    /// Sends the answer so far.
    pub fn send_partial(&self, answer: SourceAnswer) {
        if let Some(to) = self.to.upgrade() {
            to.update(Some(answer), false);
        }
    }

    /// Sends the complete answer.
    pub fn send_last(mut self, answer: SourceAnswer) {
        self.is_finished = true;
        if let Some(to) = self.to.upgrade() {
            to.update(Some(answer), true);
        }
    }
}

impl Drop for AnswerSender {
    fn drop(&mut self) {
        if let Some(to) = self.to.upgrade().filter(|_| !self.is_finished) {
            to.update(None, true);
        }
    }
}

/// One stream's receiver. There is no queue: a slow stream receives the newest state.
pub struct AnswerReceiver {
    shared: Arc<SharedAnswers>,
    state: watch::Receiver<AnswerState>,
    is_finished: bool,
}

impl AnswerReceiver {
    /// Subscribes, and returns the answers so far.
    pub fn subscribe(shared: Arc<SharedAnswers>) -> (Self, Vec<Arc<SourceAnswer>>) {
        let mut receiver = shared.state.subscribe();
        let state = receiver.borrow_and_update().clone();
        (Self { shared, state: receiver, is_finished: state.unfinished == 0 }, state.answers)
    }

    /// Waits for a source to answer again; `None` when all have finished.
    pub async fn next(&mut self) -> Option<Vec<Arc<SourceAnswer>>> {
        if self.is_finished {
            return None;
        }
        self.state.changed().await.ok()?;
        let state = self.state.borrow_and_update().clone();
        self.is_finished = state.unfinished == 0;
        Some(state.answers)
    }

    pub fn shared(&self) -> &Arc<SharedAnswers> {
        &self.shared
    }
}

/// Answers are shared within one session and person.
type SharingKey = (SessionId, PersonId);

/// The answers that live streams read now.
#[derive(Clone)]
pub struct AnswerSharing {
    by_key: Arc<Mutex<HashMap<SharingKey, Weak<SharedAnswers>>>>,
    shared_for: Duration,
}

impl Default for AnswerSharing {
    fn default() -> Self {
        Self::with_lifetime(SHARED_FOR)
    }
}

impl AnswerSharing {
    pub fn with_lifetime(shared_for: Duration) -> Self {
        Self { by_key: Arc::default(), shared_for }
    }

    /// Joins the answers that another stream of the session reads, if they are recent and to the same plan; else calls `ask`.
    pub fn join_or_ask(
        &self,
        key: SharingKey,
        plan: &[FetchPlan],
        ask: impl FnOnce() -> Arc<SharedAnswers>,
    ) -> Arc<SharedAnswers> {
        let mut all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        let existing = all.get(&key).and_then(Weak::upgrade).filter(|answers| answers.plan == plan);
        if let Some(recent) = existing.as_ref().filter(|answers| answers.started.elapsed() < self.shared_for) {
            return recent.clone();
        }
        let new = ask();
        if let Some(existing) = existing {
            existing.newer.send_replace(Some(Arc::downgrade(&new)));
        }
        all.retain(|_, answers| answers.strong_count() > 0);
        all.insert(key, Arc::downgrade(&new));
        new
    }

    #[cfg(test)]
    pub fn open_count(&self) -> usize {
        let all = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|answers| answers.strong_count() > 0).count()
    }
}
