//! The organisations of the city. All invented; codes begin Y9 and Z9 so that none can be taken for a real one.

use super::PlanOrganisation;

/// A practice, its share of the people (of 100) and whether its patients live in the eastern GP system.
#[derive(Debug)]
pub(crate) struct Practice {
    pub(crate) ods: &'static str,
    pub(crate) name: &'static str,
    pub(crate) share: u32,
    pub(crate) east: bool,
}

const fn practice(ods: &'static str, name: &'static str, share: u32, east: bool) -> Practice {
    Practice { ods, name, share, east }
}

/// Sizes fall off as they do in a city: a few large practices, several small ones.
pub(crate) const PRACTICES: [Practice; 8] = [
    practice("Y90001", "Beckside Surgery", 26, true),
    practice("Y90002", "Flaxley Medical Centre", 18, false),
    practice("Y90003", "Millbeck Health Centre", 14, true),
    practice("Y90004", "Northgate Hill Practice", 12, false),
    practice("Y90005", "Kirk Lane Surgery", 10, false),
    practice("Y90006", "Waterside Family Doctors", 8, true),
    practice("Y90007", "Gritstone Group Practice", 7, true),
    practice("Y90008", "Highmoor Surgery", 5, false),
];

const OTHERS: [(&str, &str, &str); 13] = [
    ("Z9H01", "St Hilda's Hospitals", "acute"),
    ("Z9H02", "Wharfe Valley Hospital", "acute"),
    ("Z9C01", "Aire Community Healthcare", "community"),
    ("Z9M01", "Northgate Mental Health", "mental-health"),
    ("Z9S01", "Adult Social Care", "social-care"),
    ("Z9S02", "Children's Social Care", "social-care"),
    ("Z9X01", "Canalside Sexual Health", "sexual-health"),
    ("Z9O01", "Beacon Out of Hours", "out-of-hours"),
    ("Z9A01", "Broad Acres Ambulance Service", "ambulance"),
    ("Z9P01", "Loom Street Pharmacy", "pharmacy"),
    ("Z9N01", "Rowan House Care Home", "care-home"),
    ("Z9K01", "City Health Commissioners", "commissioner"),
    ("Z9D01", "Demographics Authority", "authority"),
];

pub(super) fn all() -> Vec<PlanOrganisation> {
    let practices = PRACTICES.iter().map(|one| (one.ods, one.name, "gp-practice"));
    let office = ("Z9L01", "Leeds Care Record Office", "record-office");
    let everyone = practices.chain(OTHERS).chain([office]);
    everyone
        .map(|(ods, name, kind)| PlanOrganisation {
            ods: ods.to_owned(),
            name: name.to_owned(),
            kind: kind.to_owned(),
            agreement_signed: true,
        })
        .collect()
}
