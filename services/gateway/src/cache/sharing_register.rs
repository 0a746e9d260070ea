//! The public register for a second, so that anybody may ask for it often and a change is visible at once. Requests that come while
//! identity answers share that answer. It names no person, and a failure is never served to a request that comes after it.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{Failure, Partners, partners::sharing_register::SharingRegister};
use tokio::sync::Mutex;

use crate::cache::timed_value::TimedValue;

/// How long an answer of identity is served.
const MAX_AGE: SignedDuration = SignedDuration::from_secs(1);

type Answer = Result<Arc<SharingRegister>, Failure>;

#[derive(Default)]
pub(crate) struct CachedRegister {
    register: TimedValue<SharingRegister>,
    /// The newest answer of identity, for those who waited for it. Locked while identity is asked.
    newest: Mutex<Option<Answer>>,
    /// How many times identity has answered. Who waited knows by it that the newest answer came meanwhile.
    answered: AtomicU64,
}

impl CachedRegister {
    /// # Errors
    /// If identity does not answer and the last register is too old.
    pub async fn load(&self, partners: &dyn Partners, now: Timestamp) -> Answer {
        self.load_with(now, partners.sharing_register()).await
    }

    /// `ask` is only awaited if nobody else asks.
    async fn load_with(&self, now: Timestamp, ask: impl Future<Output = Result<SharingRegister, Failure>>) -> Answer {
        if let Some(register) = self.register.get(now, MAX_AGE) {
            return Ok(register);
        }
        let before = self.answered.load(Ordering::Acquire);
        let mut newest = self.newest.lock().await;
        if self.answered.load(Ordering::Acquire) != before
            && let Some(answer) = newest.as_ref()
        {
            return answer.clone();
        }
        let answer = ask.await.map(|register| self.register.store(now, register));
        *newest = Some(answer.clone());
        self.answered.fetch_add(1, Ordering::Release);
        answer
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::UNIX_EPOCH;

    /// Counts that identity was asked, and answers after the others have begun to wait.
    async fn ask(asked: &AtomicU64, answer: Result<SharingRegister, Failure>) -> Result<SharingRegister, Failure> {
        asked.fetch_add(1, Ordering::Relaxed);
        tokio::task::yield_now().await;
        answer
    }

    #[tokio::test]
    async fn requests_that_come_while_identity_answers_ask_once() {
        let (cached, asked) = (CachedRegister::default(), AtomicU64::new(0));
        let load = |second| {
            let now = Timestamp::from_second(second).unwrap();
            cached.load_with(now, ask(&asked, Ok(SharingRegister::default())))
        };
        // The last one comes so late that the answer is too old for it by the clock.
        let answers = tokio::join!(load(0), load(0), load(5));
        assert!(answers.0.is_ok() && answers.1.is_ok() && answers.2.is_ok());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        load(5).await.unwrap();
        assert_eq!(asked.load(Ordering::Relaxed), 2, "its second is over");
    }

    #[tokio::test]
    async fn a_failure_is_for_those_who_waited_alone() {
        let (cached, asked) = (CachedRegister::default(), AtomicU64::new(0));
        let fail = || cached.load_with(NOW, ask(&asked, Err(Failure::not_found())));
        let answers = tokio::join!(fail(), fail());
        assert!(answers.0.is_err() && answers.1.is_err());
        assert_eq!(asked.load(Ordering::Relaxed), 1);
        let answer = cached.load_with(NOW, ask(&asked, Ok(SharingRegister::default()))).await;
        assert!(answer.is_ok(), "the next request asks again");
    }
}
