//! Which roles may override a refusal under the policy in force, and the datasets that they see, for a link on record pages.
//! It grants nothing: consent decides each override. It must hold nothing about a person.

use std::{sync::Arc, time::Duration};

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::{Consent, claims::AccessRules};
use lcr_model::{Dataset, RelationshipKind, Role};

use crate::cache::timed_value::TimedValue;

/// The policy changes only when consent is restarted.
const FRESH: SignedDuration = SignedDuration::from_mins(5);
/// A page must not wait for a link.
const TIMEOUT: Duration = Duration::from_millis(500);

#[derive(Default)]
pub(crate) struct OverrideRules(TimedValue<AccessRules>);

impl OverrideRules {
    /// The datasets that the role sees. `None` if it may not override, or if the rules are not known.
    pub async fn datasets(&self, consent: &dyn Consent, role: Role, now: Timestamp) -> Option<Vec<Dataset>> {
        let rules = self.load(consent, now).await?;
        let mut links = rules.relationships.iter().filter(|rule| rule.role == role);
        let overrides = links.any(|rule| rule.relationship == RelationshipKind::EmergencyOverride);
        let seen = rules.datasets.iter().filter(|rule| rule.role == role).map(|rule| rule.dataset);
        overrides.then(|| seen.collect())
    }

    async fn load(&self, consent: &dyn Consent, now: Timestamp) -> Option<Arc<AccessRules>> {
        if let Some(rules) = self.0.get(now, FRESH) {
            return Some(rules);
        }
        let rules = tokio::time::timeout(TIMEOUT, consent.rules()).await.ok()?.ok()?;
        Some(self.0.store(now, rules))
    }
}
