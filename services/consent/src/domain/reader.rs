//! A reader with their organisation, and which data is open to that organisation: agreed, switched on, and in the schedule of its
//! agreement. Pure. It must not decide what a role or a relationship opens: policies do.

use lcr_contracts::registry::{DatasetSwitch, Organisation, Registry, System};
use lcr_model::{Actor, Dataset};

use super::relationship::opens_own_record_only;

/// A reader and the organisation they work for.
#[derive(Debug, Clone, Copy)]
pub struct Reader<'a> {
    pub actor: &'a Actor,
    /// `None`: the registry does not know it. It then does not take part, and opens nothing.
    pub organisation: Option<&'a Organisation>,
    /// The organisations of the registry. They say which belong to the reader's trust.
    pub organisations: &'a [Organisation],
}

impl<'a> Reader<'a> {
    pub fn new(actor: &'a Actor, registry: &'a Registry) -> Self {
        Self { actor, organisation: registry.organisation(&actor.org), organisations: &registry.organisations }
    }

    /// Whether the agreement of the reader's organisation includes the dataset. No agreement limits what people read of their
    /// own record.
    pub fn receives(self, system: &System, dataset: Dataset) -> bool {
        let is_included = |one: &Organisation| one.receives_from(&system.organisation, dataset, self.organisations);
        opens_own_record_only(self.actor.role) || self.organisation.is_none_or(is_included)
    }

    /// Whether the system is one of the reader's own organisation, of its trust or of another part of that.
    pub fn owns(self, system: &System) -> bool {
        self.organisation.is_some_and(|one| one.is_one_with(&system.organisation, self.organisations))
    }

    /// Whether the system agreed to give the dataset, and it is switched on for the reader.
    pub fn is_switched_on(self, system: &System, dataset: Dataset) -> bool {
        system.datasets.get(&dataset) == Some(&DatasetSwitch::On) && system.is_open_to(dataset, self.actor)
    }

    /// Whether the dataset is switched on for the reader, and their organisation receives it.
    pub fn is_given(self, system: &System, dataset: Dataset) -> bool {
        self.is_switched_on(system, dataset) && self.receives(system, dataset)
    }
}
