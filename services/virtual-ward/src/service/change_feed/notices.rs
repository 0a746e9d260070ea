//! Waits for notices that may concern an open list. A notice about a person on the list must never wait for the interval.

use std::collections::BTreeSet;

use lcr_model::PersonId;
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{super::stay_list::StayList, DECISION_LIFETIME, MIN_CHECK_INTERVAL, OpenList};
use crate::events::ChangeNotice;

/// The notices since the last check.
#[derive(Debug, Default)]
pub(super) struct PendingNotices {
    pub(super) people: BTreeSet<PersonId>,
    pub(super) check_all: bool,
    pub(super) session_ended: bool,
}

impl<L: StayList> OpenList<L> {
    /// Waits for a reason to check the list. Returns `None` when the sender is gone.
    pub(super) async fn wait_for_notices(&mut self) -> Option<PendingNotices> {
        let mut pending = PendingNotices::default();
        // After a failure there are no candidates to compare: check soon, without waiting for a notice.
        let renewal = if self.candidates.is_empty() && !self.last.is_empty() {
            Instant::now() + MIN_CHECK_INTERVAL
        } else {
            self.decided_at + DECISION_LIFETIME
        };
        loop {
            tokio::select! {
                notice = self.notices.recv() => match notice {
                    Ok(notice) => {
                        if self.add_notice(notice, &mut pending) {
                            break;
                        }
                    }
                    Err(RecvError::Lagged(_)) => { pending.check_all = true; break }
                    Err(RecvError::Closed) => return None,
                },
                () = tokio::time::sleep_until(renewal) => { pending.check_all = true; break }
            }
        }
        // A choice made by a person on the list takes effect at once. Other changes respect the interval.
        if !pending.session_ended && !self.concerns(&pending) {
            tokio::time::sleep_until(self.checked_at + MIN_CHECK_INTERVAL).await;
        }
        while let Ok(notice) = self.notices.try_recv() {
            self.add_notice(notice, &mut pending);
        }
        Some(pending)
    }

    /// Returns whether the notice is a reason to check.
    fn add_notice(&self, notice: ChangeNotice, pending: &mut PendingNotices) -> bool {
        match notice {
            ChangeNotice::Stays => {}
            ChangeNotice::Everything => pending.check_all = true,
            ChangeNotice::People(people) => pending.people.extend(people.iter().copied()),
            ChangeNotice::SessionEnded(session) if session == self.caller.actor.session => {
                pending.session_ended = true;
            }
            ChangeNotice::SessionEnded(_) => return false,
        }
        true
    }

    /// Whether a person on the list changed.
    pub(super) fn concerns(&self, pending: &PendingNotices) -> bool {
        let has_changed = |person: Option<PersonId>| person.is_some_and(|one| pending.people.contains(&one));
        self.candidates.values().any(|(_, person)| has_changed(*person))
            || self.last.values().any(|row| has_changed(row.person))
    }
}
