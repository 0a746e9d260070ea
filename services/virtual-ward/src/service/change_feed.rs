//! The change feed of an open list: how many of its stays changed, or that the page must close. The list is authorised
//! again under the same view after a change and each minute, at most once a second. The feed must never reveal a stay that
//! the reader was not granted.

mod check;
mod notices;

use std::{
    collections::{BTreeMap, BTreeSet},
    marker::PhantomData,
    time::Duration,
};

use futures::{
    StreamExt,
    stream::{self, BoxStream},
};
use lcr_contracts::{
    Caller, Failure, FailureKind,
    ward::{ListChange, ListRequest},
};
use lcr_model::{PersonId, SpellId};
use tokio::time::Instant;

use super::{
    Service,
    stay_list::{StayList, StayRow},
};
use crate::{events::ChangeNotice, store::spell};

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
}
