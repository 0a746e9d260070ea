//! What one source answered, type by type, and the state that makes of each dataset.

use std::collections::{BTreeMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::record::{MissingReason, Partial};
use lcr_fhir::Item;
use lcr_model::{Dataset, SourceId, SourceState};

use super::{
    kind::{Kind, dataset_of},
    sensitivity::Withheld,
    stays::Stay,
};

/// How asking for one type ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The source says it does not offer this type.
    NotOffered,
    Answered {
        at: Timestamp,
    },
    /// It did not answer; this is the copy of then.
    Stale {
        as_of: Timestamp,
    },
    TimedOut,
    Failed,
    /// Not yet.
    Asking,
}

impl Ended {
    /// The one that says more is missing; of two times the older.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        let missing = |ended: Self| match ended {
            Self::NotOffered => (0, Timestamp::UNIX_EPOCH),
            Self::Answered { at } => (1, at),
            Self::Stale { as_of } => (2, as_of),
            Self::Asking => (3, Timestamp::UNIX_EPOCH),
            Self::TimedOut => (4, Timestamp::UNIX_EPOCH),
            Self::Failed => (5, Timestamp::UNIX_EPOCH),
        };
        let ((a, at), (b, bt)) = (missing(self), missing(other));
        if a > b || (a == b && at <= bt) { self } else { other }
    }
}

/// One type's answer.
#[derive(Debug, Clone)]
pub struct TypeAnswer {
    pub ended: Ended,
    pub items: Vec<Item>,
    pub not_readable: u32,
    /// Items that are withheld for their labels, where a reader may be told of that.
    pub withheld: Withheld,
    pub warnings: Vec<String>,
    /// The source answered about somebody else; nothing of that is here.
    pub wrong_patient: bool,
    /// Set when only part of the answer came.
    pub partial: Option<Partial>,
    /// Why the answer, or the rest of it, is missing.
    pub reason: Option<MissingReason>,
}

impl TypeAnswer {
    pub fn empty(ended: Ended) -> Self {
        Self {
            ended,
            items: vec![],
            not_readable: 0,
            withheld: Withheld::new(),
            warnings: vec![],
            wrong_patient: false,
            partial: None,
            reason: None,
        }
    }

    pub fn failed(reason: MissingReason) -> Self {
        Self { reason: Some(reason), ..Self::empty(Ended::Failed) }
    }

    /// Adds what the same source answered for another of its ids of the person. An item in both counts once, and
    /// the worse end counts.
    pub fn add(&mut self, other: Self) {
        let held: HashSet<String> = self.items.iter().map(|item| item.id().to_owned()).collect();
        self.items.extend(other.items.into_iter().filter(|item| !held.contains(item.id())));
        self.not_readable += other.not_readable;
        self.warnings.extend(other.warnings);
        self.ended = self.ended.worse(other.ended);
        self.wrong_patient |= other.wrong_patient;
        self.partial = sum(self.partial, other.partial);
        self.reason = self.reason.or(other.reason);
    }
}

/// One source's answer so far.
#[derive(Debug, Clone)]
pub struct SourceAnswer {
    pub source: SourceId,
    /// Whether the index knows the person at this source, or nobody can say that it does not: one that does not know the
    /// person is not asked. One that is not asked for another reason is known, and its types have failed.
    pub known: bool,
    /// It is never asked: what it pushed is all there is.
    pub only_pushes: bool,
    pub types: BTreeMap<Kind, TypeAnswer>,
    /// What its ward messages say: each is an item among its encounters.
    pub stays: Vec<Stay>,
}

impl SourceAnswer {
    pub fn asking(source: SourceId, known: bool, kinds: &[Kind]) -> Self {
        let types = kinds.iter().map(|kind| (*kind, TypeAnswer::empty(Ended::Asking))).collect();
        Self { source, known, only_pushes: false, types, stays: vec![] }
    }

    /// A source that mixed up patients in one type is not believed in the others: its "nothing" may be the
    /// other's nothing.
    pub fn distrust(&mut self) {
        for of_type in self.types.values_mut().filter(|one| matches!(one.ended, Ended::Answered { .. })) {
            *of_type = TypeAnswer::failed(MissingReason::OtherPatient);
        }
    }

    /// Whether nothing more is to come of it: a source that does not know the person is not asked.
    pub fn finished(&self) -> bool {
        !self.known || self.types.values().all(|answer| answer.ended != Ended::Asking)
    }

