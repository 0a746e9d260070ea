//! The registry of identity: organisations, their agreements, and source systems. It holds no patient data.

mod credentials;
mod feed;
mod further;
mod partner_state;
mod stage;
mod system;
mod trust;

use std::collections::BTreeSet;

pub use credentials::{CredentialKind, Credentials, SealedCredentials};
pub use feed::{Feed, FurtherField, FurtherKind, PlaceComponents};
pub use further::FieldPlace;
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, Role, SourceId};
pub use partner_state::PartnerState;
use serde::{Deserialize, Serialize};
pub use stage::{Declined, Stage, StageRule, Stages};
pub use system::{DatasetSwitch, System, SystemSetup};
use utoipa::ToSchema;

use crate::vocabulary::OrganisationKind;

/// An organisation and whether it has signed the agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Organisation {
    pub ods: OdsCode,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: OrganisationKind,
    pub agreement_signed: bool,
    /// The neighbourhood team of a practice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<OdsCode>,
    /// The practices for whose patients it holds sessions: an extended access hub, a locum agency.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serves: Vec<OdsCode>,
    /// How far it has come. Only a live organisation takes part.
    #[serde(default, skip_serializing_if = "PartnerState::is_live")]
    pub state: PartnerState,
    /// The datasets that it receives by the schedule of its agreement. Absent: its agreement is on paper, and no schedule limits
    /// what its staff read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receives: Option<BTreeSet<Dataset>>,
}

impl Organisation {
    /// Whether its staff may see records, and its sources are read.
    pub fn takes_part(&self) -> bool {
        self.agreement_signed && self.state.is_live()
    }
}

/// A snapshot of the registry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
}

impl Registry {
    pub fn organisation(&self, ods: &OdsCode) -> Option<&Organisation> {
        self.organisations.iter().find(|organisation| organisation.ods == *ods)
    }

    pub fn system(&self, id: &SourceId) -> Option<&System> {
        self.systems.iter().find(|system| system.id == *id)
    }

    /// Whether the code is of an organisation, or of a unit that the switch-on of the source names.
    pub fn knows_unit(&self, source: &SourceId, code: &str) -> bool {
        let rules = self.system(source).into_iter().flat_map(|system| &system.setup.stages.rules);
        let units = rules.filter_map(|rule| rule.unit.as_ref());
        let mut known = self.organisations.iter().map(|organisation| &organisation.ods).chain(units);
        known.any(|ods| ods.as_str().eq_ignore_ascii_case(code.trim()))
    }

    /// Whether the owner of the system takes part: it has signed the agreement and is live.
    pub fn owner_has_signed(&self, system: &System) -> bool {
        self.organisation(&system.organisation).is_some_and(Organisation::takes_part)
    }

    /// Whether anything of the system may be read, its list of people too: its owner has signed, and has agreed to give a
    /// dataset.
    pub fn may_be_read(&self, system: &System) -> bool {
        let gives_any = system.datasets.values().any(|switch| *switch == DatasetSwitch::On);
        system.is_asked() && !system.is_discreet() && gives_any && self.owner_has_signed(system)
    }

    /// The organisations that a page may name to everybody.
    pub fn nameable(&self) -> impl Iterator<Item = &Organisation> {
        self.organisations.iter().filter(move |organisation| !self.is_discreet(organisation))
    }

    /// The organisations that an answer may name to this reader.
    pub fn nameable_to(&self, reader: &Actor) -> impl Iterator<Item = &Organisation> {
        self.organisations.iter().filter(move |one| !self.is_discreet(one) || knows_discreet(reader, &one.ods))
    }

    /// Whether the organisation's name tells the care: all its systems are discreet, or it has none and gives such care.
    pub fn is_discreet(&self, organisation: &Organisation) -> bool {
        let mut systems = self.systems.iter().filter(|system| system.organisation == organisation.ods).peekable();
        if systems.peek().is_none() {
            return organisation.kind == OrganisationKind::SexualHealth;
        }
        systems.all(System::is_discreet)
    }
}

/// Only the platform's administrators and the service's own staff know a discreet service.
fn knows_discreet(reader: &Actor, owner: &OdsCode) -> bool {
    reader.kind == ActorKind::Person && (reader.role == Role::PlatformAdmin || reader.org == *owner)
}

#[cfg(test)]
#[path = "registry_tests.rs"]
mod tests;
