//! Loads the Cedar policies and evaluates them. Everything not permitted is forbidden.

use std::{
    collections::{BTreeSet, HashMap, HashSet},
    hash::Hasher,
};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use fnv::FnvHasher;
use lcr_contracts::vocabulary::SystemKind;
use lcr_model::{Clearance, Dataset, RelationshipKind, Role};

const ROLES: &str = include_str!("../../policies/roles.cedar");
const PEOPLE: &str = include_str!("../../policies/people.cedar");
const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// The policy version in entries and permits. It changes with the policy text.
fn version_of(text: &str) -> String {
    // FNV-1a names a text. It does not protect it.
    let mut hasher = FnvHasher::default();
    hasher.write(text.as_bytes());
    format!("no-override/{:016x}", hasher.finish())
}

/// Loaded and validated policies.
#[derive(Debug)]
pub struct Policies {
    set: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    types: EntityTypes,
    version: String,
    limits: HashMap<(Role, Dataset), BTreeSet<Clearance>>,
    hidden_kinds: HashSet<(Role, SystemKind)>,
}

#[derive(Debug)]
struct EntityTypes {
    role: EntityTypeName,
    group: EntityTypeName,
    dataset: EntityTypeName,
    dataset_group: EntityTypeName,
    source_kind: EntityTypeName,
    source_group: EntityTypeName,
    person: EntityTypeName,
    action: EntityTypeName,
}

/// The facts that policies about a person use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonFacts {
    pub relationship: RelationshipKind,
    pub objected: bool,
    pub agreement_signed: bool,
    pub restricted: bool,
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
    /// The policies in this repository.
    pub fn shipped() -> Result<Self, String> {
        Self::parse(&format!("{ROLES}\n{PEOPLE}"))
    }

    /// Parses policies of the same schema and validates them.
    pub fn parse(text: &str) -> Result<Self, String> {
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
        let entities = build_entities(&types)?;
        let (limits, hidden_kinds) = (HashMap::new(), HashSet::new());
        let version = version_of(text);
        Ok(Self { set: named, entities, authorizer: Authorizer::new(), types, version, limits, hidden_kinds }
            .precompute())
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// The limits with which `role` sees `dataset`. `None` if the role does not see it.
    pub fn dataset_limits(&self, role: Role, dataset: Dataset) -> Option<BTreeSet<Clearance>> {
        self.limits.get(&(role, dataset)).cloned()
    }

    /// Whether `role` may see data of sources of this kind.
    pub fn can_ask(&self, role: Role, source_kind: &SystemKind) -> bool {
        !self.hidden_kinds.contains(&(role, source_kind.clone()))
    }

    /// Evaluates once what depends on the policies alone. One record needs hundreds of these answers.
    fn precompute(mut self) -> Self {
        for role in Role::ALL {
            for dataset in Dataset::ALL {
                if let Some(limits) = self.evaluate_limits(*role, *dataset) {
                    self.limits.insert((*role, *dataset), limits);
                }
            }
            for kind in &APART_KINDS {
                let permitted =
                    self.evaluate(*role, "ask", uid(&self.types.source_kind, kind.as_str()), Context::empty());
                if permitted.is_none() {
                    self.hidden_kinds.insert((*role, kind.clone()));
                }
            }
        }
        self
    }

    fn evaluate_limits(&self, role: Role, dataset: Dataset) -> Option<BTreeSet<Clearance>> {
        let resource = uid(&self.types.dataset, dataset.as_str());
        self.evaluate(role, "see", resource, Context::empty()).map(|reasons| self.limits_in(&reasons))
    }

    /// The limits of the permitting policies. If one of them has no limit, there are none.
    fn limits_in(&self, reasons: &[cedar_policy::PolicyId]) -> BTreeSet<Clearance> {
        let limits: Option<BTreeSet<Clearance>> =
            reasons.iter().map(|id| self.set.annotation(id, "limit").map(Clearance::from)).collect();
        limits.unwrap_or_default()
    }

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
        let reasons = self.evaluate(role, act.name(), uid(&self.types.person, "asked"), context)?;
        Some(self.limits_in(&reasons))
    }

    /// The ids of the permitting policies, or `None`. If a policy raises an error, nothing is permitted.
    fn evaluate(
        &self,
        role: Role,
        action: &str,
        resource: EntityUid,
        context: Context,
    ) -> Option<Vec<cedar_policy::PolicyId>> {
        let principal = uid(&self.types.role, role.as_str());
        let request = Request::new(principal, uid(&self.types.action, action), resource, context, None).ok()?;
        let response = self.authorizer.is_authorized(&request, &self.set, &self.entities);
        let clean = response.diagnostics().errors().next().is_none();
        (clean && response.decision() == Decision::Allow).then(|| response.diagnostics().reason().cloned().collect())
    }
}

