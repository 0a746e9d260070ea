//! One source's answer, type by type, and the state of each dataset that follows from it. A partial answer is never "no
//! data".

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::record::{MissingReason, Partial};
use lcr_model::{Dataset, SourceId, SourceState};

use super::{
    prepared_item::PreparedItem,
    resource_type::{ResourceType, dataset_of, types_of},
    sensitivity::WithheldCounts,
    stays::Stay,
};

/// The outcome of querying one type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum QueryOutcome {
    /// The source says that it does not offer this type.
    NotOffered,
    Answered {
        at: Timestamp,
    },
    /// The source did not answer; the items are a stored copy of this time.
    Stale {
        as_of: Timestamp,
    },
    TimedOut,
    Failed,
    /// The source has not answered yet.
    Asking,
}

impl QueryOutcome {
    /// Returns the outcome with more missing, or the older of two equal ones.
    #[must_use]
    pub fn worse_of(self, other: Self) -> Self {
        let severity = |outcome: Self| match outcome {
            Self::NotOffered => (0, Timestamp::UNIX_EPOCH),
            Self::Answered { at } => (1, at),
            Self::Stale { as_of } => (2, as_of),
            Self::Asking => (3, Timestamp::UNIX_EPOCH),
            Self::TimedOut => (4, Timestamp::UNIX_EPOCH),
            Self::Failed => (5, Timestamp::UNIX_EPOCH),
        };
        let ((a, at), (b, bt)) = (severity(self), severity(other));
        if a > b || (a == b && at <= bt) { self } else { other }
    }
}

/// A source's answer for one type.
#[derive(Debug, Clone)]
pub struct TypeAnswer {
    pub outcome: QueryOutcome,
    pub items: Vec<PreparedItem>,
    pub unreadable: u32,
    /// Numbers of sensitive items that were removed and whose removal may be disclosed.
    pub withheld: WithheldCounts,
    /// Numbers of removed items whose unit is not yet switched on for the reader.
    pub not_yet_on: WithheldCounts,
    pub warnings: Vec<String>,
    /// The source answered about another person. Those items are discarded.
    pub wrong_patient: bool,
    /// Set if only a part of the answer arrived.
    pub partial: Option<Partial>,
    /// Why the answer, or the rest of it, is missing.
    pub reason: Option<MissingReason>,
}

impl TypeAnswer {
    pub fn empty(outcome: QueryOutcome) -> Self {
        Self {
            outcome,
            items: vec![],
            unreadable: 0,
            withheld: WithheldCounts::new(),
            not_yet_on: WithheldCounts::new(),
            warnings: vec![],
            wrong_patient: false,
            partial: None,
            reason: None,
        }
    }

    pub fn failed(reason: MissingReason) -> Self {
        Self { reason: Some(reason), ..Self::empty(QueryOutcome::Failed) }
    }

    /// Adds the same source's answer for another local id of the person. An item in both counts once, and the worse
    /// outcome wins.
    pub fn add(&mut self, other: Self) {
        let ids: HashSet<String> = self.items.iter().map(|item| item.id().to_owned()).collect();
        self.items.extend(other.items.into_iter().filter(|item| !ids.contains(item.id())));
        self.unreadable += other.unreadable;
        self.warnings.extend(other.warnings);
        self.outcome = self.outcome.worse_of(other.outcome);
        self.wrong_patient |= other.wrong_patient;
        self.partial = sum_partials(self.partial, other.partial);
        self.reason = self.reason.or(other.reason);
    }
}

/// One source's answer so far.
#[derive(Debug, Clone)]
pub struct SourceAnswer {
    pub source: SourceId,
    /// False only if the index has no identity of the person at this source. Such a source is not queried.
    pub knows_person: bool,
    /// The source is never queried; it only pushes items.
    pub push_only: bool,
    pub types: BTreeMap<ResourceType, TypeAnswer>,
    /// Stays from its ward messages. Each is also an item among its encounters.
    pub stays: Vec<Stay>,
}

impl SourceAnswer {
    /// An answer in which every type is still being asked for.
    pub fn pending(source: SourceId, knows_person: bool, resource_types: &[ResourceType]) -> Self {
        let types = resource_types
            .iter()
            .map(|resource_type| (*resource_type, TypeAnswer::empty(QueryOutcome::Asking)))
            .collect();
        Self { source, knows_person, push_only: false, types, stays: vec![] }
    }

