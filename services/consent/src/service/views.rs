//! Views that last: the same view id, reader and decision needs no second entry (design section 6, "Live pages").
//! Forgetting one costs an entry more, never one less.

use std::time::Duration;

use lcr_contracts::{Caller, audit::What, consent::Ask};
use lcr_model::{
    Dataset, PersonId, SessionId, SourceId, ViewId,
    permit::{Hide, PersonGrant},
};
use moka::sync::Cache;

/// As long as a permit: after that a view is recorded anew, whatever its id.
const LASTS: Duration = Duration::from_mins(1);

/// What was on the log for one person of a view.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Recorded {
    session: SessionId,
    grants: Vec<(SourceId, Dataset)>,
    hide: Vec<Hide>,
}

#[derive(Debug)]
pub struct Views(Cache<(ViewId, PersonId), Recorded>);

impl Default for Views {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(100_000).time_to_live(LASTS).build())
    }
}

impl Views {
    /// Whether an entry of this view already names at least this for this reader.
    pub fn already_recorded(&self, caller: &Caller, ask: &Ask, granted: &[PersonGrant]) -> bool {
        let [grant] = granted else { return false };
        self.0.get(&(ask.view, grant.person)).is_some_and(|known| {
            let stub = matches!(ask.what, What::Identity);
            let covered = stub || grant.grants.iter().all(|pair| known.grants.contains(pair));
            known.session == caller.actor.session && covered && known.hide.iter().eq(grant.hide.iter())
        })
    }

    pub fn recorded(&self, caller: &Caller, ask: &Ask, granted: &[PersonGrant]) {
        let [grant] = granted else { return };
        let recorded = Recorded {
            session: caller.actor.session,
            grants: grant.grants.iter().cloned().collect(),
            hide: grant.hide.iter().copied().collect(),
        };
        self.0.insert((ask.view, grant.person), recorded);
    }
}
