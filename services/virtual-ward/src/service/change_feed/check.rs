//! Reads an open list again and compares it. A row that may no longer be shown must close the page.

use lcr_contracts::{
    Failure,
    ward::{ListChange, ListOf},
};
use lcr_model::{PersonId, SpellId};
use tokio::time::Instant;

use super::{
    super::{candidates::practices_of_list, stay_list::StayList},
    CandidateVersions, OpenList, RowState, candidate_versions,
    notices::PendingNotices,
};
use crate::store::{person, spell};

impl<L: StayList> OpenList<L> {
    /// Reads the list again if it may have changed, and returns the news.
    pub(super) async fn check(&mut self, pending: &PendingNotices) -> Result<Option<ListChange>, Failure> {
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
