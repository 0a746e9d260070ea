//! The order in which a list of care links is shown, and the evidence that it may show.

use jiff::Timestamp;
use lcr_contracts::registry::{Organisation, Registry};
use lcr_model::{Actor, CareLinkKind, OdsCode, SourceId};

use super::{
    is_given, may_state,
    period::{APPOINTMENT_WINDOW, after},
    serves_reader,
};
use crate::domain::reader::Reader;

/// In the order of a list, the number from which earlier appointments count down. Times in microseconds are far smaller.
pub const EARLIER_APPOINTMENTS: i64 = 1_000_000_000_000_000_000;

/// The same for links of other kinds.
pub const OTHER_KINDS: i64 = 3 * EARLIER_APPOINTMENTS;

/// How a list orders links: appointments of today and later by time, then earlier ones, then the other kinds, the newest
/// first. A query computes the same numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ListOrder {
    /// From when on an appointment at the start of today counts, in microseconds.
    pub first: i64,
}

impl ListOrder {
    /// The order on the day that begins at `today`.
    pub fn on(today: Timestamp) -> Self {
        Self { first: after(today, -APPOINTMENT_WINDOW).as_microsecond() }
    }

    /// The place of a link that counts from this time.
    pub fn place(self, kind: &CareLinkKind, counts_from: Timestamp) -> i64 {
        let from = counts_from.as_microsecond();
        match kind {
            CareLinkKind::Appointment if from >= self.first => from,
            CareLinkKind::Appointment => EARLIER_APPOINTMENTS - from,
            _ => OTHER_KINDS - from,
        }
    }
}

/// The sources whose links of one kind to one organisation count for the reader's organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EvidenceScope {
    pub organisation: OdsCode,
    pub kind: CareLinkKind,
    pub sources: Vec<SourceId>,
}

/// Everything that may be evidence for the reader, who works for `reader`, of these kinds. For queries: it repeats what
/// `in_force` and `serves_reader` say of a link.
pub fn evidence_for(
    actor: &Actor,
    reader: &Organisation,
    registry: &Registry,
    kinds: &[CareLinkKind],
) -> Vec<EvidenceScope> {
    let given_to = Reader { actor, organisation: Some(reader), organisations: &registry.organisations };
    let mut all = Vec::new();
    for organisation in registry.organisations.iter().filter(|one| serves_reader(one, reader)) {
        for kind in kinds {
            let systems = registry.systems.iter();
            let systems = systems.filter(|one| may_state(registry, one, kind, organisation));
            let systems = systems.filter(|one| is_given(one, kind, Some(given_to)));
            let sources: Vec<SourceId> = systems.map(|system| system.id.clone()).collect();
            if !sources.is_empty() {
                all.push(EvidenceScope { organisation: organisation.ods.clone(), kind: kind.clone(), sources });
            }
        }
    }
    all
}
