//! Loads the Cedar policies and answers what they permit. Everything not permitted is forbidden.

mod acts;
mod groups;
pub mod matrix;
mod override_policy;

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hasher,
    sync::OnceLock,
};

use cedar_policy::{Authorizer, Context, Entities, PolicySet, RestrictedExpression, Schema, ValidationMode, Validator};
use fnv::FnvHasher;
use lcr_contracts::{claims::AccessRules, vocabulary::SystemKind};
use lcr_model::{Clearance, Dataset, Label, OverrideReason, Relationship, RelationshipKind, Role};

pub use acts::{Act, PersonFacts};
pub use override_policy::{OverridePolicy, UnknownOverridePolicy};

use groups::{APART_KINDS, EntityTypes, build_entities, uid};

const SHARED: [&str; 7] = [
    include_str!("../../policies/roles.cedar"),
    include_str!("../../policies/relationships.cedar"),
    include_str!("../../policies/location.cedar"),
    include_str!("../../policies/lists.cedar"),
    include_str!("../../policies/choices.cedar"),
    include_str!("../../policies/labels.cedar"),
    include_str!("../../policies/claims.cedar"),
];
const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// The policy version in entries and permits. It changes with the policy text.
fn version_of(override_policy: OverridePolicy, text: &str) -> String {
    // FNV-1a names a text. It does not protect it.
    let mut hasher = FnvHasher::default();
    hasher.write(text.as_bytes());
    format!("{override_policy}/{:016x}", hasher.finish())
}

/// Loaded and validated policies.
#[derive(Debug)]
pub struct Policies {
    set: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    types: EntityTypes,
    override_policy: OverridePolicy,
    version: String,
    limits: HashMap<(Role, Dataset, RelationshipKind), BTreeSet<Clearance>>,
    /// The roles that see any dataset.
    seeing_roles: HashSet<Role>,
    labels: HashMap<(Role, RelationshipKind), BTreeSet<Label>>,
    override_datasets: HashSet<(Role, Dataset, OverrideReason)>,
    override_labels: HashMap<(Role, OverrideReason), BTreeSet<Label>>,
    hidden_kinds: HashSet<(Role, SystemKind)>,
    /// The rules for pages, once somebody asked: to make them takes longer than many decisions, and anybody may ask.
    rules: OnceLock<AccessRules>,
}

