//! The plan of the city: who is in it and what their systems offer, in plain strings, for whoever fills a
//! registry from it. It holds no person and no secret.

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
/// social-care, sexual-health, out-of-hours, ambulance, pharmacy, care-home, commissioner, authority, record-office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrganisation {
    pub ods: String,
    pub name: String,
    pub kind: String,
    pub agreement_signed: bool,
    /// The neighbourhood team of a practice, the trust of a hospital's site.
    #[serde(default)]
    pub part_of: Option<String>,
}

/// How a system sends HL7 v2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanFeed {
    /// (MSH-3, MSH-4) of its messages.
    pub senders: Vec<(String, String)>,
    /// "default" or "itk": where ward and bed stand in PV1-3.
    pub profile: String,
    /// Whether it sends training messages; none of the city's does.
    pub training: bool,
}

/// A source system.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSystem {
    pub id: String,
    pub name: String,
    /// The ODS code of the organisation that owns it.
    pub organisation: String,
    pub base_url: String,
    /// gp, hospital, community, mental-health, social-care, authority or discreet.
    pub kind: String,
    pub authority: bool,
    pub discreet: bool,
    /// Each dataset as "on", "not-agreed" or "not-connected".
    pub datasets: BTreeMap<String, String>,
    /// "real-time" or "nightly".
    pub rhythm: String,
    /// The practices behind a GP system that serves several; else its owner alone.
    pub organisations_served: Vec<String>,
    /// None for a system that is only asked.
    #[serde(default)]
    pub feed: Option<PlanFeed>,
}

/// The units of agreements and record sections, as the record names them.
pub(crate) const DATASETS: [&str; 17] = [
    "demographics",
    "diagnoses",
    "medications",
    "allergies",
    "results",
    "documents",
    "referrals",
    "appointments",
    "encounters",
    "procedures",
    "immunisations",
    "contacts",
    "social-care",
    "care-plans",
    "end-of-life",
    "safeguarding",
    "alerts",
];

/// The city's organisations, without any of its systems.
pub fn organisations() -> Vec<PlanOrganisation> {
    organisations::all()
}

impl Plan {
    /// The plan with each source at the port it was given, in the order of `Source::ALL`.
    pub(crate) fn at(ports: &[u16]) -> Self {
        let systems = Source::ALL.iter().zip(ports).map(|(source, port)| source.plan(*port)).collect();
        Self { organisations: organisations::all(), systems }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_has_an_owner_and_says_something_about_every_dataset() {
        let ports: Vec<u16> = (1..=13).collect();
        let plan = Plan::at(&ports);
        assert_eq!(plan.systems.len(), 13);
        for system in &plan.systems {
            let known = |ods: &String| plan.organisations.iter().any(|one| &one.ods == ods);
            assert!(known(&system.organisation), "{} has no owner", system.id);
            assert!(system.organisations_served.iter().all(known));
            assert!(DATASETS.iter().all(|dataset| system.datasets.contains_key(*dataset)));
        }
        let state = |id: &str, dataset: &str| {
            plan.systems.iter().find(|one| one.id == id).map(|one| one.datasets[dataset].clone())
        };
        assert_eq!(state("mental-health", "medications").as_deref(), Some("not-connected"));
        assert_eq!(state("childrens-social-care", "social-care").as_deref(), Some("not-agreed"));
        assert_eq!(state("gp-east", "medications").as_deref(), Some("on"));
    }
}