    /// Fails every answered type. A source that confused patients in one type may have done so in the others.
    pub fn reject(&mut self) {
        for type_answer in
            self.types.values_mut().filter(|answer| matches!(answer.outcome, QueryOutcome::Answered { .. }))
        {
            *type_answer = TypeAnswer::failed(MissingReason::OtherPatient);
        }
    }

    /// Whether no more answers will come.
    pub fn is_finished(&self) -> bool {
        !self.knows_person || self.types.values().all(|answer| answer.outcome != QueryOutcome::Asking)
    }

    /// The state of a granted dataset and the time of its answer. The worst of its types decides.
    pub fn state(&self, dataset: Dataset) -> (SourceState, Option<Timestamp>) {
        // The ward may have a stay of a person who is not yet on the source's list of people.
        let has_stays = dataset == Dataset::Encounters && !self.stays.is_empty();
        if !self.knows_person && !has_stays {
            return (SourceState::NoRecord, None);
        }
        let mut outcomes = DatasetOutcomes::default();
        for (resource_type, answer) in self.answers_for(dataset) {
            outcomes.add(resource_type, answer, dataset);
        }
        (outcomes.state(), outcomes.oldest)
    }

    /// How much of a dataset arrived, if only a part did.
    pub fn partial(&self, dataset: Dataset) -> Option<Partial> {
        self.answers_for(dataset).fold(None, |so_far, (_, answer)| sum_partials(so_far, answer.partial))
    }

    /// Why a dataset or a part of it is missing: the reason of its worst type.
    pub fn reason(&self, dataset: Dataset) -> Option<MissingReason> {
        let missing = self.answers_for(dataset).map(|(_, answer)| answer).filter(|answer| answer.reason.is_some());
        let worst = missing.reduce(|a, b| if a.outcome.worse_of(b.outcome) == a.outcome { a } else { b });
        worst.and_then(|answer| answer.reason)
    }

    fn answers_for(&self, dataset: Dataset) -> impl Iterator<Item = (ResourceType, &TypeAnswer)> {
        types_of(dataset).iter().filter_map(move |resource_type| Some((*resource_type, self.types.get(resource_type)?)))
    }
}

/// What the answers for the types of one dataset are.
#[derive(Default)]
struct DatasetOutcomes {
    not_offered: bool,
    asking: bool,
    timed_out: bool,
    failed: bool,
    stale: bool,
    partial: bool,
    has_items: bool,
    /// The oldest time of an answer or a stored copy.
    oldest: Option<Timestamp>,
}

impl DatasetOutcomes {
    fn add(&mut self, resource_type: ResourceType, answer: &TypeAnswer, dataset: Dataset) {
        match answer.outcome {
            QueryOutcome::NotOffered => self.not_offered = true,
            QueryOutcome::Asking => self.asking = true,
            QueryOutcome::TimedOut => self.timed_out = true,
            QueryOutcome::Failed => self.failed = true,
            QueryOutcome::Answered { at } => self.add_time(at),
            QueryOutcome::Stale { as_of } => {
                self.stale = true;
                self.add_time(as_of);
            }
        }
        self.partial |= answer.partial.is_some();
        self.has_items |= answer.unreadable > 0
            || answer.withheld.contains_key(&dataset)
            || answer.not_yet_on.contains_key(&dataset)
            || answer.items.iter().any(|item| dataset_of(resource_type, item) == dataset);
    }

    fn add_time(&mut self, at: Timestamp) {
        self.oldest = Some(self.oldest.map_or(at, |oldest| oldest.min(at)));
    }

    /// The worst outcome decides.
    fn state(&self) -> SourceState {
        match self.oldest {
            _ if self.failed => SourceState::Failed,
            _ if self.timed_out => SourceState::TimedOut,
            _ if self.asking => SourceState::Asking,
            Some(as_of) if self.stale => SourceState::Stale { as_of },
            Some(_) if self.has_items => SourceState::HasData,
            // A partial answer without items does not show that there are none.
            Some(_) if self.partial => SourceState::Failed,
            None if self.not_offered => SourceState::NotConnected,
            _ => SourceState::NoData,
        }
    }
}

/// Adds two partial counts. The total is known if both totals are.
fn sum_partials(one: Option<Partial>, other: Option<Partial>) -> Option<Partial> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Partial {
            came: one.came.saturating_add(other.came),
            total: one.total.zip(other.total).map(|(a, b)| a.saturating_add(b)),
        }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
#[path = "source_answer_tests.rs"]
mod tests;
