//! Views that last: the same view id, reader and decision needs no second entry (design section 6, "Live pages").
//! Forgetting one costs an entry more, never one less.

use std::time::Duration;

use lcr_contracts::{Caller, audit::What, consent::Ask};
use lcr_model::{
    Dataset, PersonId, SessionId, SourceId, ViewId,
    permit::{Hide, PersonGrant},
};
use moka::sync::Cache;

/// A view that is not renewed for this long is recorded anew, whatever its id.
const LASTS: Duration = Duration::from_secs(90);
/// And so is every view once in a while: a page left open all day is not one look.
const LONGEST: Duration = Duration::from_mins(15);

/// What was on the log for one person of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recorded {
    what: What,
    session: SessionId,
    grants: Vec<(SourceId, Dataset)>,
    hide: Vec<Hide>,
}

impl Recorded {
    /// Whether what is granted now was on the log already. A stub is part of every grant.
    fn covers(&self, caller: &Caller, ask: &Ask, grant: &PersonGrant) -> bool {
        let stub = matches!(ask.what, What::Identity);
        let covered = stub || grant.grants.iter().all(|pair| self.grants.contains(pair));
        let same = stub || self.what == ask.what;
        same && self.session == caller.actor.session && covered && self.hide.iter().eq(grant.hide.iter())
    }
}

/// Stands for the people of a list that has none.
const NOBODY: PersonId = PersonId(uuid::Uuid::nil());

#[derive(Debug)]
pub struct Views(Cache<(ViewId, PersonId), Recorded>);

impl Default for Views {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_idle(LASTS).time_to_live(LONGEST).build())
    }
}

impl Views {
    /// Whether entries of this view already name at least these people, and this of each, for this reader. An
    /// answer that refuses everybody is always recorded.
    pub fn already_recorded(&self, caller: &Caller, ask: &Ask, granted: &[PersonGrant]) -> bool {
        if ask.people.is_empty() {
            let known = self.0.get(&(ask.view, NOBODY));
            return known
                .is_some_and(|known| known.what == ask.what && known.session == caller.actor.session);
        }
        let covered = |grant: &PersonGrant| {
            let known = self.0.get(&(ask.view, grant.person));
            known.is_some_and(|known| known.covers(caller, ask, grant))
        };
        !granted.is_empty() && granted.iter().all(covered)
    }

    pub fn recorded(&self, caller: &Caller, ask: &Ask, granted: &[PersonGrant]) {
        let session = caller.actor.session;
        if ask.people.is_empty() {
            self.0.insert(
                (ask.view, NOBODY),
                Recorded { what: ask.what, session, grants: vec![], hide: vec![] },
            );
        }
        for grant in granted {
            let (grants, hide) =
                (grant.grants.iter().cloned().collect(), grant.hide.iter().copied().collect());
            self.0.insert((ask.view, grant.person), Recorded { what: ask.what, session, grants, hide });
        }
    }
}
