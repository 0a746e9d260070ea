//! The objections that wait for an officer's review, the oldest first. It must return only those that the officer may review,
//! and must never examine more choices than one request may cost.

use lcr_contracts::{
    Caller, Failure, FailureKind,
    choices::{WaitingCount, WaitingList, WaitingObjection, receipt_number},
    consent::RequestedPerson,
    registry::Registry,
    vocabulary::ReasonCode,
};
use lcr_model::{PersonId, Relationship, SourceId};
use lcr_store::db_failure;
use sea_orm::DbErr;
use uuid::Uuid;

use super::{
    Service,
    choice_access::{is_officer, officer_links},
    epochs::EpochSnapshot,
};
use crate::{
    domain::policies::Act,
    store::{
        self,
        choice::{self as rows, ChoiceRow},
        waiting_choice,
    },
};

/// Choices read at once.
const BATCH_SIZE: usize = 200;
/// So at most 2,000 choices are examined.
const MAX_BATCHES: usize = 10;
/// The most objections in one list. The others follow when these are reviewed.
const MAX_LISTED: usize = 100;
/// The most objections that are counted.
const MAX_COUNTED: usize = 999;

impl Service {
    pub(super) async fn count_waiting(&self, caller: &Caller) -> Result<WaitingCount, Failure> {
        let (waiting, has_more) = self.find_waiting(caller, MAX_COUNTED).await?;
        let count = waiting.len();
        Ok(if has_more { WaitingCount::AtLeast { at_least: count } } else { WaitingCount::Exactly(count) })
    }

    /// The list, once an entry about its people is in the audit log.
    pub(super) async fn list_waiting(&self, caller: &Caller) -> Result<WaitingList, Failure> {
        let (waiting, has_more) = self.find_waiting(caller, MAX_LISTED).await?;
        if waiting.is_empty() {
            return Ok(to_list(vec![], has_more));
        }
        let mut people: Vec<PersonId> = waiting.iter().map(|row| PersonId(row.person)).collect();
        people.sort_unstable();
        people.dedup();
        let reason = ReasonCode::ChoicesRead(Relationship::ReviewsChoices);
        self.append_audit(caller, people, reason, None).await?;
        let registry = self.registry(self.snapshot_epochs(caller, &[]).await?.registry_epoch).await?;
        let waiting = waiting.iter().map(|row| waiting_objection(row, &registry)).collect::<Result<Vec<_>, _>>();
        Ok(to_list(waiting.map_err(db_failure)?, has_more))
    }

    /// At most `max` choices that the officer may review, and whether there may be more.
    async fn find_waiting(&self, caller: &Caller, max: usize) -> Result<(Vec<ChoiceRow>, bool), Failure> {
        if !is_officer(caller.actor.role) {
            return Err(Failure::forbidden("Objections are reviewed by privacy officers and the Caldicott guardian."));
        }
        let snapshot = self.snapshot_epochs(caller, &[]).await?;
        if snapshot.session_ended {
            return Err(Failure::new(FailureKind::Unauthenticated, "You were signed out."));
        }
        let (org, registry) = (&caller.actor.org, self.registry(snapshot.registry_epoch).await?);
        let own = registry.systems.iter().filter(|system| system.organisation == *org);
        let own: Vec<&SourceId> = own.map(|system| &system.id).collect();
        let (mut waiting, mut after, now) = (vec![], Uuid::nil(), self.clock.now());
        for _ in 0..MAX_BATCHES {
            let reviewer = (org, own.as_slice());
            let batch = waiting_choice::find_waiting(self.store.read(), reviewer, now, after, BATCH_SIZE).await?;
            let is_last = batch.len() < BATCH_SIZE;
            after = batch.last().map_or(after, |row| row.id);
            if !batch.is_empty() {
                waiting.extend(self.reviewable(caller, &snapshot, batch).await?);
            }
            if is_last || waiting.len() > max {
                let has_more = waiting.len() > max;
                waiting.truncate(max);
                return Ok((waiting, has_more));
            }
        }
        Ok((waiting, true))
    }

    /// Those of these choices that the officer may review: the query finds candidates, the policy decides. Reads a fixed
    /// number of times.
    async fn reviewable(
        &self,
        caller: &Caller,
        snapshot: &EpochSnapshot,
        batch: Vec<ChoiceRow>,
    ) -> Result<Vec<ChoiceRow>, Failure> {
        let people: Vec<PersonId> = batch.iter().map(|row| PersonId(row.person)).collect();
        let question = |person: &PersonId| RequestedPerson { person: *person, index_version: 0, identities: vec![] };
        let questions: Vec<RequestedPerson> = people.iter().map(question).collect();
        let sources = self.load_fact_sources(&caller.actor, &questions, snapshot.registry_epoch).await?;
        let stored = store::find_people(self.store.read(), &people).await?;
        let choices = rows::find_by_people(self.store.read(), &people).await?;
        let may_review = |row: &ChoiceRow| {
            let person = PersonId(row.person);
            let lines = stored.get(&person).map(|row| row.identities.lines()).into_iter().flatten();
            let keys: Vec<String> = lines.map(str::to_owned).collect();
            let all = choices.get(&person).map_or(&[][..], Vec::as_slice);
            let links = officer_links(&caller.actor, &keys, all, &sources);
            let facts = sources.facts_of(&question(&person), 0, false);
            self.permitted_link(caller.actor.role, Act::ReviewChoices, &facts, &links).is_some()
        };
        Ok(batch.into_iter().filter(may_review).collect())
    }
}

fn to_list(oldest: Vec<WaitingObjection>, has_more: bool) -> WaitingList {
    if has_more { WaitingList::Part { oldest } } else { WaitingList::All(oldest) }
}

fn waiting_objection(row: &ChoiceRow, registry: &Registry) -> Result<WaitingObjection, DbErr> {
    let organisation = row.organisation().and_then(|ods| registry.organisation(&ods).map(|org| org.name.clone()));
    Ok(WaitingObjection {
        person: PersonId(row.person),
        choice: row.id,
        direction: row.direction()?,
        organisation,
        status: row.status()?,
        made_at: jiff::Timestamp::from_microsecond(row.made_at).map_err(|e| DbErr::Type(e.to_string()))?,
        number: receipt_number(row.origin),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_that_was_cut_says_so_even_if_it_is_empty() {
        assert_eq!(to_list(vec![], true), WaitingList::Part { oldest: vec![] });
        assert_eq!(to_list(vec![], false), WaitingList::All(vec![]));
    }
}
