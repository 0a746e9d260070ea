//! The entities of the policies: roles, datasets, labels and kinds of source, and the groups in which policies name them.

use cedar_policy::{Entities, Entity, EntityId, EntityTypeName, EntityUid};
use lcr_contracts::vocabulary::SystemKind;
use lcr_model::{Dataset, Label, Role};

/// The names of the entity types.
#[derive(Debug)]
pub(super) struct EntityTypes {
    pub role: EntityTypeName,
    group: EntityTypeName,
    pub dataset: EntityTypeName,
    dataset_group: EntityTypeName,
    pub label: EntityTypeName,
    label_group: EntityTypeName,
    pub source_kind: EntityTypeName,
    source_group: EntityTypeName,
    pub person: EntityTypeName,
    pub action: EntityTypeName,
}

impl EntityTypes {
    pub(super) fn new() -> Result<Self, String> {
        let name = |text: &str| text.parse::<EntityTypeName>().map_err(|e| e.to_string());
        Ok(Self {
            role: name("Role")?,
            group: name("Group")?,
            dataset: name("Dataset")?,
            dataset_group: name("DatasetGroup")?,
            label: name("Label")?,
            label_group: name("LabelGroup")?,
            source_kind: name("SourceKind")?,
            source_group: name("SourceGroup")?,
            person: name("Person")?,
            action: name("Action")?,
        })
    }
}

pub(super) fn uid(kind: &EntityTypeName, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(kind.clone(), EntityId::new(id))
}

/// Roles, datasets, labels and kinds of source with their groups.
pub(super) fn build_entities(types: &EntityTypes) -> Result<Entities, String> {
    let entity = |of: &EntityTypeName, id: &str, group: &EntityTypeName, groups: &[&str]| {
        Entity::new_no_attrs(uid(of, id), groups.iter().map(|name| uid(group, name)).collect())
    };
    let roles = Role::ALL.iter().map(|one| entity(&types.role, one.as_str(), &types.group, &role_groups(*one)));
    let datasets = Dataset::ALL
        .iter()
        .map(|one| entity(&types.dataset, one.as_str(), &types.dataset_group, &dataset_groups(*one)));
    let labels =
        Label::KNOWN.into_iter().map(|one| entity(&types.label, one.as_str(), &types.label_group, label_groups(&one)));
    let apart = APART_KINDS.iter().map(|one| entity(&types.source_kind, one.as_str(), &types.source_group, &["apart"]));
    Entities::from_entities(roles.chain(datasets).chain(labels).chain(apart), None).map_err(|e| e.to_string())
}

/// Kinds of source whose data some roles never see.
pub(super) static APART_KINDS: [SystemKind; 2] = [SystemKind::MentalHealth, SystemKind::SocialCare];

/// The groups of a role in the policies.
fn role_groups(role: Role) -> Vec<&'static str> {
    let own: &[&str] = match role {
        Role::Gp => &["clinicians", "practice", "practice-staff", "session-doctors", "team"],
        Role::Consultant => &["clinicians", "hospital", "planned-care"],
        Role::EdClinician => &["clinicians", "hospital", "planned-care", "emergency-care"],
        Role::MentalHealth => &["clinicians", "hospital", "planned-care", "caseload", "team", "receiving"],
        Role::WardNurse => &["nurses", "hospital", "planned-care"],
        Role::CommunityNurse => &["nurses", "planned-care", "caseload", "team", "receiving"],
        Role::Paramedic => &["urgent", "emergency-care"],
        Role::OutOfHoursGp => &["urgent", "emergency-care", "session-doctors", "receiving"],
        Role::SocialWorker => &["social-workers", "planned-care", "caseload", "team", "receiving"],
        Role::ChildrensSocialWorker => &["social-workers", "caseload"],
        Role::PracticeManager | Role::Receptionist => &["administration", "practice", "practice-staff"],
        Role::FhirClient => &["practice"],
        // Officers search, because their enquiries are about a person. They open no record.
        Role::PrivacyOfficer | Role::CaldicottGuardian => &["officers"],
        Role::Patient | Role::ProxyParent => &["patients"],
        Role::CareHome => &["receiving"],
        Role::Pharmacist
        | Role::DataSteward
        | Role::OrgAdmin
        | Role::PlatformAdmin
        | Role::Commissioner
        | Role::FeedsClient => &[],
    };
    let shared = [
        ("searchers", searches(role)),
        ("care-professionals", is_care_professional(role)),
        // A pharmacy and a care home call an ambulance instead.
        ("overriders", is_care_professional(role) && !matches!(role, Role::Pharmacist | Role::CareHome)),
    ];
    own.iter().copied().chain(shared.into_iter().filter(|(_, holds)| *holds).map(|(name, _)| name)).collect()
}

fn searches(role: Role) -> bool {
    !matches!(
        role,
        Role::Patient
            | Role::ProxyParent
            | Role::OrgAdmin
            | Role::PlatformAdmin
            | Role::Commissioner
            | Role::FeedsClient
    )
}

/// Whether the role treats or cares for people itself. Only such a role may say that it is involved.
fn is_care_professional(role: Role) -> bool {
    matches!(
        role,
        Role::Gp
            | Role::Consultant
            | Role::EdClinician
            | Role::WardNurse
            | Role::CommunityNurse
            | Role::SocialWorker
            | Role::ChildrensSocialWorker
            | Role::MentalHealth
            | Role::Pharmacist
            | Role::Paramedic
            | Role::OutOfHoursGp
            | Role::CareHome
    )
}

fn dataset_groups(dataset: Dataset) -> Vec<&'static str> {
    let own: &[&str] = match dataset {
        Dataset::Demographics => &["urgent", "pharmacy", "social", "administration", "serious-harm"],
        Dataset::Allergies | Dataset::Medications => &["urgent", "pharmacy", "care-home"],
        Dataset::Diagnoses | Dataset::Immunisations => &["urgent"],
        Dataset::Alerts => &["urgent", "pharmacy", "social", "serious-harm"],
        Dataset::CarePlans | Dataset::EndOfLife => &["urgent", "social", "care-home"],
        Dataset::Contacts => &["social", "serious-harm"],
        Dataset::SocialCare => &["social", "not-by-claim"],
        Dataset::Safeguarding => &["social", "not-by-claim", "serious-harm"],
        Dataset::Appointments => &["administration"],
        Dataset::Results | Dataset::Encounters => &["emergency"],
        Dataset::Documents | Dataset::Referrals | Dataset::Procedures => &[],
    };
    // What urgent care sees is what an emergency needs.
    let emergency = own.contains(&"urgent").then_some("emergency");
    own.iter().copied().chain(emergency).collect()
}

fn label_groups(label: &Label) -> &'static [&'static str] {
    match label {
        Label::Barred | Label::Unknown | Label::Other(_) => &["never"],
        Label::Restricted | Label::MentalHealth => &["life-threatening"],
        _ => &[],
    }
}
