//! The two override policies. Which of them is live must be a setting, never a rule of the code.

use std::{fmt, str::FromStr};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Whether staff may override a refusal in an emergency. Which is live is a signed decision of the deployment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OverridePolicy {
    #[default]
    NoOverride,
    EmergencyOverride,
}

impl OverridePolicy {
    /// All shipped policies.
    pub const ALL: [Self; 2] = [Self::NoOverride, Self::EmergencyOverride];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoOverride => "no-override",
            Self::EmergencyOverride => "emergency-override",
        }
    }

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::NoOverride => include_str!("../../../policies/override/no-override.cedar"),
            Self::EmergencyOverride => include_str!("../../../policies/override/emergency-override.cedar"),
        }
    }
}

impl fmt::Display for OverridePolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("`LCR_OVERRIDE_POLICY` is `no-override` or `emergency-override`")]
pub struct UnknownOverridePolicy;

impl FromStr for OverridePolicy {
    type Err = UnknownOverridePolicy;
    fn from_str(name: &str) -> Result<Self, UnknownOverridePolicy> {
        Self::ALL.into_iter().find(|policy| policy.as_str() == name).ok_or(UnknownOverridePolicy)
    }
}
