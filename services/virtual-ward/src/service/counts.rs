//! Counts the people of a list or of a hospital, without naming anybody. It must count only stays that consent lets the
//! reader see, and must not build a row.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
    time::Duration,
};

use lcr_contracts::{
    Caller, Failure,
    consent::CountableStay,
    registry::Registry,
    vocabulary::SystemKind,
    ward::{Counts, ListOf},
};
use lcr_model::{OdsCode, PersonId, Role, SessionId, SourceId, ViewId};
use moka::future::Cache;

use super::{
    MAX_CANDIDATES, MAX_OPENED, Service,
    authorise::{MAX_PEOPLE_PER_QUESTION, is_site_known},
    candidates::listable_sources,
};
use crate::{
    domain::{
        list_category,
        place_counts::{self, VisibleStay},
        row::DataQuality,
    },
    store::spell::{self, StoredStay},
};

/// The counts of a session, for some seconds: a home page that is reloaded asks consent about nobody again.
#[derive(Clone)]
pub struct RecentCounts(Cache<CountsKey, Counts>);

type CountsKey = (SessionId, Role, OdsCode, Option<ListOf>);

/// A reader takes a count of this age for the present.
const COUNTS_TIME_TO_LIVE: Duration = Duration::from_secs(5);
const MAX_RECENT_COUNTS: u64 = 10_000;

impl Default for RecentCounts {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MAX_RECENT_COUNTS).time_to_live(COUNTS_TIME_TO_LIVE).build())
    }
}

/// The stays that are counted.
struct CountedStays {
    stays: Vec<StoredStay>,
    /// The codes of the hospital's wards.
    wards: Vec<String>,
    /// There are more stays than may be examined.
    has_more: bool,
}

impl Service {
    pub(super) async fn count_people(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        self.check_can_list(caller, ViewId::new()).await?;
        // Who is watched is the reader's own setting, and a change of it shows at once.
        if of == Some(ListOf::Watched) {
            return self.count_present(caller, of).await;
        }
        let actor = &caller.actor;
        let key = (actor.session, actor.role, actor.org.clone(), of.clone());
        // Requests at the same time wait for one count.
        let counts = self.recent_counts.0.try_get_with(key, self.count_present(caller, of)).await;
        counts.map_err(Arc::unwrap_or_clone)
    }

    async fn count_present(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        let (now, whole) = (self.clock.now(), of.is_none());
        let registry = lcr_store::registry::load(self.store.read()).await?;
        let CountedStays { stays, wards, has_more } = match &of {
            Some(of) => CountedStays { stays: self.find_present(caller, of).await?, wards: vec![], has_more: false },
            None => self.find_own_hospital(caller, &registry).await?,
        };
        let people: BTreeSet<PersonId> = stays.iter().filter_map(|stay| stay.person).collect();
        let visible = self.find_countable(caller, &people.into_iter().collect::<Vec<_>>()).await?;
        let visible_stays = stays.iter().filter_map(|stay| {
            let countable = visible.get(&(stay.person?, stay.source.clone()))?;
            if !stay.spell.is_at_open_unit(&countable.closed_units, is_site_known(&registry, stay)) {
                return None;
            }
            let system = registry.system(&stay.source);
            let quiet_days = system.and_then(|system| system.feed.as_ref()?.quiet_days);
            let quality = DataQuality { quiet_days, ..DataQuality::default() };
            Some(VisibleStay {
                spell: &stay.spell,
                is_community: system.is_some_and(|system| system.kind == SystemKind::Community),
                is_not_heard_of: quality.is_not_heard_of(&stay.spell, now),
                located: countable.located,
            })
        });
        let mut counts = place_counts::count(visible_stays, &wards, now);
        counts.at_least = has_more;
        // A team's area opens the place and the expected date only.
        if matches!(of, Some(ListOf::Team(_))) {
            counts.admitted_since_yesterday = None;
        }
        if !whole {
            // A practice's or a team's list has no wards of its own.
            (counts.wards, counts.consultants, counts.specialties) = (vec![], vec![], vec![]);
        }
        Ok(counts)
    }

    /// Everybody in the reader's hospital, the emergency department included, and the codes of its wards.
    async fn find_own_hospital(&self, caller: &Caller, registry: &Registry) -> Result<CountedStays, Failure> {
        let now = self.clock.now();
        let sources = listable_sources(registry, &ListOf::Emergency, &caller.actor.org);
        let (db, keys) = (self.store.read(), &self.data_keys);
        let (mut stays, has_more_attending) = self.find_in_emergency(&sources).await?;
        let (in_hospital, has_more_in_hospital) =
            spell::find_newest_in_hospital(db, keys, &sources, now, MAX_CANDIDATES).await?;
        stays.extend(in_hospital);
        let has_more = drop_excess(&mut stays) || has_more_attending || has_more_in_hospital;
        Ok(CountedStays { stays, wards: spell::find_wards(db, &sources, now).await?, has_more })
    }

    /// The people in an emergency department of these sources, and whether more attend than may be opened.
    pub(super) async fn find_in_emergency(&self, sources: &[SourceId]) -> Result<(Vec<StoredStay>, bool), Failure> {
        let (now, db) = (self.clock.now(), self.store.read());
        let (mut stays, has_more) = spell::find_attending(db, &self.data_keys, sources, now, MAX_OPENED).await?;
        stays.retain(|stay| list_category::is_in_emergency(&stay.spell, now));
        Ok((stays, has_more))
    }

    /// What consent lets the reader count, by person and source.
    async fn find_countable(
        &self,
        caller: &Caller,
        people: &[PersonId],
    ) -> Result<HashMap<(PersonId, SourceId), CountableStay>, Failure> {
        let mut visible = HashMap::new();
        for chunk in people.chunks(MAX_PEOPLE_PER_QUESTION) {
            let questions = self.build_questions(chunk).await?;
            let countable = self.authoriser.countable(caller, questions).await?;
            visible.extend(countable.into_iter().map(|one| ((one.person, one.source.clone()), one)));
        }
        Ok(visible)
    }
}

/// Leaves as many stays as may be examined. Returns whether there were more.
fn drop_excess<T>(stays: &mut Vec<T>) -> bool {
    let has_more = stays.len() > MAX_CANDIDATES;
    stays.truncate(MAX_CANDIDATES);
    has_more
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_examines_no_more_stays_than_a_list_and_says_if_there_were_more() {
        for (found, examined, more) in [(2000, 2000, false), (2001, 2000, true)] {
            let mut stays = vec![(); found];
            assert_eq!((drop_excess(&mut stays), stays.len()), (more, examined));
        }
    }
}