impl EntityTypes {
    fn new() -> Result<Self, String> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(|e| e.to_string());
        Ok(Self {
            role: name("Role")?,
            group: name("Group")?,
            dataset: name("Dataset")?,
            dataset_group: name("DatasetGroup")?,
            source_kind: name("SourceKind")?,
            source_group: name("SourceGroup")?,
            person: name("Person")?,
            action: name("Action")?,
        })
    }
}

fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Roles, datasets and kinds of source with their groups.
fn build_entities(types: &EntityTypes) -> Result<Entities, String> {
    let roles = Role::ALL.iter().map(|role| {
        let groups = role_groups(*role).iter().map(|group| uid(&types.group, group)).collect();
        Entity::new_no_attrs(uid(&types.role, role.as_str()), groups)
    });
    let datasets = Dataset::ALL.iter().map(|dataset| {
        let groups = dataset_groups(*dataset).iter().map(|group| uid(&types.dataset_group, group)).collect();
        Entity::new_no_attrs(uid(&types.dataset, dataset.as_str()), groups)
    });
    let apart = APART_KINDS.iter().map(|kind| {
        let group = [uid(&types.source_group, "apart")].into();
        Entity::new_no_attrs(uid(&types.source_kind, kind.as_str()), group)
    });
    Entities::from_entities(roles.chain(datasets).chain(apart), None).map_err(|e| e.to_string())
}

/// Kinds of source whose data some roles never see.
static APART_KINDS: [SystemKind; 2] = [SystemKind::MentalHealth, SystemKind::SocialCare];

/// The groups of a role in the policies.
fn role_groups(role: Role) -> &'static [&'static str] {
    match role {
        Role::Gp => &["clinicians", "searchers", "practice", "practice-staff", "team"],
        Role::Consultant | Role::EdClinician => &["clinicians", "searchers", "hospital"],
        Role::MentalHealth => &["clinicians", "searchers", "hospital", "team"],
        Role::WardNurse => &["nurses", "searchers", "hospital"],
        Role::CommunityNurse => &["nurses", "searchers", "team"],
        Role::Paramedic | Role::OutOfHoursGp => &["urgent", "searchers"],
        Role::SocialWorker => &["social-workers", "searchers", "team"],
        Role::ChildrensSocialWorker => &["social-workers", "searchers"],
        Role::PracticeManager | Role::Receptionist => &["administration", "searchers", "practice", "practice-staff"],
        Role::FhirClient => &["searchers", "practice"],
        // Officers search, because their enquiries are about a person. They open no record.
        Role::PrivacyOfficer | Role::CaldicottGuardian => &["searchers", "officers"],
        Role::Pharmacist | Role::CareHome | Role::DataSteward => &["searchers"],
        Role::Patient | Role::ProxyParent => &["patients"],
        Role::OrgAdmin | Role::PlatformAdmin | Role::Commissioner | Role::FeedsClient => &[],
    }
}

fn dataset_groups(dataset: Dataset) -> &'static [&'static str] {
    match dataset {
        Dataset::Demographics => &["urgent", "pharmacy", "social", "administration"],
        Dataset::Allergies | Dataset::Medications => &["urgent", "pharmacy", "care-home"],
        Dataset::Diagnoses | Dataset::Immunisations => &["urgent"],
        Dataset::Alerts => &["urgent", "pharmacy", "social"],
        Dataset::CarePlans | Dataset::EndOfLife => &["urgent", "social", "care-home"],
        Dataset::Contacts | Dataset::SocialCare | Dataset::Safeguarding => &["social"],
        Dataset::Appointments => &["administration"],
        Dataset::Results | Dataset::Documents | Dataset::Encounters | Dataset::Referrals | Dataset::Procedures => &[],
    }
}
