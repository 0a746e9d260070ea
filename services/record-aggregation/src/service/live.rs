//! A view that stays open when every source has answered: it asks again whether it may be shown when something was
//! said about its person, its session or their sources, and once in a while anyway. It never shows what the
//! newest decision does not allow.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use lcr_runtime::Stop;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{answers::Answers, news::Word, open::Opened};

/// After a word: at once, and again while other services take the same event in.
const AFTER_A_WORD: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(3)];
/// Before a permit is a minute old.
const RENEWED: Duration = Duration::from_secs(45);

/// Why an open view looks again.
pub enum Look {
    /// Something was said: confirm, and read what was pushed.
    Word,
    /// The permit grows old.
    Renew,
    /// Another stream of the session had the sources asked anew, and all have answered.
    Newer(Arc<Answers>),
    /// The service is stopping.
    Stop,
}

/// When an open view looks again.
pub struct Live {
    due: VecDeque<Instant>,
    renew: Instant,
    stop: Stop,
}

impl Live {
    pub fn new(stop: Stop) -> Self {
        Self { due: VecDeque::new(), renew: Instant::now() + RENEWED, stop }
    }

    /// Waits for the next reason to look.
    pub async fn look(&mut self, opened: &mut Opened) -> Look {
        loop {
            let next = self.due.front().copied();
            let shared = opened.reading.shared().clone();
            tokio::select! {
                () = self.stop.cancelled() => return Look::Stop,
                () = tokio::time::sleep_until(self.renew) => {
                    self.renew = Instant::now() + RENEWED;
                    return Look::Renew;
                }
                () = tokio::time::sleep_until(next.unwrap_or(self.renew)), if next.is_some() => {
                    self.due.pop_front();
                    return Look::Word;
                }
                newer = shared.newer() => return Look::Newer(newer),
                word = opened.news.recv() => match word {
                    Ok(word) if !opened.is_about(&word) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        let now = Instant::now();
                        self.due = AFTER_A_WORD.iter().map(|after| now + *after).collect();
                    }
                    Err(RecvError::Closed) => return Look::Stop,
                },
            }
        }
    }
}

impl Opened {
    fn is_about(&self, word: &Word) -> bool {
        match word {
            Word::Person(person) => *person == self.person,
            Word::Session(session) => *session == self.permit.claims().session,
            Word::Identity(identity) => self.identities.contains(identity),
            Word::Stay(spell) => self.ward.stays.iter().any(|stay| stay.spell == *spell),
            Word::Everything => true,
        }
    }
}
