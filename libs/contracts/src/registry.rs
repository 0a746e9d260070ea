//! The registry of identity: organisations, their agreements, and source systems. It holds no patient data.

mod credentials;
mod further;
mod partner_state;
mod stage;

use std::collections::{BTreeMap, BTreeSet};

pub use credentials::{CredentialKind, Credentials, SealedCredentials};
pub use further::FieldPlace;
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, Role, SourceId};
pub use partner_state::PartnerState;
use serde::{Deserialize, Serialize};
pub use stage::{Declined, Stage, StageRule, Stages};
use utoipa::ToSchema;

use crate::vocabulary::{OrganisationKind, SystemKind};

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
}

impl Organisation {
    /// Whether its staff may see records, and its sources are read.
    pub fn takes_part(&self) -> bool {
        self.agreement_signed && self.state.is_live()
    }
}

/// Who may see a dataset of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetSwitch {
    On,
    NotAgreed,
    NotConnected,
}

/// A source system of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub id: SourceId,
    pub name: String,
    pub organisation: OdsCode,
    /// FHIR R4 base URL; empty for a source that only sends.
    pub base_url: String,
    pub kind: SystemKind,
    /// The demographics authority: only its statements of registered practice, restriction and death count.
    pub authority: bool,
    /// A discreet source. Every reader sees the same text: "may hold items that are not shown".
    pub discreet: bool,
    pub datasets: BTreeMap<Dataset, DatasetSwitch>,
    /// Real-time or nightly: decides when its data is old.
    pub rhythm: String,
    /// People without a registered practice count as registered at this one (`lcr up --source`).
    pub default_practice: Option<OdsCode>,
    /// A suspended source is not queried, and its messages are refused.
    pub suspended: bool,
    /// How it sends messages; `None` for a source that is only queried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
    /// What is set up for it on the way to live data.
    #[serde(default, skip_serializing_if = "SystemSetup::is_default")]
    pub setup: SystemSetup,
}

/// How a source was set up: whether it is live, how we prove to it who we are, and who sees what of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemSetup {
    /// Whether it went live. A row of the version before did.
    #[serde(default = "yes")]
    pub live: bool,
    /// Whether it was live before, if it is not now.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub was_live: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<SealedCredentials>,
    #[serde(default, skip_serializing_if = "Stages::is_empty")]
    pub stages: Stages,
    /// Whether the operator's resource states the stages. They are then changed there alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stages_by_operator: bool,
    /// Whether its organisation removed it. The row stays, since what it has sent is stored under its id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// The datasets that it gave when its agreement lapsed. They come back at the stages that they had.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lapsed: BTreeSet<Dataset>,
    /// Whether the platform's administrators suspended it. They alone end such a suspension.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended_by_platform: bool,
    /// Whom to call about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

fn yes() -> bool {
    true
}

impl Default for SystemSetup {
    fn default() -> Self {
        Self {
            live: true,
            was_live: false,
            credentials: None,
            stages: Stages::default(),
            stages_by_operator: false,
            removed: false,
            lapsed: BTreeSet::new(),
            suspended_by_platform: false,
            contact: String::new(),
        }
    }
}

impl SystemSetup {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the system out of live, and keeps that it was live.
    pub fn end_live(&mut self) {
        self.was_live |= self.live;
        self.live = false;
    }
}

impl System {
    /// Whether it can be queried.
    pub fn is_asked(&self) -> bool {
        !self.base_url.is_empty() && !self.is_stopped()
    }

    /// Whether nothing is asked of it and nothing is taken from it: it is suspended, or not live yet.
    pub fn is_stopped(&self) -> bool {
        self.suspended || !self.setup.live
    }

    /// Whether it is set up and was never live. Such a system is on nobody's record.
    pub fn is_joining(&self) -> bool {
        !self.setup.live && !self.setup.was_live
    }

    /// Whether an agreed dataset is switched on for this reader.
    pub fn is_open_to(&self, dataset: Dataset, reader: &Actor) -> bool {
        self.setup.stages.is_open_to(dataset, reader)
    }
}

/// A source that sends messages: how it identifies itself, and how to read its HL7 v2.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// The (MSH-3, MSH-4) of its messages. Empty means any sender, only for the demonstration's `sandbox`.
    pub senders: Vec<(String, String)>,
    /// `default` (PV1-3: ward, bay, bed, site) or `itk` (PV1-3: site, ward, bed, organisation).
    pub profile: String,
    /// Accepts messages marked as training or debugging (MSH-11 other than P).
    pub training: bool,
    /// The order of the PV1-3 components, if it differs from the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceComponents>,
    /// Ward names by code.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wards: BTreeMap<String, String>,
    /// Further fields of its stays (S-60).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FurtherField>,
    /// After this many days without a message a stay is marked; after four times as many it is listed apart. Default 7.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_days: Option<u16>,
}

/// The position of each part in PV1-3; 0 if it is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceComponents {
    pub ward: u8,
    #[serde(default)]
    pub bay: u8,
    #[serde(default)]
    pub bed: u8,
    #[serde(default)]
    pub site: u8,
    /// The ward's name; PV1-3.9 in all our profiles.
    #[serde(default)]
    pub description: u8,
}

