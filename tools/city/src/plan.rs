//! The plan of the city: its organisations and systems as plain strings, to fill a registry. It must contain no person and
//! no secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod organisations;
mod practices;
mod systems;

pub(crate) use organisations::TEAMS;
pub(crate) use practices::{ANYWHERE, PRACTICES, Practice, anywhere, district, in_the_old_town};
pub(crate) use systems::Source;

/// Organisations and their systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub organisations: Vec<PlanOrganisation>,
    pub systems: Vec<PlanSystem>,
}

/// An organisation; `kind` is one of gp-practice, neighbourhood-team, acute, hospital-site, community, mental-health,
/// social-care, sexual-health, out-of-hours, ambulance, pharmacy, care-home, commissioner, authority, record-office. A hub of
/// extended access has the kind out-of-hours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrganisation {
    pub ods: String,
    pub name: String,
    pub kind: String,
    pub agreement_signed: bool,
    /// The neighbourhood team of a practice, the trust of a hospital's site, the organisation of a team.
    #[serde(default)]
    pub part_of: Option<String>,
    /// The practices for whose patients a hub holds sessions.
    #[serde(default)]
    pub serves: Vec<String>,
}

/// How a system sends: HL7 v2 messages, FHIR Bundles or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFeed {
    /// (MSH-3, MSH-4) of its messages.
    pub senders: Vec<(String, String)>,
    /// "default" or "itk": the position of ward and bed in PV1-3.
    pub profile: String,
    /// Whether it sends training messages. No system of the city does.
    pub training: bool,
}

/// A source system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSystem {
    pub id: String,
    pub name: String,
    /// The ODS code of the organisation that owns it.
    pub organisation: String,
    /// Empty for a system that only sends.
    pub base_url: String,
    /// gp, hospital, community, mental-health, social-care, authority, discreet, care-home, pharmacy, ambulance or
    /// out-of-hours.
    pub kind: String,
    pub authority: bool,
    pub discreet: bool,
    /// Each dataset as "on", "not-agreed" or "not-connected".
    pub datasets: BTreeMap<String, String>,
    /// "real-time" or "nightly".
    pub rhythm: String,
    /// The practices of a GP system; for any other system its owner.
    pub organisations_served: Vec<String>,
    /// None for a system that sends no messages.
    #[serde(default)]
    pub feed: Option<PlanFeed>,
}

/// The city's organisations.
pub fn organisations() -> Vec<PlanOrganisation> {
    organisations::all()
}

impl Plan {
    /// The plan with the ports of the sources, in the order of `Source::ALL`.
    pub(crate) fn at(ports: &[u16]) -> Self {
        let asked = Source::ALL.iter().zip(ports).map(|(source, port)| source.plan(Some(*port)));
        let systems = asked.chain(Source::SENDING_ONLY.iter().map(|source| source.plan(None))).collect();
        Self { organisations: organisations::all(), systems }
    }
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
