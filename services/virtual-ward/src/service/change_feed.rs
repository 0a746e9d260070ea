//! The change feed of an open list: how many of its stays changed, or that the page must close. The list is authorised
//! again under the same view after a change and each minute, at most once a second. The feed must never reveal a stay that
//! the reader was not granted.

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    time::Duration,
};

use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{
    Caller, Failure, FailureKind,
    ward::{ListChange, ListOf, ListRequest},
};
use lcr_model::{PersonId, SpellId};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{
    Service, practices_of_list,
    stay_list::{StayList, StayRow},
};
use crate::{
    events::ChangeNotice,
    store::{person, spell},
};

/// A decision older than this is renewed.
const DECISION_LIFETIME: Duration = Duration::from_mins(1);
/// A list is checked at most this often.
const MIN_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The parts of a row that the feed compares.
#[derive(Debug, Clone, PartialEq, Eq)]
struct RowState {
    person: Option<PersonId>,
    version: i64,
    hidden: BTreeSet<String>,
}

type Rows = BTreeMap<SpellId, RowState>;
/// Version and person of each candidate, granted or not.
type CandidateVersions = BTreeMap<SpellId, (i64, Option<PersonId>)>;

struct OpenList<L> {
    service: Service,
    caller: Caller,
    ask: ListRequest,
    list: PhantomData<L>,
    notices: tokio::sync::broadcast::Receiver<ChangeNotice>,
    /// The rows when the page was opened.
    first: Rows,
    /// The rows at the last decision.
    last: Rows,
    candidates: CandidateVersions,
    changed: BTreeSet<SpellId>,
    decided_at: Instant,
    checked_at: Instant,
    is_closed: bool,
}

/// The notices since the last check.
#[derive(Debug, Default)]
struct PendingNotices {
    people: BTreeSet<PersonId>,
    check_all: bool,
    session_ended: bool,
}

pub async fn open<L: StayList>(
    service: Service,
    caller: Caller,
    ask: ListRequest,
) -> Result<BoxStream<'static, ListChange>, Failure> {
    // Subscribe before reading, so that no change is missed in between.
    let notices = service.changes.subscribe();
    let (rows, candidates) = service.read_rows::<L>(&caller, &ask).await?;
    let list = OpenList::<L> {
        service,
        caller,
        ask,
        list: PhantomData,
        notices,
        first: rows.clone(),
        last: rows,
        candidates,
        changed: BTreeSet::new(),
        decided_at: Instant::now(),
        checked_at: Instant::now(),
        is_closed: false,
    };
    Ok(stream::unfold(list, |mut list| async move {
        let news = list.next().await?;
        Some((news, list))
    })
    .boxed())
}

fn candidate_versions(stays: &[spell::StoredStay]) -> CandidateVersions {
    stays.iter().map(|stay| (stay.id.clone(), (stay.version, stay.person))).collect()
}

impl Service {
    /// The rows that this reader may see now. The decision is recorded.
    async fn read_rows<L: StayList>(
        &self,
        caller: &Caller,
        ask: &ListRequest,
    ) -> Result<(Rows, CandidateVersions), Failure> {
        let (list, authorised) = self.build_list::<L>(caller, ask).await?;
        let rows = list.rows().iter().map(row_state).collect();
        Ok((rows, candidate_versions(&authorised.stays)))
    }
}

fn row_state(row: &impl StayRow) -> (SpellId, RowState) {
    let fields = row.common();
    let hidden = fields.hidden.iter().cloned().collect();
    (fields.spell.clone(), RowState { person: fields.person, version: fields.version, hidden })
}

