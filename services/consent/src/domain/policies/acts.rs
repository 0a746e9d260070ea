//! The actions on a person, and the evaluation of one request. If a policy raises an error, nothing is permitted.

use std::collections::BTreeSet;

use cedar_policy::{Context, Decision, EntityUid, PolicyId, Request, RestrictedExpression};
use lcr_model::{Clearance, OverrideReason, Permission, RelationshipKind, Role};

use super::{Policies, groups::uid, of_one};

/// The facts that policies about a person use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonFacts {
    pub relationship: RelationshipKind,
    pub objected: bool,
    pub agreement_signed: bool,
    pub restricted: bool,
}

impl PersonFacts {
    /// A person with this relationship and no obstacle.
    pub fn unobstructed(relationship: RelationshipKind) -> Self {
        Self { relationship, objected: false, agreement_signed: true, restricted: false }
    }
}

/// The actions on a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    Search,
    Open,
    Locate,
    /// To be shown as a row of a ward list.
    List,
    ReadChoices,
    Choose,
    ReviewChoices,
}

impl Act {
    fn name(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Open => "open",
            Self::Locate => "locate",
            Self::List => "list",
            Self::ReadChoices => "read-choices",
            Self::Choose => "choose",
            Self::ReviewChoices => "review-choices",
        }
    }
}

impl Policies {
    /// Whether `role` may do `act` to a person with these facts.
    pub fn permits(&self, role: Role, act: Act, facts: PersonFacts) -> bool {
        self.act_limits(role, act, facts).is_some()
    }

    /// The limits with which `role` may do `act` to a person with these facts. `None` if it may not.
    pub fn act_limits(&self, role: Role, act: Act, facts: PersonFacts) -> Option<BTreeSet<Clearance>> {
        let pairs = [
            ("relationship".to_owned(), RestrictedExpression::new_string(facts.relationship.to_string())),
            ("objected".to_owned(), RestrictedExpression::new_bool(facts.objected)),
            ("agreement_signed".to_owned(), RestrictedExpression::new_bool(facts.agreement_signed)),
            ("restricted".to_owned(), RestrictedExpression::new_bool(facts.restricted)),
        ];
        let context = Context::from_pairs(pairs).ok()?;
        let reasons = self.evaluate(role, act.name(), self.any_person(), context)?;
        Some(self.limits_in(&reasons))
    }

    /// Whether `role` may say that it is involved, with this permission of the person.
    pub fn permits_claim(&self, role: Role, permission: &Permission) -> bool {
        let context = of_one("permission", permission.as_str());
        self.evaluate(role, "claim", self.any_person(), context).is_some()
    }

    /// Whether `role` may override a refusal for this reason.
    pub fn permits_override(&self, role: Role, reason: &OverrideReason) -> bool {
        self.evaluate(role, "override", self.any_person(), of_one("reason", reason.as_str())).is_some()
    }

    fn any_person(&self) -> EntityUid {
        uid(&self.types.person, "asked")
    }

    /// The limits of the permitting policies. If one of them has no limit, there are none.
    pub(super) fn limits_in(&self, reasons: &[PolicyId]) -> BTreeSet<Clearance> {
        let limits: Option<BTreeSet<Clearance>> =
            reasons.iter().map(|id| self.set.annotation(id, "limit").map(Clearance::from)).collect();
        limits.unwrap_or_default()
    }

    /// The ids of the permitting policies, or `None`.
    pub(super) fn evaluate(
        &self,
        role: Role,
        action: &str,
        resource: EntityUid,
        context: Context,
    ) -> Option<Vec<PolicyId>> {
        let principal = uid(&self.types.role, role.as_str());
        let request = Request::new(principal, uid(&self.types.action, action), resource, context, None).ok()?;
        let response = self.authorizer.is_authorized(&request, &self.set, &self.entities);
        let clean = response.diagnostics().errors().next().is_none();
        (clean && response.decision() == Decision::Allow).then(|| response.diagnostics().reason().cloned().collect())
    }
}
