//! The matrix of roles and datasets, and the links that open a record to each role. A role without a rule must be said to see
//! nothing.

use lcr_contracts::claims::AccessRules;
use lcr_model::{Clearance, Dataset, Role};

use crate::layout::{format::capitalise, link_words::link_words};

/// What the roles see, one row for each role that sees anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Matrix {
    pub datasets: Vec<&'static str>,
    pub rows: Vec<MatrixRow>,
    /// The roles that see no dataset of anybody.
    pub nothing: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MatrixRow {
    pub role: String,
    /// One for each dataset.
    pub cells: Vec<MatrixCell>,
    /// What opens a record to the role.
    pub links: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MatrixCell {
    All,
    Part(String),
    Nothing,
}

impl MatrixCell {
    pub fn words(&self) -> &str {
        match self {
            Self::All => "all",
            Self::Part(words) => words,
            Self::Nothing => "nothing",
        }
    }

    pub fn is_nothing(&self) -> bool {
        *self == Self::Nothing
    }
}

pub(crate) fn matrix(rules: &AccessRules) -> Matrix {
    let sees = |role: Role| rules.datasets.iter().any(|rule| rule.role == role);
    let name = |role: Role| capitalise(role_name(role));
    let row = |role: Role| MatrixRow {
        role: name(role),
        cells: Dataset::ALL.iter().map(|dataset| cell(rules, role, *dataset)).collect(),
        links: links(rules, role),
    };
    let roles = || Role::ALL.iter().copied();
    Matrix {
        datasets: Dataset::ALL.iter().map(|dataset| dataset.title()).collect(),
        rows: roles().filter(|role| sees(*role)).map(row).collect(),
        nothing: roles().filter(|role| !sees(*role)).map(|role| role_name(role).to_owned()).collect(),
    }
}

fn cell(rules: &AccessRules, role: Role, dataset: Dataset) -> MatrixCell {
    match rules.datasets.iter().find(|rule| rule.role == role && rule.dataset == dataset) {
        None => MatrixCell::Nothing,
        Some(rule) if rule.limits.is_empty() => MatrixCell::All,
        Some(rule) => {
            let limits: Vec<String> = rule.limits.iter().map(|limit| limit_words(limit)).collect();
            MatrixCell::Part(format!("part: {}", limits.join("; ")))
        }
    }
}

fn links(rules: &AccessRules, role: Role) -> Vec<String> {
    let of_role = rules.relationships.iter().filter(|rule| rule.role == role);
    of_role.map(|rule| capitalise(&link_words(rule.relationship, role, "their"))).collect()
}

/// The role in words. Two roles of machines have one name in the log.
fn role_name(role: Role) -> &'static str {
    match role {
        Role::FhirClient => "computer system that reads",
        Role::FeedsClient => "computer system that sends",
        _ => role.words(),
    }
}

/// A limit in words. One of a later version is shown by its name.
fn limit_words(limit: &str) -> String {
    let words = match Clearance::from(limit) {
        Clearance::DiagnosesFunctional => "diagnoses that matter for daily living",
        Clearance::DocumentsDischarge => "discharge letters",
        Clearance::DocumentsDischargeClinicCarePlan => "discharge letters, clinic letters and care plans",
        Clearance::DocumentsLatestDischarge => "the latest discharge letter",
        Clearance::DocumentsTitles | Clearance::ReferralsTitles => "kind and date",
        Clearance::Encounters12Months => "the last 12 months",
        Clearance::EncountersDates => "dates",
        Clearance::ResultsRenalLiverInr => "kidney, liver and INR",
        Clearance::SafeguardingFlag => "that there is something, not what",
        Clearance::SocialCareServices => "services only",
        Clearance::WardListRowOnly => "the row of a list only",
        Clearance::Other(name) => return name,
    };
    words.to_owned()
}

#[cfg(test)]
#[path = "matrix_tests.rs"]
mod tests;