    /// The state of a granted dataset, and when it was answered. The worst of its types counts.
    pub fn state(&self, dataset: Dataset) -> (SourceState, Option<Timestamp>) {
        // The ward may know of somebody whom the source's list of people does not have yet.
        let has_stays = dataset == Dataset::Encounters && !self.stays.is_empty();
        if !self.known && !has_stays {
            return (SourceState::NoRecord, None);
        }
        let answers = || self.types.iter().filter(|(kind, _)| kind.serves(dataset));
        let ended = |want: Ended| answers().any(|(_, answer)| answer.ended == want);
        let oldest = answers().filter_map(|(_, answer)| match answer.ended {
            Ended::Answered { at } | Ended::Stale { as_of: at } => Some(at),
            _ => None,
        });
        let (oldest, stale) =
            (oldest.min(), answers().any(|(_, answer)| matches!(answer.ended, Ended::Stale { .. })));
        let partial = answers().any(|(_, answer)| answer.partial.is_some());
        let holds = answers().any(|(kind, answer)| {
            answer.not_readable > 0
                || answer.withheld.contains_key(&dataset)
                || answer.items.iter().any(|item| dataset_of(*kind, item) == dataset)
        });
        let state = match oldest {
            _ if ended(Ended::Failed) => SourceState::Failed,
            _ if ended(Ended::TimedOut) => SourceState::TimedOut,
            _ if ended(Ended::Asking) => SourceState::Asking,
            Some(as_of) if stale => SourceState::Stale { as_of },
            Some(_) if holds => SourceState::HasData,
            // Of a part that holds nothing of the kind nobody can say that there is none.
            Some(_) if partial => SourceState::Failed,
            None if ended(Ended::NotOffered) => SourceState::NotConnected,
            _ => SourceState::NoData,
        };
        (state, oldest)
    }

    /// How much of a dataset came, where part of it did.
    pub fn partial(&self, dataset: Dataset) -> Option<Partial> {
        self.of(dataset).fold(None, |so_far, answer| sum(so_far, answer.partial))
    }

    /// Why a dataset, or part of it, is missing: the reason of the type that is worst off.
    pub fn reason(&self, dataset: Dataset) -> Option<MissingReason> {
        let missing = self.of(dataset).filter(|answer| answer.reason.is_some());
        let worst = missing.reduce(|a, b| if a.ended.worse(b.ended) == a.ended { a } else { b });
        worst.and_then(|answer| answer.reason)
    }

    fn of(&self, dataset: Dataset) -> impl Iterator<Item = &TypeAnswer> {
        self.types.iter().filter(move |(kind, _)| kind.serves(dataset)).map(|(_, answer)| answer)
    }
}

/// Two parts together; their total is known when both are.
fn sum(one: Option<Partial>, other: Option<Partial>) -> Option<Partial> {
    match (one, other) {
        (Some(one), Some(other)) => Some(Partial {
            came: one.came.saturating_add(other.came),
            total: one.total.zip(other.total).map(|(a, b)| a.saturating_add(b)),
        }),
        (one, other) => one.or(other),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn state_of(medicines: [Ended; 2]) -> SourceState {
        let kinds = [Kind::MedicationRequest, Kind::MedicationStatement];
        let mut answer = SourceAnswer::asking(SourceId::new("s"), true, &kinds);
        for (kind, ended) in kinds.into_iter().zip(medicines) {
            answer.types.insert(kind, TypeAnswer::empty(ended));
        }
        answer.state(Dataset::Medications).0
    }

    #[test]
    fn the_state_says_the_worst_of_its_types() {
        let (answered, stale) = (Ended::Answered { at: at(9) }, Ended::Stale { as_of: at(5) });
        assert_eq!(state_of([answered, answered]), SourceState::NoData);
        assert_eq!(state_of([answered, stale]), SourceState::Stale { as_of: at(5) });
        assert_eq!(state_of([answered, Ended::Failed]), SourceState::Failed);
        assert_eq!(state_of([stale, Ended::TimedOut]), SourceState::TimedOut);
        assert_eq!(state_of([answered, Ended::NotOffered]), SourceState::NoData);
        assert_eq!(state_of([Ended::NotOffered, Ended::NotOffered]), SourceState::NotConnected);
    }

    #[test]
    fn a_part_is_never_no_data_and_says_how_much_came() {
        let mut answer = SourceAnswer::asking(SourceId::new("s"), true, &[Kind::CarePlan]);
        let part = |total| TypeAnswer {
            partial: Some(Partial { came: 2, total }),
            reason: Some(MissingReason::TotalNotReached),
            ..TypeAnswer::empty(Ended::Answered { at: at(9) })
        };
        answer.types.insert(Kind::CarePlan, part(Some(5)));
        assert_eq!(answer.state(Dataset::EndOfLife).0, SourceState::Failed);
        assert_eq!(answer.partial(Dataset::EndOfLife), Some(Partial { came: 2, total: Some(5) }));
        assert_eq!(answer.reason(Dataset::EndOfLife), Some(MissingReason::TotalNotReached));
        let mut both = part(Some(5));
        both.add(part(Some(3)));
        assert_eq!(both.partial, Some(Partial { came: 4, total: Some(8) }));
        both.add(part(None));
        assert_eq!(both.partial, Some(Partial { came: 6, total: None }));
    }

    #[test]
    fn of_two_ids_at_one_source_the_one_that_says_more_is_missing_counts() {
        let (answered, stale) = (Ended::Answered { at: at(9) }, Ended::Stale { as_of: at(5) });
        let rising = [
            Ended::NotOffered,
            Ended::Answered { at: at(9) },
            stale,
            Ended::Asking,
            Ended::TimedOut,
            Ended::Failed,
        ];
        for (better, worse) in rising.iter().zip(&rising[1..]) {
            assert_eq!(better.worse(*worse), *worse);
            assert_eq!(worse.worse(*better), *worse);
        }
        assert_eq!(
            answered.worse(Ended::Answered { at: at(3) }),
            Ended::Answered { at: at(3) },
            "the older time"
        );
    }
}
