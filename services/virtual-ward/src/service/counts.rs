//! Counts the people of a list or of a hospital, without naming anybody. It must count only stays that consent lets the
//! reader see, and must not build a row.

use std::collections::{BTreeSet, HashMap};

use lcr_contracts::{
    Caller, Failure,
    registry::Registry,
    vocabulary::SystemKind,
    ward::{Counts, ListOf},
};
use lcr_model::{PersonId, SourceId, ViewId};

use super::{Service, authorise::MAX_PEOPLE_PER_QUESTION, listable_sources};
use crate::{
    domain::{
        list_category,
        place_counts::{self, VisibleStay},
        row::DataQuality,
    },
    store::spell::{self, StoredStay},
};

impl Service {
    pub(super) async fn count_people(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure> {
        self.check_can_list(caller, ViewId::new()).await?;
        let (now, whole) = (self.clock.now(), of.is_none());
        let registry = lcr_store::registry::load(self.store.read()).await?;
        let (stays, wards) = match &of {
            Some(of) => (self.find_present(caller, of).await?, vec![]),
            None => self.find_own_hospital(caller, &registry).await?,
        };
        let people: BTreeSet<PersonId> = stays.iter().filter_map(|stay| stay.person).collect();
        let visible = self.find_countable(caller, &people.into_iter().collect::<Vec<_>>()).await?;
        let visible_stays = stays.iter().filter_map(|stay| {
            let located = *visible.get(&(stay.person?, stay.source.clone()))?;
            let system = registry.system(&stay.source);
            let quiet_days = system.and_then(|system| system.feed.as_ref()?.quiet_days);
            let quality = DataQuality { quiet_days, ..DataQuality::default() };
            Some(VisibleStay {
                spell: &stay.spell,
                is_community: system.is_some_and(|system| system.kind == SystemKind::Community),
                is_not_heard_of: quality.is_not_heard_of(&stay.spell, now),
                located,
            })
        });
        let mut counts = place_counts::count(visible_stays, &wards, now);
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
    async fn find_own_hospital(
        &self,
        caller: &Caller,
        registry: &Registry,
    ) -> Result<(Vec<StoredStay>, Vec<String>), Failure> {
        let now = self.clock.now();
        let sources = listable_sources(registry, &ListOf::Emergency, &caller.actor.org);
        let (db, keys) = (self.store.read(), &self.data_keys);
        let mut stays = spell::find_in_hospital(db, keys, &sources, now).await?;
        stays.extend(self.find_in_emergency(&sources).await?);
        Ok((stays, spell::find_wards(db, &sources, now).await?))
    }

    /// The people in an emergency department of these sources.
    pub(super) async fn find_in_emergency(&self, sources: &[SourceId]) -> Result<Vec<StoredStay>, Failure> {
        let now = self.clock.now();
        let attending = spell::find_attending(self.store.read(), &self.data_keys, sources, now).await?;
        Ok(attending.into_iter().filter(|stay| list_category::is_in_emergency(&stay.spell, now)).collect())
    }

    /// Of each person and source that consent lets the reader see, whether the place may be known.
    async fn find_countable(
        &self,
        caller: &Caller,
        people: &[PersonId],
    ) -> Result<HashMap<(PersonId, SourceId), bool>, Failure> {
        let mut visible = HashMap::new();
        for chunk in people.chunks(MAX_PEOPLE_PER_QUESTION) {
            let questions = self.build_questions(chunk).await?;
            let countable = self.authoriser.countable(caller, questions).await?;
            visible.extend(countable.into_iter().map(|one| ((one.person, one.source), one.located)));
        }
        Ok(visible)
    }
}