/// A field beyond the standard set that this hospital sends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherField {
    /// Lower-case letters, digits and dashes; stable and unique within the source.
    pub key: String,
    /// The column's heading.
    pub label: String,
    #[serde(default, deserialize_with = "crate::known::or_default")]
    pub kind: FurtherKind,
    /// Its place: `ZPV-3` or `ZPV-3.2`; `OBX:NEWS` (OBX-5 of that OBX-3.1); `extension:<url>` of the FHIR Encounter.
    pub from: String,
    /// Names of coded values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// Whether the list can be filtered by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filter: bool,
}

/// The type of a further field.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FurtherKind {
    #[default]
    Text,
    Code,
    Date,
    Number,
    YesNo,
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

impl System {
    pub fn is_discreet(&self) -> bool {
        self.discreet || self.kind == SystemKind::Discreet
    }

    /// Whether an answer may name the system to this reader.
    pub fn is_nameable_to(&self, reader: &Actor) -> bool {
        !self.is_discreet() || knows_discreet(reader, &self.organisation)
    }
}

/// Only the platform's administrators and the service's own staff know a discreet service.
fn knows_discreet(reader: &Actor, owner: &OdsCode) -> bool {
    reader.kind == ActorKind::Person && (reader.role == Role::PlatformAdmin || reader.org == *owner)
}

#[cfg(test)]
mod tests {
    use lcr_model::{Purpose, SessionId, UserId};

    use super::*;

    fn registry() -> Registry {
        let organisation = |ods: &str| Organisation {
            ods: OdsCode::new(ods),
            name: ods.into(),
            kind: if ods == "NEW" { OrganisationKind::SexualHealth } else { OrganisationKind::Community },
            agreement_signed: true,
            part_of: None,
            serves: vec![],
            state: PartnerState::Live,
        };
        let system = |id: &str, ods: &str, discreet| System {
            id: SourceId::new(id),
            name: id.into(),
            organisation: OdsCode::new(ods),
            base_url: String::new(),
            kind: SystemKind::Community,
            authority: false,
            discreet,
            datasets: BTreeMap::new(),
            rhythm: "real-time".into(),
            default_practice: None,
            suspended: false,
            feed: None,
            setup: SystemSetup::default(),
        };
        Registry {
            organisations: ["OPEN", "BOTH", "QUIET", "NONE", "NEW"].map(organisation).to_vec(),
            systems: vec![
                system("a", "OPEN", false),
                system("b", "BOTH", false),
                system("c", "BOTH", true),
                system("d", "QUIET", true),
            ],
        }
    }

    #[test]
    fn a_system_that_was_live_is_not_joining_again() {
        let mut system = registry().systems.remove(0);
        assert!(!system.is_joining(), "a row of the version before is live");
        system.setup.live = false;
        assert!(system.is_joining() && system.is_stopped(), "never live");
        system.setup.live = true;
        system.setup.end_live();
        assert!(!system.is_joining() && system.is_stopped());
        system.setup.end_live();
        assert!(system.setup.was_live, "ending it twice forgets nothing");
    }

    #[test]
    fn an_organisation_with_discreet_systems_alone_is_never_named() {
        let registry = registry();
        let named: Vec<&str> = registry.nameable().map(|one| one.ods.as_str()).collect();
        assert_eq!(named, ["OPEN", "BOTH", "NONE"]);
    }

    #[test]
    fn only_its_own_staff_and_the_platforms_administrators_know_a_discreet_service() {
        let registry = registry();
        let known = |kind, role, org: &str| {
            let (user, session) = (UserId("u".into()), SessionId::new());
            let purpose = Purpose::Administration;
            let reader = Actor { user, kind, name: String::new(), org: OdsCode::new(org), role, purpose, session };
            let organisations: Vec<&str> = registry.nameable_to(&reader).map(|one| one.ods.as_str()).collect();
            let systems = registry.systems.iter().filter(|one| one.is_nameable_to(&reader));
            (organisations.join(" "), systems.map(|one| one.id.as_str()).collect::<String>())
        };
        let person = ActorKind::Person;
        for (reader, organisations, systems) in [
            (known(person, Role::Gp, "OPEN"), "OPEN BOTH NONE", "ab"),
            (known(person, Role::OrgAdmin, "BOTH"), "OPEN BOTH NONE", "abc"),
            (known(person, Role::WardNurse, "QUIET"), "OPEN BOTH QUIET NONE", "abd"),
            (known(person, Role::PlatformAdmin, "OPEN"), "OPEN BOTH QUIET NONE NEW", "abcd"),
            (known(ActorKind::Client, Role::FhirClient, "QUIET"), "OPEN BOTH NONE", "ab"),
            (known(ActorKind::Patient, Role::Patient, "QUIET"), "OPEN BOTH NONE", "ab"),
        ] {
            assert_eq!(reader, (organisations.to_owned(), systems.to_owned()));
        }
    }
}
