//! The override policy in force, in words, for the public page and the page of the rules. It must not claim a policy that is
//! not known.

use std::time::Duration;

use lcr_contracts::claims::AccessRules;

use crate::state::Deps;

/// A public page must not wait for consent.
const TIMEOUT: Duration = Duration::from_millis(1500);
const EMERGENCY_OVERRIDE: &str = "emergency-override";
const NO_OVERRIDE: &str = "no-override";

/// Whether an objection may be overridden.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OverridePolicy {
    Never,
    InEmergencies,
    /// Consent did not answer, or names a policy that this version does not know.
    Unknown,
}

/// The policy in force and its version, as the public page says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PolicyInForce {
    pub overrides: OverridePolicy,
    pub version: Option<String>,
}

impl PolicyInForce {
    pub fn of(rules: Option<&AccessRules>) -> Self {
        let overrides = match rules.map(|rules| rules.override_policy.as_str()) {
            Some(NO_OVERRIDE) => OverridePolicy::Never,
            Some(EMERGENCY_OVERRIDE) => OverridePolicy::InEmergencies,
            _ => OverridePolicy::Unknown,
        };
        let version = rules.map(|rules| rules.policy_version.clone()).filter(|version| !version.is_empty());
        Self { overrides, version }
    }

    /// What the policy means, in plain English for patients.
    pub fn meaning(&self) -> &'static str {
        match self.overrides {
            OverridePolicy::Never => {
                "Nobody can see past an objection, also in an emergency. Those caring for you see that you have objected \
                 and nothing else, so they may have to ask you again or repeat tests."
            }
            OverridePolicy::InEmergencies => {
                "Those caring for you see that you have objected and nothing else. In an emergency a clinician may open a \
                 part of your record for 30 minutes: if your life is in danger, if you cannot be asked and need care at \
                 once, or if somebody is at risk of serious harm. They must say why, a privacy officer checks it, and you \
                 can usually see it in your log. What the law keeps back from everybody stays closed."
            }
            OverridePolicy::Unknown => {
                "Those caring for you see that you have objected and nothing else. Whether somebody may see past an \
                 objection in an emergency cannot be shown here right now. Ask your GP practice."
            }
        }
    }

    /// The name of the policy, for those who read the rules.
    pub fn name(&self) -> &'static str {
        match self.overrides {
            OverridePolicy::Never => "No override",
            OverridePolicy::InEmergencies => "Emergency override",
            OverridePolicy::Unknown => "Not known right now",
        }
    }
}

/// The policy in force, for a page that anybody may open.
pub(crate) async fn policy_in_force(deps: &Deps) -> PolicyInForce {
    let rules = tokio::time::timeout(TIMEOUT, deps.consent.rules()).await;
    PolicyInForce::of(rules.ok().and_then(Result::ok).as_ref())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_named_only_if_it_is_known() {
        let policy = |name: &str| {
            let rules =
                AccessRules { policy_version: "1".into(), override_policy: name.into(), ..AccessRules::default() };
            PolicyInForce::of(Some(&rules))
        };
        assert!(policy("no-override").meaning().starts_with("Nobody can see past an objection"));
        assert!(policy("emergency-override").meaning().contains("for 30 minutes"));
        assert_eq!(policy("of-a-later-version").overrides, OverridePolicy::Unknown);
        assert_eq!(PolicyInForce::of(None), PolicyInForce { overrides: OverridePolicy::Unknown, version: None });
    }
}