impl Policies {
    /// The policies in this repository.
    pub fn shipped(override_policy: OverridePolicy) -> Result<Self, String> {
        let text = SHARED.join("\n") + override_policy.text();
        let set: PolicySet = text.parse().map_err(|e| format!("{e}"))?;
        // Name each policy by its `@id`: entries and tests cite it.
        let mut named = PolicySet::new();
        for policy in set.policies() {
            let id = policy.annotation("id").ok_or("a policy has no @id")?;
            named.add(policy.new_id(cedar_policy::PolicyId::new(id))).map_err(|e| e.to_string())?;
        }
        let (schema, _) = Schema::from_cedarschema_str(SCHEMA).map_err(|e| e.to_string())?;
        let checked = Validator::new(schema).validate(&named, ValidationMode::Strict);
        if !checked.validation_passed() {
            return Err(checked.to_string());
        }
        let types = EntityTypes::new()?;
        let loaded = Self {
            set: named,
            entities: build_entities(&types)?,
            authorizer: Authorizer::new(),
            types,
            override_policy,
            version: version_of(override_policy, &text),
            limits: HashMap::new(),
            seeing_roles: HashSet::new(),
            labels: HashMap::new(),
            override_datasets: HashSet::new(),
            override_labels: HashMap::new(),
            hidden_kinds: HashSet::new(),
            rules: OnceLock::new(),
        };
        Ok(loaded.precompute())
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    pub fn override_policy(&self) -> OverridePolicy {
        self.override_policy
    }

    /// The policies and entities for an evaluation by Cedar alone. For comparisons only: no decision may use it.
    pub fn cedar(&self) -> (&PolicySet, &Entities) {
        (&self.set, &self.entities)
    }

    /// The limits with which `role` sees `dataset` by this relationship. `None` if the role does not see it.
    pub fn dataset_limits(&self, role: Role, dataset: Dataset, link: &Relationship) -> Option<&BTreeSet<Clearance>> {
        let limits = self.limits.get(&(role, dataset, link.kind()))?;
        match link {
            Relationship::Override { reason } => {
                self.override_datasets.contains(&(role, dataset, reason.clone())).then_some(limits)
            }
            _ => Some(limits),
        }
    }

    /// The labels past which `role` sees by this relationship.
    pub fn labels(&self, role: Role, link: &Relationship) -> BTreeSet<Label> {
        let labels = match link {
            Relationship::Override { reason } => self.override_labels.get(&(role, reason.clone())),
            _ => self.labels.get(&(role, link.kind())),
        };
        labels.cloned().unwrap_or_default()
    }

    /// How much of a record `role` sees by this relationship: the number of its datasets and labels.
    pub fn extent(&self, role: Role, link: &Relationship) -> (usize, usize) {
        let seen = Dataset::ALL.iter().filter(|dataset| self.dataset_limits(role, **dataset, link).is_some());
        (seen.count(), self.labels(role, link).len())
    }

    /// Whether any relationship lets `role` see any dataset.
    pub fn sees_anything(&self, role: Role) -> bool {
        self.seeing_roles.contains(&role)
    }

    /// The relationships that open a record to `role`, without an obstacle.
    pub fn opening_kinds(&self, role: Role) -> Vec<RelationshipKind> {
        let opens = |kind: &RelationshipKind| self.permits(role, Act::Open, PersonFacts::unobstructed(*kind));
        RelationshipKind::ALL.iter().copied().filter(opens).collect()
    }

    /// Whether `role` may see data of sources of this kind.
    pub fn can_ask(&self, role: Role, source_kind: &SystemKind) -> bool {
        !self.hidden_kinds.contains(&(role, source_kind.clone()))
    }

    /// Evaluates once what depends on the policies alone. One record needs hundreds of these answers.
    fn precompute(mut self) -> Self {
        for role in Role::ALL.iter().copied() {
            for kind in &APART_KINDS {
                let source_kind = uid(&self.types.source_kind, kind.as_str());
                if self.evaluate(role, "ask", source_kind, Context::empty()).is_none() {
                    self.hidden_kinds.insert((role, kind.clone()));
                }
            }
            for kind in RelationshipKind::ALL.iter().copied() {
                let facts = PersonFacts::unobstructed(kind);
                if self.permits(role, Act::Open, facts) || self.permits(role, Act::List, facts) {
                    self.precompute_link(role, kind);
                }
            }
            for reason in OverrideReason::OFFERED {
                self.precompute_override(role, &reason);
            }
        }
        self
    }

    fn precompute_link(&mut self, role: Role, kind: RelationshipKind) {
        for dataset in Dataset::ALL {
            let resource = uid(&self.types.dataset, dataset.as_str());
            let reasons = self.evaluate(role, "see", resource, of_one("relationship", kind.as_str()));
            if let Some(reasons) = reasons {
                self.seeing_roles.insert(role);
                let limits = self.limits_in(&reasons);
                self.limits.insert((role, *dataset, kind), limits);
            }
        }
        let seen = self.labels_of(role, "see-label", "relationship", kind.as_str());
        self.labels.insert((role, kind), seen);
    }

    fn precompute_override(&mut self, role: Role, reason: &OverrideReason) {
        for dataset in Dataset::ALL {
            let resource = uid(&self.types.dataset, dataset.as_str());
            if self.evaluate(role, "see-in-override", resource, of_one("reason", reason.as_str())).is_some() {
                self.override_datasets.insert((role, *dataset, reason.clone()));
            }
        }
        let seen = self.labels_of(role, "see-label-in-override", "reason", reason.as_str());
        self.override_labels.insert((role, reason.clone()), seen);
    }

    fn labels_of(&self, role: Role, action: &str, name: &str, value: &str) -> BTreeSet<Label> {
        let is_seen = |label: &Label| {
            let resource = uid(&self.types.label, label.as_str());
            self.evaluate(role, action, resource, of_one(name, value)).is_some()
        };
        Label::KNOWN.into_iter().filter(is_seen).collect()
    }
}

/// A context with one text.
fn of_one(name: &str, value: &str) -> Context {
    let pair = (name.to_owned(), RestrictedExpression::new_string(value.to_owned()));
    // Without its context a request is refused.
    Context::from_pairs([pair]).unwrap_or_else(|_| Context::empty())
}
