//! The checks of a source system before it goes live. Their texts must never hold patient data.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The conformance run against a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CheckReport {
    pub at: Timestamp,
    pub checks: Vec<Check>,
}

impl CheckReport {
    /// Whether nothing failed.
    pub fn passed(&self) -> bool {
        have_passed(&self.checks)
    }
}

/// Whether checks were made and none of them failed.
pub fn have_passed(checks: &[Check]) -> bool {
    !checks.is_empty() && checks.iter().all(|check| check.outcome != CheckOutcome::Failed)
}

/// One check of the run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Check {
    /// `reachable`, `tls`, `authentication`, `capability`, `search-<dataset>`, `must-have-<dataset>`, `nhs-number`, `paging`,
    /// `time`.
    pub name: String,
    pub outcome: CheckOutcome,
    /// What was found and what to do about it, in a sentence that the partner can act on. It names no patient.
    pub text: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CheckOutcome {
    Passed,
    Warning,
    Failed,
    /// Not tried, since an earlier check failed or there was nothing to try it on.
    Skipped,
}
