//! Which links and forms the portal offers each role. This grants nothing: the services decide what a reader may see,
//! and a link offered by mistake leads to a refusal.

use lcr_model::Role;

/// Roles that read the log and review choices, for the whole city.
pub(crate) const OFFICER_ROLES: [Role; 2] = [Role::PrivacyOfficer, Role::CaldicottGuardian];
pub(crate) const PATIENT_ROLES: [Role; 2] = [Role::Patient, Role::ProxyParent];
/// Roles that record a choice for a person registered with their practice.
pub(crate) const PRACTICE_ROLES: [Role; 3] = [Role::Gp, Role::PracticeManager, Role::Receptionist];
/// Roles that see waiting messages from hospitals.
pub(crate) const MESSAGE_ROLES: [Role; 3] = [Role::DataSteward, Role::PlatformAdmin, Role::OrgAdmin];
/// Roles with lists of people in hospital.
const WARD_LIST_ROLES: [Role; 9] = [
    Role::Gp,
    Role::PracticeManager,
    Role::Receptionist,
    Role::Consultant,
    Role::EdClinician,
    Role::WardNurse,
    Role::CommunityNurse,
    Role::MentalHealth,
    Role::SocialWorker,
];

pub(crate) fn has_ward_lists(role: Role) -> bool {
    WARD_LIST_ROLES.contains(&role)
}
