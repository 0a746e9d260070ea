//! Says when an open page is checked again: after a notice about its person, session, sources or stays, and before its permit
//! expires. `open_page.rs` does the check.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use lcr_runtime::Stop;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{change_feed::ChangeNotice, open::OpenView, shared_answers::SharedAnswers};

/// Checks after a notice: at once, and again because other services may apply the same event later.
const CHECKS_AFTER_NOTICE: [Duration; 4] =
    [Duration::ZERO, Duration::from_millis(200), Duration::from_millis(600), Duration::from_secs(3)];
/// A permit lasts 60 s, so a new one is requested before that.
const RENEW_INTERVAL: Duration = Duration::from_secs(45);

/// Why an open page is checked again.
pub enum RecheckReason {
    /// Something it depends on may have changed: confirm, and read pushed items again.
    Notice,
    /// The permit expires soon.
    Renew,
    /// Another stream of the session asked the sources anew, and all have answered.
    NewerAnswers(Arc<SharedAnswers>),
    /// The service is stopping.
    Stop,
}

/// The next times at which one open page is checked.
pub struct RecheckTimer {
    due: VecDeque<Instant>,
    renew_at: Instant,
    stop: Stop,
}

impl RecheckTimer {
    pub fn new(stop: Stop) -> Self {
        Self { due: VecDeque::new(), renew_at: Instant::now() + RENEW_INTERVAL, stop }
    }

    /// Waits for the next reason to check the page.
    pub async fn next(&mut self, view: &mut OpenView) -> RecheckReason {
        loop {
            let next = self.due.front().copied();
            let shared = view.receiver.shared().clone();
            tokio::select! {
                () = self.stop.cancelled() => return RecheckReason::Stop,
                () = tokio::time::sleep_until(self.renew_at) => {
                    self.renew_at = Instant::now() + RENEW_INTERVAL;
                    return RecheckReason::Renew;
                }
                () = tokio::time::sleep_until(next.unwrap_or(self.renew_at)), if next.is_some() => {
                    self.due.pop_front();
                    return RecheckReason::Notice;
                }
                newer = shared.newer() => return RecheckReason::NewerAnswers(newer),
                notice = view.changes.recv() => match notice {
                    Ok(notice) if !view.is_about(&notice) => {}
                    Ok(_) | Err(RecvError::Lagged(_)) => {
                        let now = Instant::now();
                        self.due = CHECKS_AFTER_NOTICE.iter().map(|after| now + *after).collect();
                    }
                    Err(RecvError::Closed) => return RecheckReason::Stop,
                },
            }
        }
    }
}

impl OpenView {
    fn is_about(&self, notice: &ChangeNotice) -> bool {
        match notice {
            ChangeNotice::Person(person) => *person == self.person,
            ChangeNotice::Session(session) => *session == self.permit.claims().session,
            ChangeNotice::Identity(identity) => self.identities.contains(identity),
            ChangeNotice::Stay(spell) => self.ward.stays.iter().any(|stay| stay.spell == *spell),
            ChangeNotice::Everything => true,
        }
    }
}
