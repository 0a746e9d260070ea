//! The organisations of the city. All are invented. Their codes must begin with Y9 or Z9, which no real organisation has.

use super::PlanOrganisation;
use super::practices::{self, PRACTICES};

/// The thirteen neighbourhood teams (S-34), in the order of their codes.
pub(crate) const TEAMS: [(&str, &str); 13] = [
    ("Z9T01", "Beckside Neighbourhood Team"),
    ("Z9T02", "Flaxley Neighbourhood Team"),
    ("Z9T03", "Millbeck Neighbourhood Team"),
    ("Z9T04", "Northgate Hill Neighbourhood Team"),
    ("Z9T05", "Kirk Lane Neighbourhood Team"),
    ("Z9T06", "Waterside Neighbourhood Team"),
    ("Z9T07", "Gritstone Neighbourhood Team"),
    ("Z9T08", "Highmoor Neighbourhood Team"),
    ("Z9T09", "Aldershaw Neighbourhood Team"),
    ("Z9T10", "Bobbinfield Neighbourhood Team"),
    ("Z9T11", "Cloughton Neighbourhood Team"),
    ("Z9T12", "Dyehouse Neighbourhood Team"),
    ("Z9T13", "East Fold Neighbourhood Team"),
];

/// Hospital sites: code, name, code of the trust. PV1-3 of the messages has the site code.
pub(crate) const SITES: [(&str, &str, &str); 4] = [
    ("Z9H01A", "St Hilda's General", "Z9H01"),
    ("Z9H01B", "St Hilda's Infirmary", "Z9H01"),
    ("Z9H01C", "St Hilda's Women and Children's", "Z9H01"),
    ("Z9H02A", "Wharfe Valley Hospital, Wharfe Rise", "Z9H02"),
];

/// Teams of community and social care: code, name, kind and the organisation that they are part of. The kind is their
/// organisation's, so that both know the same people.
const PARTNER_TEAMS: [(&str, &str, &str, &str); 6] = [
    ("Z9C11", "Aire Community Nursing, East", "community", "Z9C01"),
    ("Z9C12", "Aire Community Nursing, West", "community", "Z9C01"),
    ("Z9S11", "Adult Social Care, East Team", "social-care", "Z9S01"),
    ("Z9S12", "Adult Social Care, West Team", "social-care", "Z9S01"),
    ("Z9S21", "Children's Social Care, East Team", "social-care", "Z9S02"),
    ("Z9S22", "Children's Social Care, West Team", "social-care", "Z9S02"),
];
/// The organisation of the neighbourhood teams' staff.
const COMMUNITY: &str = "Z9C01";

/// The hub of extended access, and how many practices it serves: the largest ones.
const HUB: (&str, &str, &str) = ("Z9E01", "Old Town Extended Access Hub", "out-of-hours");
const SERVED_BY_HUB: usize = 4;

const OTHERS: [(&str, &str, &str); 29] = [
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
    ("Z9P02", "Cloth Yard Pharmacy", "pharmacy"),
    ("Z9P03", "Flaxley Chemist", "pharmacy"),
    ("Z9P04", "Millbeck Pharmacy", "pharmacy"),
    ("Z9P05", "Northgate Hill Pharmacy", "pharmacy"),
    ("Z9P06", "Quarry Gardens Pharmacy", "pharmacy"),
    ("Z9P07", "Rowan Place Chemist", "pharmacy"),
    ("Z9P08", "Wharfe Rise Pharmacy", "pharmacy"),
    ("Z9N01", "Rowan House Care Home", "care-home"),
    ("Z9N02", "Alder Grove Care Home", "care-home"),
    ("Z9N03", "Birch Terrace Nursing Home", "care-home"),
    ("Z9N04", "Fernhill Lodge", "care-home"),
    ("Z9N05", "Heather Close Care Home", "care-home"),
    ("Z9N06", "Larch Avenue Nursing Home", "care-home"),
    ("Z9N07", "Moorside Court", "care-home"),
    ("Z9N08", "Orchard Bank Care Home", "care-home"),
    ("Z9N09", "Weavers Court Nursing Home", "care-home"),
    ("Z9N10", "Yewdale House", "care-home"),
    ("Z9K01", "City Health Commissioners", "commissioner"),
    ("Z9D01", "Demographics Authority", "authority"),
];

pub(super) fn all() -> Vec<PlanOrganisation> {
    let practices = PRACTICES
        .iter()
        .enumerate()
        .map(|(rank, one)| row((one.ods, one.name, "gp-practice"), Some(TEAMS[practices::team(rank)].0)));
    let teams = TEAMS.iter().map(|(ods, name)| row((*ods, *name, "neighbourhood-team"), Some(COMMUNITY)));
    let partners = PARTNER_TEAMS.iter().map(|(ods, name, kind, of)| row((*ods, *name, *kind), Some(*of)));
    let sites = SITES.iter().map(|(ods, name, trust)| row((*ods, *name, "hospital-site"), Some(*trust)));
    let others = OTHERS.iter().map(|one| row(*one, None));
    let office = row(("Z9L01", "Leeds Care Record Office", "record-office"), None);
    let serves = PRACTICES.iter().take(SERVED_BY_HUB).map(|one| one.ods.to_owned()).collect();
    let hub = PlanOrganisation { serves, ..row(HUB, None) };
    practices.chain(teams).chain(partners).chain(others).chain(sites).chain([office, hub]).collect()
}

fn row((ods, name, kind): (&str, &str, &str), part_of: Option<&str>) -> PlanOrganisation {
    PlanOrganisation {
        ods: ods.to_owned(),
        name: name.to_owned(),
        kind: kind.to_owned(),
        agreement_signed: true,
        part_of: part_of.map(str::to_owned),
        serves: vec![],
    }
}