impl<L: StayList> OpenList<L> {
    async fn next(&mut self) -> Option<ListChange> {
        while !self.is_closed {
            let stop = self.service.stop.clone();
            let pending = tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                pending = self.wait_for_notices() => pending?,
            };
            if pending.session_ended {
                return Some(self.close());
            }
            match self.check(&pending).await {
                Ok(Some(news)) => return Some(news),
                Ok(None) => {}
                Err(failure) if self.must_close(&failure) => return Some(self.close()),
                // A person on the list changed, and what may still be shown is unknown.
                Err(failure) if failure.kind != FailureKind::CatchingUp && self.concerns(&pending) => {
                    return Some(self.close());
                }
                // The answer will be known in a moment. Without candidates the next check comes at once.
                Err(_) => self.candidates.clear(),
            }
        }
        None
    }

    fn close(&mut self) -> ListChange {
        self.is_closed = true;
        ListChange { changed: u32::try_from(self.changed.len()).unwrap_or(u32::MAX), closed: true }
    }

    /// Whether the reader may no longer see the list, or no decision was possible for as long as a permit lives.
    fn must_close(&self, failure: &Failure) -> bool {
        let transient = matches!(
            failure.kind,
            FailureKind::CannotRecord | FailureKind::CatchingUp | FailureKind::Unavailable | FailureKind::Timeout
        );
        !transient || self.decided_at.elapsed() >= DECISION_LIFETIME
    }

    /// Waits for a reason to check the list. Returns `None` when the sender is gone.
    async fn wait_for_notices(&mut self) -> Option<PendingNotices> {
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
    fn concerns(&self, pending: &PendingNotices) -> bool {
        let has_changed = |person: Option<PersonId>| person.is_some_and(|one| pending.people.contains(&one));
        self.candidates.values().any(|(_, person)| has_changed(*person))
            || self.last.values().any(|row| has_changed(row.person))
    }

    /// Reads the list again if it may have changed, and returns the news.
    async fn check(&mut self, pending: &PendingNotices) -> Result<Option<ListChange>, Failure> {
        self.checked_at = Instant::now();
        let found = self.service.find_candidates::<L>(&self.caller, &self.ask).await?;
        let candidates_changed = candidate_versions(&found.stays) != self.candidates;
        if !candidates_changed && !pending.check_all && !self.concerns(pending) {
            return Ok(None);
        }
        let (rows, candidates) = self.service.read_rows::<L>(&self.caller, &self.ask).await?;
        self.decided_at = Instant::now();
        let known = self.changed.len();
        let changed = rows.iter().filter(|(id, row)| self.first.get(*id) != Some(*row));
        self.changed.extend(changed.map(|(id, _)| id.clone()));
        let more_hidden =
            rows.iter().any(|(id, row)| self.last.get(id).is_some_and(|before| !row.hidden.is_subset(&before.hidden)));
        let gone: Vec<(SpellId, RowState)> = self
            .last
            .iter()
            .filter(|(id, _)| !rows.contains_key(*id))
            .map(|(id, row)| (id.clone(), row.clone()))
            .collect();
        let withdrawn = self.has_withdrawn_row(&gone, &candidates).await?;
        self.changed.extend(gone.into_iter().map(|(id, _)| id));
        (self.last, self.candidates) = (rows, candidates);
        if withdrawn || more_hidden {
            return Ok(Some(self.close()));
        }
        let changed = u32::try_from(self.changed.len()).unwrap_or(u32::MAX);
        Ok((self.changed.len() > known).then_some(ListChange { changed, closed: false }))
    }

    /// Whether a missing row may no longer be shown: it was refused, became another person's, or its person left the
    /// practice. A stay that only ended is not withdrawn.
    async fn has_withdrawn_row(&self, gone: &[(SpellId, RowState)], now: &CandidateVersions) -> Result<bool, Failure> {
        if gone.iter().any(|(id, _)| now.contains_key(id)) {
            return Ok(true);
        }
        let ids: Vec<SpellId> = gone.iter().map(|(id, _)| id.clone()).collect();
        let store = &self.service.store;
        let stored = spell::find_by_ids(store.read(), &self.service.data_keys, &ids).await?;
        let is_same_person =
            |(id, row): &(SpellId, RowState)| stored.get(id).is_some_and(|stay| stay.person == row.person);
        if !gone.iter().all(is_same_person) {
            return Ok(true);
        }
        if !matches!(self.ask.of, ListOf::Practice(_) | ListOf::Team(_)) {
            return Ok(false);
        }
        let registry = lcr_store::registry::load(store.read()).await?;
        let practices = practices_of_list(&registry, &self.ask.of);
        let people: Vec<PersonId> = gone.iter().filter_map(|(_, row)| row.person).collect();
        let rows = person::find_by_ids(store.read(), &people).await?;
        let is_registered = |person: &PersonId| {
            let practice = rows.get(person).and_then(|row| row.practice.as_deref());
            practice.is_some_and(|practice| practices.iter().any(|one| one.as_str() == practice))
        };
        Ok(!people.iter().all(is_registered))
    }
}
