//! What the sources of a view answer, as it comes. The live streams of one session about one person read the same answers,
//! asked for once and held once; each stream decides, confirms and is on the log by itself. None waits for another: each
//! takes what there is now. It must never be shared between sessions, nor tell what a reader may see.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, Weak},
    time::Duration,
};

use lcr_model::{PersonId, SessionId};
use tokio::{sync::watch, time::Instant};

use super::asking::Asked;
use crate::{domain::answer::SourceAnswer, sources::ByteBudget};

/// Answers are read by another stream of the session for this long after they were asked for, as long as a copy counts as
/// fresh. After that the sources are asked anew, and the older streams go over to the new answers once all are there.
const SHARED_FOR: Duration = Duration::from_secs(15);

/// How many sources are still to speak, and what all said so far.
#[derive(Clone, Default)]
struct Progress {
    answers: Vec<Arc<SourceAnswer>>,
    asked: usize,
}

/// The answers of one view, for all who read it. They go with the last of these.
pub struct Answers {
    plan: Vec<Asked>,
    begun: Instant,
    /// When each source has to have answered.
    pub until: Instant,
    held: watch::Sender<Progress>,
    /// Newer answers to the same questions.
    newer: watch::Sender<Option<Weak<Answers>>>,
    /// What the answers take of their sources' budgets.
    _bytes: Vec<Arc<ByteBudget>>,
}

impl Answers {
    /// Answers of which `asked` are still to come.
    pub fn new(
        plan: Vec<Asked>,
        until: Instant,
        (answers, asked): (Vec<SourceAnswer>, usize),
        bytes: Vec<Arc<ByteBudget>>,
    ) -> Arc<Self> {
        let answers = answers.into_iter().map(Arc::new).collect();
        Arc::new(Self {
            plan,
            begun: Instant::now(),
            until,
            held: watch::Sender::new(Progress { answers, asked }),
            newer: watch::Sender::default(),
            _bytes: bytes,
        })
    }

    /// What one source tells its answer to.
    pub fn teller(self: &Arc<Self>) -> Teller {
        Teller { to: Arc::downgrade(self), over: false }
    }

    fn take(&self, answer: Option<SourceAnswer>, over: bool) {
        self.held.send_modify(|held| {
            let before =
                answer.as_ref().and_then(|one| held.answers.iter_mut().find(|it| it.source == one.source));
            if let (Some(before), Some(answer)) = (before, answer) {
                *before = Arc::new(answer);
            }
            held.asked = held.asked.saturating_sub(usize::from(over));
        });
    }

    /// Newer answers to the same questions, once all are there.
    pub async fn newer(&self) -> Arc<Self> {
        let mut told = self.newer.subscribe();
        loop {
            let next = told.borrow_and_update().as_ref().and_then(Weak::upgrade);
            if let Some(next) = next {
                let _ = next.held.subscribe().wait_for(|held| held.asked == 0).await;
                return next;
            }
            if told.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }
}

/// One source's way to tell. A source that is lost without a last word is not waited for.
pub struct Teller {
    to: Weak<Answers>,
    over: bool,
}

impl Teller {
    /// What there is so far.
    pub fn so_far(&self, answer: SourceAnswer) {
        if let Some(to) = self.to.upgrade() {
            to.take(Some(answer), false);
        }
    }

    /// All there is.
    pub fn last(mut self, answer: SourceAnswer) {
        self.over = true;
        if let Some(to) = self.to.upgrade() {
            to.take(Some(answer), true);
        }
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        if let Some(to) = self.to.upgrade().filter(|_| !self.over) {
            to.take(None, true);
        }
    }
}

/// One reader's place in the answers.
pub struct Reading {
    shared: Arc<Answers>,
    heard: watch::Receiver<Progress>,
    over: bool,
}

impl Reading {
    /// Reads from here on, and what there is now.
    pub fn of(shared: Arc<Answers>) -> (Self, Vec<Arc<SourceAnswer>>) {
        let mut heard = shared.held.subscribe();
        let held = heard.borrow_and_update().clone();
        (Self { shared, heard, over: held.asked == 0 }, held.answers)
    }

    /// What there is when any source has spoken again; `None` when none will.
    pub async fn more(&mut self) -> Option<Vec<Arc<SourceAnswer>>> {
        if self.over {
            return None;
        }
        self.heard.changed().await.ok()?;
        let held = self.heard.borrow_and_update().clone();
        self.over = held.asked == 0;
        Some(held.answers)
    }

    pub fn shared(&self) -> &Arc<Answers> {
        &self.shared
    }
}

/// Whose streams, and about whom.
type Of = (SessionId, PersonId);

/// The answers that live streams read now, by session and person.
#[derive(Clone)]
pub struct Sharing {
    read: Arc<Mutex<HashMap<Of, Weak<Answers>>>>,
    lasts: Duration,
}

impl Default for Sharing {
    fn default() -> Self {
        Self::lasting(SHARED_FOR)
    }
}

impl Sharing {
    /// Answers are shared for this long after they were asked for.
    pub fn lasting(lasts: Duration) -> Self {
        Self { read: Arc::default(), lasts }
    }

    /// The answers to `plan` that another stream of the session reads, if they are young; else those that `ask` asks for.
    pub fn of(&self, key: Of, plan: &[Asked], ask: impl FnOnce() -> Arc<Answers>) -> Arc<Answers> {
        let mut all = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        let before = all.get(&key).and_then(Weak::upgrade).filter(|before| before.plan == plan);
        if let Some(young) = before.as_ref().filter(|before| before.begun.elapsed() < self.lasts) {
            return young.clone();
        }
        let asked = ask();
        if let Some(before) = before {
            before.newer.send_replace(Some(Arc::downgrade(&asked)));
        }
        all.retain(|_, answers| answers.strong_count() > 0);
        all.insert(key, Arc::downgrade(&asked));
        asked
    }

    #[cfg(test)]
    pub fn held(&self) -> usize {
        let all = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        all.values().filter(|answers| answers.strong_count() > 0).count()
    }
}
