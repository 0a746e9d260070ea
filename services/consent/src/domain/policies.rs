//! The Cedar policies and the questions asked of them. Everything not permitted is forbidden.

use std::collections::{BTreeSet, HashMap, HashSet};

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicySet, Request,
    RestrictedExpression, Schema, ValidationMode, Validator,
};
use lcr_model::{Dataset, Role};

const ROLES: &str = include_str!("../../policies/roles.cedar");
const PEOPLE: &str = include_str!("../../policies/people.cedar");
const SCHEMA: &str = include_str!("../../policies/schema.cedarschema");

/// The version entries and permits carry: changes with the policy text.
fn version_of(text: &str) -> String {
    // FNV-1a: a name for a text, not a protection of it.
    let hash = text
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    format!("no-override/{hash:016x}")
}

/// Loaded and validated policies.
#[derive(Debug)]
pub struct Policies {
    set: PolicySet,
    entities: Entities,
    authorizer: Authorizer,
    names: Names,
    version: String,
    seen: HashMap<(Role, Dataset), BTreeSet<String>>,
    untold: HashSet<(Role, String)>,
}

#[derive(Debug)]
struct Names {
    role: EntityTypeName,
    group: EntityTypeName,
    dataset: EntityTypeName,
    dataset_group: EntityTypeName,
    source_kind: EntityTypeName,
    source_group: EntityTypeName,
    person: EntityTypeName,
    action: EntityTypeName,
}

/// What the person-level policies are asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PersonFacts<'a> {
    /// One of `relationship.rs`, or `none`.
    pub relationship: &'a str,
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
    /// Shown as a row of a list of people in hospital.
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

    /// Other policies for the same schema.
    pub fn parse(text: &str) -> Result<Self, String> {
        let set: PolicySet = text.parse().map_err(|e| format!("{e}"))?;
        // Policies are known by the name written on them, which is what entries and tests cite.
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
        let names = Names::new()?;
        let entities = entities(&names)?;
        let (seen, untold) = (HashMap::new(), HashSet::new());
        let version = version_of(text);
        Ok(Self { set: named, entities, authorizer: Authorizer::new(), names, version, seen, untold }
            .work_out())
    }

    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether `role` sees `dataset` at all, and with which limits.
    pub fn sees(&self, role: Role, dataset: Dataset) -> Option<BTreeSet<String>> {
        self.seen.get(&(role, dataset)).cloned()
    }

    /// Whether `role` is told what sources of this kind hold.
    pub fn asks(&self, role: Role, source_kind: &str) -> bool {
        !self.untold.contains(&(role, source_kind.to_owned()))
    }

    /// The answers that depend on the policies alone, worked out once: a record asks for them in hundreds.
    fn work_out(mut self) -> Self {
        for role in Role::ALL {
            for dataset in Dataset::ALL {
                if let Some(limits) = self.limits(*role, *dataset) {
                    self.seen.insert((*role, *dataset), limits);
                }
            }
            for kind in APART {
                let asked = self.ask(*role, "ask", uid(&self.names.source_kind, kind), Context::empty());
                if asked.is_none() {
                    self.untold.insert((*role, kind.to_owned()));
                }
            }
        }
        self
    }

    fn limits(&self, role: Role, dataset: Dataset) -> Option<BTreeSet<String>> {
        let resource = uid(&self.names.dataset, dataset.as_str());
        self.ask(role, "see", resource, Context::empty()).map(|reasons| self.limits_in(&reasons))
    }

    /// The limits the permitting policies set; one policy without a limit grants the whole.
    fn limits_in(&self, reasons: &[cedar_policy::PolicyId]) -> BTreeSet<String> {
        let limits: Option<BTreeSet<String>> =
            reasons.iter().map(|id| self.set.annotation(id, "limit").map(str::to_owned)).collect();
        limits.unwrap_or_default()
    }

    /// Whether `role` may do `act` to a person of whom these facts hold.
    pub fn permits(&self, role: Role, act: Act, facts: PersonFacts<'_>) -> bool {
        self.limits_of(role, act, facts).is_some()
    }

    /// The same, with the limits under which; empty where there are none.
    pub fn limits_of(&self, role: Role, act: Act, facts: PersonFacts<'_>) -> Option<BTreeSet<String>> {
        let pairs = [
            ("relationship".to_owned(), RestrictedExpression::new_string(facts.relationship.to_owned())),
            ("objected".to_owned(), RestrictedExpression::new_bool(facts.objected)),
            ("agreement_signed".to_owned(), RestrictedExpression::new_bool(facts.agreement_signed)),
            ("restricted".to_owned(), RestrictedExpression::new_bool(facts.restricted)),
        ];
        let context = Context::from_pairs(pairs).ok()?;
        let reasons = self.ask(role, act.name(), uid(&self.names.person, "asked"), context)?;
        Some(self.limits_in(&reasons))
    }

    /// The ids of the policies that permit, or `None`. A policy that errs permits nothing.
    fn ask(
        &self,
        role: Role,
        action: &str,
        resource: EntityUid,
        context: Context,
    ) -> Option<Vec<cedar_policy::PolicyId>> {
        let principal = uid(&self.names.role, role.as_str());
        let request =
            Request::new(principal, uid(&self.names.action, action), resource, context, None).ok()?;
        let response = self.authorizer.is_authorized(&request, &self.set, &self.entities);
        let clean = response.diagnostics().errors().next().is_none();
        (clean && response.decision() == Decision::Allow)
            .then(|| response.diagnostics().reason().cloned().collect())
    }
}

impl Names {
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

/// Roles in their groups, datasets in theirs.
fn entities(names: &Names) -> Result<Entities, String> {
    let roles = Role::ALL.iter().map(|role| {
        let groups = role_groups(*role).iter().map(|group| uid(&names.group, group)).collect();
        Entity::new_no_attrs(uid(&names.role, role.as_str()), groups)
    });
    let datasets = Dataset::ALL.iter().map(|dataset| {
        let groups = dataset_groups(*dataset).iter().map(|group| uid(&names.dataset_group, group)).collect();
        Entity::new_no_attrs(uid(&names.dataset, dataset.as_str()), groups)
    });
    let apart = APART.iter().map(|kind| {
        let group = [uid(&names.source_group, "apart")].into();
        Entity::new_no_attrs(uid(&names.source_kind, kind), group)
    });
    Entities::from_entities(roles.chain(datasets).chain(apart), None).map_err(|e| e.to_string())
}

/// Kinds of source that some roles are told nothing of.
const APART: [&str; 2] = ["mental-health", "social-care"];

/// The groups the policies speak of.
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
        Role::PracticeManager | Role::Receptionist => {
            &["administration", "searchers", "practice", "practice-staff"]
        }
        Role::FhirClient => &["searchers", "practice"],
        // Who has looked is asked about somebody: the officers find people, and open nobody's record.
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
        Dataset::Results
        | Dataset::Documents
        | Dataset::Encounters
        | Dataset::Referrals
        | Dataset::Procedures => &[],
    }
}
