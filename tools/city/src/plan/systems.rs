//! The source systems of the city and their datasets. Children's social care has not agreed to share letters and contacts
//! but must answer for them like any other system, so that tests detect a record that queries it.

mod datasets;

use std::collections::BTreeMap;

use datasets::{DATASETS, Giver, NOT_AGREED_BY_CHILDRENS_CARE};

use super::{PRACTICES, PlanFeed, PlanSystem};

/// One source system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    Authority,
    GpEast,
    GpWest,
    StHildas,
    WharfeValley,
    Community,
    MentalHealth,
    AdultSocialCare,
    ChildrensSocialCare,
    SexualHealth,
    GpNorth,
    GpSouth,
    GpCentral,
    CareHome,
    Pharmacy,
    Ambulance,
    OutOfHours,
}

struct Facts {
    id: &'static str,
    name: &'static str,
    owner: &'static str,
    owner_name: &'static str,
    kind: &'static str,
    /// The prefix of the system's local ids. It shows where a misplaced id came from.
    id_prefix: &'static str,
    rhythm: &'static str,
    giver: Giver,
}

#[rustfmt::skip]
impl Source {
    /// The systems that answer, in the order of their ports.
    pub(crate) const ALL: [Self; 13] = [
        Self::Authority, Self::GpEast, Self::GpWest, Self::StHildas, Self::WharfeValley, Self::Community,
        Self::MentalHealth, Self::AdultSocialCare, Self::ChildrensSocialCare, Self::SexualHealth, Self::GpNorth,
        Self::GpSouth, Self::GpCentral,
    ];
    /// The systems that only send.
    pub(crate) const SENDING_ONLY: [Self; 4] = [Self::CareHome, Self::Pharmacy, Self::Ambulance, Self::OutOfHours];

    fn facts(self) -> Facts {
        let (id, name, owner, owner_name, kind, id_prefix, rhythm, giver) = match self {
            Self::Authority => ("authority", "Demographics authority", "Z9D01", "Demographics Authority", "authority", "D", "real-time", Giver::DemographicsOnly),
            Self::GpEast => ("gp-east", "GP (east)", "Y90001", "Beckside Surgery", "gp", "E", "real-time", Giver::Gp),
            Self::GpWest => ("gp-west", "GP (west)", "Y90002", "Flaxley Medical Centre", "gp", "W", "real-time", Giver::Gp),
            Self::StHildas => ("st-hildas", "St Hilda's Hospitals", "Z9H01", "St Hilda's Hospitals", "hospital", "SH", "real-time", Giver::Hospital),
            Self::WharfeValley => ("wharfe-valley", "Wharfe Valley Hospital", "Z9H02", "Wharfe Valley Hospital", "hospital", "WV", "real-time", Giver::Hospital),
            Self::Community => ("community", "Community", "Z9C01", "Aire Community Healthcare", "community", "CM", "real-time", Giver::Community),
            Self::MentalHealth => ("mental-health", "Mental health", "Z9M01", "Northgate Mental Health", "mental-health", "MH", "real-time", Giver::MentalHealth),
            Self::AdultSocialCare => ("adult-social-care", "Adult social care", "Z9S01", "Adult Social Care", "social-care", "AS", "nightly", Giver::SocialCare),
            Self::ChildrensSocialCare => ("childrens-social-care", "Children's social care", "Z9S02", "Children's Social Care", "social-care", "CS", "nightly", Giver::SocialCare),
            Self::SexualHealth => ("sexual-health", "Sexual health", "Z9X01", "Canalside Sexual Health", "discreet", "XH", "real-time", Giver::Discreet),
            Self::GpNorth => ("gp-north", "GP (north)", "Y90012", PRACTICES[11].name, "gp", "NO", "real-time", Giver::Gp),
            Self::GpSouth => ("gp-south", "GP (south)", "Y90013", PRACTICES[12].name, "gp", "SO", "real-time", Giver::Gp),
            Self::GpCentral => ("gp-central", "GP (central)", "Y90009", PRACTICES[8].name, "gp", "CE", "real-time", Giver::Gp),
            Self::CareHome => ("rowan-house", "Rowan House", "Z9N01", "Rowan House Care Home", "care-home", "RH", "real-time", Giver::DemographicsOnly),
            Self::Pharmacy => ("loom-street", "Loom Street Pharmacy", "Z9P01", "Loom Street Pharmacy", "pharmacy", "LS", "real-time", Giver::DemographicsOnly),
            Self::Ambulance => ("ambulance", "Ambulance service", "Z9A01", "Broad Acres Ambulance Service", "ambulance", "BA", "real-time", Giver::DemographicsOnly),
            Self::OutOfHours => ("out-of-hours", "Out of hours", "Z9O01", "Beacon Out of Hours", "out-of-hours", "BO", "real-time", Giver::DemographicsOnly),
        };
        Facts { id, name, owner, owner_name, kind, id_prefix, rhythm, giver }
    }
}

