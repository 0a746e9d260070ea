//! Which desks the portal offers a way to, by role. It opens nothing: what a reader may see is decided by the
//! services, and a link that should not have been offered leads to a refusal.

use lcr_model::Role;

/// Whose log and choices the whole city's are.
pub(crate) const OFFICERS: [Role; 2] = [Role::PrivacyOfficer, Role::CaldicottGuardian];
pub(crate) const PATIENTS: [Role; 2] = [Role::Patient, Role::ProxyParent];
/// Who takes a choice for a person registered with them.
pub(crate) const PRACTICE: [Role; 3] = [Role::Gp, Role::PracticeManager, Role::Receptionist];
/// Who sees messages of hospitals that wait to be read.
pub(crate) const MESSAGES: [Role; 3] = [Role::DataSteward, Role::PlatformAdmin, Role::OrgAdmin];
/// Who has a list of people in hospital: practices, teams and wards.
const LISTS: [Role; 9] = [
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

pub(crate) fn has_lists(role: Role) -> bool {
    LISTS.contains(&role)
}
