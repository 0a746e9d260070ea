//! The datasets that each kind of system gives. A dataset that is missing here is on no record of the city.

pub(super) const DEMOGRAPHICS: &[&str] = &["demographics"];

pub(super) const GP: &[&str] = &[
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
    "care-plans",
    "end-of-life",
    "safeguarding",
    "alerts",
];

pub(super) const HOSPITAL: &[&str] = &[
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
    "contacts",
    "end-of-life",
    "safeguarding",
    "alerts",
];

pub(super) const COMMUNITY: &[&str] = &[
    "demographics",
    "diagnoses",
    "medications",
    "allergies",
    "documents",
    "referrals",
    "appointments",
    "encounters",
    "contacts",
    "care-plans",
    "end-of-life",
    "safeguarding",
    "alerts",
];

pub(super) const MENTAL_HEALTH: &[&str] = &[
    "demographics",
    "diagnoses",
    "allergies",
    "documents",
    "referrals",
    "appointments",
    "encounters",
    "contacts",
    "care-plans",
    "safeguarding",
    "alerts",
];

pub(super) const SOCIAL_CARE: &[&str] =
    &["demographics", "documents", "contacts", "social-care", "care-plans", "safeguarding", "alerts"];

/// What children's social care holds and has not agreed to share: other people's names and letters.
pub(super) const NOT_AGREED_BY_CHILDRENS_CARE: [&str; 2] = ["contacts", "documents"];

pub(super) const DISCREET: &[&str] =
    &["demographics", "diagnoses", "medications", "results", "appointments", "encounters"];