impl Source {
    pub(crate) fn id(self) -> &'static str {
        self.facts().id
    }

    pub(crate) fn id_prefix(self) -> &'static str {
        self.facts().id_prefix
    }

    pub(crate) fn owner(self) -> (&'static str, &'static str) {
        let facts = self.facts();
        (facts.owner, facts.owner_name)
    }

    pub(crate) fn is_gp(self) -> bool {
        matches!(self, Self::GpEast | Self::GpWest | Self::GpNorth | Self::GpSouth | Self::GpCentral)
    }

    pub(crate) fn is_hospital(self) -> bool {
        matches!(self, Self::StHildas | Self::WharfeValley)
    }

    pub(crate) fn is_social_care(self) -> bool {
        matches!(self, Self::AdultSocialCare | Self::ChildrensSocialCare)
    }

    pub(crate) fn has_dataset(self, dataset: &str) -> bool {
        self.facts().giver.gives(dataset)
    }

    fn state(self, dataset: &str) -> &'static str {
        match self {
            Self::ChildrensSocialCare if NOT_AGREED_BY_CHILDRENS_CARE.contains(&dataset) => "not-agreed",
            _ if self.has_dataset(dataset) => "on",
            _ => "not-connected",
        }
    }

    fn practices_served(self) -> Vec<String> {
        if !self.is_gp() {
            return vec![self.facts().owner.to_owned()];
        }
        PRACTICES.iter().filter(|one| one.system == self).map(|one| one.ods.to_owned()).collect()
    }

    /// MSH-3 and MSH-4 of its HL7 v2 messages, and whether they follow the ITK profile. None for a system that sends none.
    pub(crate) fn sender(self) -> Option<(&'static str, &'static str, bool)> {
        match self {
            Self::StHildas => Some(("HILDAPAS", "Z9H01", false)),
            Self::WharfeValley => Some(("WHARFEPAS", "Z9H02", true)),
            Self::Community => Some(("AIREBEDS", "Z9C01", false)),
            Self::MentalHealth => Some(("NORTHGATE", "Z9M01", false)),
            _ => None,
        }
    }

    /// The sender names of a system that sends FHIR Bundles alone. No HL7 v2 message comes from them.
    fn bundle_sender(self) -> Option<&'static str> {
        match self {
            Self::AdultSocialCare => Some("ADULTCARE"),
            Self::ChildrensSocialCare => Some("CHILDCARE"),
            Self::CareHome => Some("ROWANHOUSE"),
            Self::Pharmacy => Some("LOOMSTREET"),
            Self::Ambulance => Some("BROADACRES"),
            Self::OutOfHours => Some("BEACON"),
            _ => None,
        }
    }

    fn feed(self) -> Option<PlanFeed> {
        let of_bundles = || Some((self.bundle_sender()?, self.facts().owner, false));
        let (application, facility, itk) = self.sender().or_else(of_bundles)?;
        Some(PlanFeed {
            senders: vec![(application.to_owned(), facility.to_owned())],
            profile: if itk { "itk" } else { "default" }.to_owned(),
            training: false,
        })
    }

    /// The row of the plan. A system without a port only sends.
    pub(super) fn plan(self, port: Option<u16>) -> PlanSystem {
        let facts = self.facts();
        let dataset_states: BTreeMap<String, String> =
            DATASETS.iter().map(|(name, _)| ((*name).to_owned(), self.state(name).to_owned())).collect();
        PlanSystem {
            id: facts.id.to_owned(),
            name: facts.name.to_owned(),
            organisation: facts.owner.to_owned(),
            base_url: port.map(|port| format!("http://127.0.0.1:{port}")).unwrap_or_default(),
            kind: facts.kind.to_owned(),
            authority: self == Self::Authority,
            discreet: self == Self::SexualHealth,
            datasets: dataset_states,
            rhythm: facts.rhythm.to_owned(),
            organisations_served: self.practices_served(),
            feed: self.feed(),
        }
    }
}
