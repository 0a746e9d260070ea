//! The plan of the city: who is in it and what their systems offer, in plain strings, for whoever fills a
//! registry from it. It holds no person and no secret.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

mod organisations;
mod systems;

pub(crate) use organisations::{PRACTICES, Practice};
pub(crate) use systems::Source;

/// Organisations and their systems.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    pub organisations: Vec<PlanOrganisation>,
    pub systems: Vec<PlanSystem>,
}

/// An organisation; `kind` is one of gp-practice, acute, community, mental-health, social-care,
/// sexual-health, out-of-hours, ambulance, pharmacy, care-home, commissioner, authority, record-office.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanOrganisation {
    pub ods: String,
    pub name: String,
    pub kind: String,
    pub agreement_signed: bool,
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
        let plan = Plan::at(&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(plan.systems.len(), 10);
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
