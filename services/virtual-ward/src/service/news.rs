//! News of an open list: how many of its stays changed, or that it must be read again at once. The list is
//! decided again, under the same view, when something of it moved and each minute; at most once a second. Only
//! what this reader was or is granted is ever told of.

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use futures::{StreamExt, stream, stream::BoxStream};
use lcr_contracts::{
    Caller, Failure, Kind,
    ward::{ListAsk, ListOf, WardNews},
};
use lcr_model::{PersonId, SpellId};
use tokio::{sync::broadcast::error::RecvError, time::Instant};

use super::{Found, List, Service, Which, away, practices};
use crate::{
    events::Change,
    store::{person, spell},
};

/// How long a decision stands without being made again, and how often at most it is.
const RENEWED: Duration = Duration::from_mins(1);
const AT_MOST: Duration = Duration::from_secs(1);

/// A row as far as news of it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Seen {
    person: Option<PersonId>,
    version: i64,
    hidden: BTreeSet<String>,
}

type Rows = BTreeMap<SpellId, Seen>;
/// What the list was made of, whoever may see it.
type Candidates = BTreeMap<SpellId, (i64, Option<PersonId>)>;

struct Open {
    service: Service,
    caller: Caller,
    ask: ListAsk,
    which: Which,
    heard: tokio::sync::broadcast::Receiver<Change>,
    /// As the page was read.
    first: Rows,
    /// As decided last.
    last: Rows,
    candidates: Candidates,
    changed: BTreeSet<SpellId>,
    decided: Instant,
    looked: Instant,
    over: bool,
}

/// What was heard since the list was last looked at.
#[derive(Debug, Default)]
struct Heard {
    people: BTreeSet<PersonId>,
    again: bool,
    ended: bool,
}

pub async fn open(
    service: Service,
    caller: Caller,
    ask: ListAsk,
    which: Which,
) -> Result<BoxStream<'static, WardNews>, Failure> {
    // Listening before looking: nothing falls between.
    let heard = service.news.subscribe();
    let (rows, candidates) = service.seen(&caller, &ask, which).await?;
    let open = Open {
        service,
        caller,
        ask,
        which,
        heard,
        first: rows.clone(),
        last: rows,
        candidates,
        changed: BTreeSet::new(),
        decided: Instant::now(),
        looked: Instant::now(),
        over: false,
    };
    Ok(stream::unfold(open, |mut open| async move {
        let news = open.next().await?;
        Some((news, open))
    })
    .boxed())
}

fn candidates(found: &[spell::Kept]) -> Candidates {
    found.iter().map(|kept| (kept.id.clone(), (kept.version, kept.person))).collect()
}

impl Service {
    /// The list as this reader sees it now, decided and recorded.
    async fn seen(
        &self,
        caller: &Caller,
        ask: &ListAsk,
        which: Which,
    ) -> Result<(Rows, Candidates), Failure> {
        let (list, decided) = self.list(caller, ask, which).await?;
        let rows = match list {
            List::InHospital(list) => rows_in(&list),
            List::Left(list) => rows_left(&list),
        };
        Ok((rows, candidates(&decided.kept)))
    }
}

fn rows_in(list: &lcr_contracts::ward::Inpatients) -> Rows {
    let seen = |row: &lcr_contracts::ward::InpatientRow| Seen {
        person: row.who.person,
        version: row.version,
        hidden: row.hidden.iter().cloned().collect(),
    };
    list.rows.iter().map(|row| (row.spell.clone(), seen(row))).collect()
}

fn rows_left(list: &lcr_contracts::ward::Discharges) -> Rows {
    let seen = |row: &lcr_contracts::ward::DischargedRow| Seen {
        person: row.who.person,
        version: row.version,
        hidden: row.hidden.iter().cloned().collect(),
    };
    list.rows.iter().map(|row| (row.spell.clone(), seen(row))).collect()
}

impl Open {
    async fn next(&mut self) -> Option<WardNews> {
        while !self.over {
            let stop = self.service.stop.clone();
            let heard = tokio::select! {
                biased;
                () = stop.cancelled() => return None,
                heard = self.hear() => heard?,
            };
            if heard.ended {
                return Some(self.closed());
            }
            match self.look(&heard).await {
                Ok(Some(news)) => return Some(news),
                Ok(None) => {}
                Err(failure) if self.ends(&failure) => return Some(self.closed()),
                // Something was said of somebody on the list, and nobody can say what may still be shown.
                Err(failure) if failure.kind != Kind::CatchingUp && self.concerns(&heard) => {
                    return Some(self.closed());
                }
                // Whether it may still be shown will be known in a moment; until then it is asked again.
                Err(_) => self.candidates.clear(),
            }
        }
        None
    }

    fn closed(&mut self) -> WardNews {
        self.over = true;
        WardNews { changed: u32::try_from(self.changed.len()).unwrap_or(u32::MAX), closed: true }
    }

    /// The reader may no longer see it; or nobody could say so for as long as a permit lives.
    fn ends(&self, failure: &Failure) -> bool {
        let transient =
            matches!(failure.kind, Kind::CannotRecord | Kind::CatchingUp | Kind::Unavailable | Kind::Timeout);
        !transient || self.decided.elapsed() >= RENEWED
    }

