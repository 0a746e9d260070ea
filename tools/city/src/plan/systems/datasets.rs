//! The datasets of the platform, and which systems of the city give each. It must be the only list of them in this crate: a
//! dataset that is missing here is on no record of the city.

use Giver::{Community, Discreet, Gp, Hospital, MentalHealth, SocialCare};

/// A kind of system, by the datasets that it gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Giver {
    /// It gives what every system gives.
    DemographicsOnly,
    Gp,
    Hospital,
    Community,
    MentalHealth,
    SocialCare,
    Discreet,
}

/// The dataset that every system gives.
const DEMOGRAPHICS: &str = "demographics";

/// Each dataset with the systems that give it. The names are equal to those of the platform.
pub(super) const DATASETS: [(&str, &[Giver]); 17] = [
    (DEMOGRAPHICS, &[]),
    ("diagnoses", &[Gp, Hospital, Community, MentalHealth, Discreet]),
    ("medications", &[Gp, Hospital, Community, Discreet]),
    ("allergies", &[Gp, Hospital, Community, MentalHealth]),
    ("results", &[Gp, Hospital, Discreet]),
    ("documents", &[Gp, Hospital, Community, MentalHealth, SocialCare]),
    ("referrals", &[Gp, Hospital, Community, MentalHealth]),
    ("appointments", &[Gp, Hospital, Community, MentalHealth, Discreet]),
    ("encounters", &[Gp, Hospital, Community, MentalHealth, Discreet]),
    ("procedures", &[Gp, Hospital]),
    ("immunisations", &[Gp]),
    ("contacts", &[Gp, Hospital, Community, MentalHealth, SocialCare]),
    ("social-care", &[SocialCare]),
    ("care-plans", &[Gp, Community, MentalHealth, SocialCare]),
    ("end-of-life", &[Gp, Hospital, Community]),
    ("safeguarding", &[Gp, Hospital, Community, MentalHealth, SocialCare]),
    ("alerts", &[Gp, Hospital, Community, MentalHealth, SocialCare]),
];

/// What children's social care holds and has not agreed to share: other people's names and letters.
pub(super) const NOT_AGREED_BY_CHILDRENS_CARE: [&str; 2] = ["contacts", "documents"];

impl Giver {
    pub(super) fn gives(self, dataset: &str) -> bool {
        dataset == DEMOGRAPHICS || DATASETS.iter().any(|(name, givers)| *name == dataset && givers.contains(&self))
    }
}