    /// Waits until there is reason to look again; `None` when nothing more will be heard.
    async fn hear(&mut self) -> Option<Heard> {
        let mut heard = Heard::default();
        // After a failure there is nothing to compare with: look again without waiting for news.
        let renew = if self.candidates.is_empty() && !self.last.is_empty() {
            Instant::now() + AT_MOST
        } else {
            self.decided + RENEWED
        };
        loop {
            tokio::select! {
                change = self.heard.recv() => match change {
                    Ok(change) => {
                        if self.note(change, &mut heard) {
                            break;
                        }
                    }
                    Err(RecvError::Lagged(_)) => { heard.again = true; break }
                    Err(RecvError::Closed) => return None,
                },
                () = tokio::time::sleep_until(renew) => { heard.again = true; break }
            }
        }
        // A choice of somebody on the list is heeded at once (promise 4); all else can wait for its turn.
        if !heard.ended && !self.concerns(&heard) {
            tokio::time::sleep_until(self.looked + AT_MOST).await;
        }
        while let Ok(change) = self.heard.try_recv() {
            self.note(change, &mut heard);
        }
        Some(heard)
    }

    /// Whether it is a reason to look again.
    fn note(&self, change: Change, heard: &mut Heard) -> bool {
        match change {
            Change::Stays => {}
            Change::Everybody => heard.again = true,
            Change::People(people) => heard.people.extend(people.iter().copied()),
            Change::Ended(session) if session == self.caller.actor.session => heard.ended = true,
            Change::Ended(_) => return false,
        }
        true
    }

    fn concerns(&self, heard: &Heard) -> bool {
        let heard_of = |person: Option<PersonId>| person.is_some_and(|one| heard.people.contains(&one));
        self.candidates.values().any(|(_, person)| heard_of(*person))
            || self.last.values().any(|row| heard_of(row.person))
    }

    /// Looks again if something of this list moved, and says what is new.
    async fn look(&mut self, heard: &Heard) -> Result<Option<WardNews>, Failure> {
        self.looked = Instant::now();
        let found: Found = self.service.find(&self.caller, &self.ask.of, self.which).await?;
        let moved = candidates(&found.kept) != self.candidates;
        if !moved && !heard.again && !self.concerns(heard) {
            return Ok(None);
        }
        let (rows, candidates) = self.service.seen(&self.caller, &self.ask, self.which).await?;
        self.decided = Instant::now();
        let known = self.changed.len();
        let changed = rows.iter().filter(|(id, row)| self.first.get(*id) != Some(*row));
        self.changed.extend(changed.map(|(id, _)| id.clone()));
        let more_hidden = rows
            .iter()
            .any(|(id, row)| self.last.get(id).is_some_and(|before| !row.hidden.is_subset(&before.hidden)));
        let gone: Vec<(SpellId, Seen)> = self
            .last
            .iter()
            .filter(|(id, _)| !rows.contains_key(*id))
            .map(|(id, row)| (id.clone(), row.clone()))
            .collect();
        let taken_away = self.taken_away(&gone, &candidates).await?;
        self.changed.extend(gone.into_iter().map(|(id, _)| id));
        (self.last, self.candidates) = (rows, candidates);
        if taken_away || more_hidden {
            return Ok(Some(self.closed()));
        }
        let changed = u32::try_from(self.changed.len()).unwrap_or(u32::MAX);
        Ok((self.changed.len() > known).then_some(WardNews { changed, closed: false }))
    }

    /// Whether any of the rows that are gone is gone because it may not be shown, rather than because the stay
    /// went on: refused, another person's now, or no longer of this practice.
    async fn taken_away(&self, gone: &[(SpellId, Seen)], now: &Candidates) -> Result<bool, Failure> {
        if gone.iter().any(|(id, _)| now.contains_key(id)) {
            return Ok(true);
        }
        let ids: Vec<SpellId> = gone.iter().map(|(id, _)| id.clone()).collect();
        let store = &self.service.store;
        let held = spell::find(store.read(), &self.service.data_keys, &ids).await.map_err(|e| away(&e))?;
        let same = |(id, seen): &(SpellId, Seen)| held.get(id).is_some_and(|it| it.person == seen.person);
        if !gone.iter().all(same) {
            return Ok(true);
        }
        if !matches!(self.ask.of, ListOf::Practice(_) | ListOf::Team(_)) {
            return Ok(false);
        }
        let registry = lcr_store::registry::load(store.read()).await.map_err(|e| away(&e))?;
        let ours = practices(&registry, &self.ask.of);
        let people: Vec<PersonId> = gone.iter().filter_map(|(_, seen)| seen.person).collect();
        let rows = person::find(store.read(), &people).await.map_err(|e| away(&e))?;
        let registered = |person: &PersonId| {
            let practice = rows.get(person).and_then(|row| row.practice.as_deref());
            practice.is_some_and(|practice| ours.iter().any(|one| one.as_str() == practice))
        };
        Ok(!people.iter().all(registered))
    }
}
