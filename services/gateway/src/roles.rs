//! Which links and forms the portal offers each role. This grants nothing: the services decide what a reader may see,
//! and a link offered by mistake leads to a refusal.

use lcr_model::Role;

/// Roles that read the log and review choices, for the whole city.
pub(crate) const OFFICER_ROLES: [Role; 2] = [Role::PrivacyOfficer, Role::CaldicottGuardian];
pub(crate) const PATIENT_ROLES: [Role; 2] = [Role::Patient, Role::ProxyParent];
/// Roles that record a choice for a person registered with their practice.
pub(crate) const PRACTICE_ROLES: [Role; 3] = [Role::Gp, Role::PracticeManager, Role::Receptionist];
/// Roles that read the access rules.
pub(crate) const RULES_ROLES: [Role; 3] = [Role::PrivacyOfficer, Role::CaldicottGuardian, Role::PlatformAdmin];
/// Roles that see waiting messages from hospitals.
pub(crate) const MESSAGE_ROLES: [Role; 3] = [Role::DataSteward, Role::PlatformAdmin, Role::OrgAdmin];
/// Roles that take an organisation through its steps, and officers, who sign for it. Others who sign reach its pages by their
/// address.
pub(crate) const PARTNER_ROLES: [Role; 4] =
    [Role::OrgAdmin, Role::PlatformAdmin, Role::PrivacyOfficer, Role::CaldicottGuardian];
/// Roles that search for people.
const SEARCH_ROLES: [Role; 17] = [
    Role::Gp,
    Role::PracticeManager,
    Role::Receptionist,
    Role::Consultant,
    Role::EdClinician,
    Role::WardNurse,
    Role::CommunityNurse,
    Role::SocialWorker,
    Role::ChildrensSocialWorker,
    Role::MentalHealth,
    Role::Pharmacist,
    Role::Paramedic,
    Role::OutOfHoursGp,
    Role::CareHome,
    Role::PrivacyOfficer,
    Role::CaldicottGuardian,
    Role::DataSteward,
];
/// Roles that work in a hospital and see its wards.
pub(crate) const HOSPITAL_ROLES: [Role; 4] = [Role::Consultant, Role::EdClinician, Role::WardNurse, Role::MentalHealth];
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

/// Roles that open records, and so may have people in their care.
pub(crate) fn has_care_list(role: Role) -> bool {
    can_search(role) && !OFFICER_ROLES.contains(&role) && role != Role::DataSteward
}

pub(crate) fn has_ward_lists(role: Role) -> bool {
    WARD_LIST_ROLES.contains(&role)
}

pub(crate) fn can_search(role: Role) -> bool {
    SEARCH_ROLES.contains(&role)
}

/// What the role can do here, for its home page.
pub(crate) fn abilities(role: Role) -> &'static str {
    match role {
        Role::Gp => {
            "You can find a person, open the records of people registered with your practice or with a practice that your \
             service works for, see who of your own is in hospital, and record a choice about sharing for them. Another \
             record may open after you say why you are involved."
        }
        Role::PracticeManager | Role::Receptionist => {
            "You can find a person, see appointments and titles of letters of people registered with your practice, see \
             who of them is in hospital, and record a choice about sharing for them. You see no clinical detail."
        }
        Role::Consultant | Role::EdClinician | Role::WardNurse => {
            "You can find a person, see who is on each ward, and open the records of people whom your hospital cares for: \
             during a stay and for 28 days after it, and while a referral, an appointment or a meeting about them is \
             recorded. Another record may open after you say why you are involved."
        }
        Role::MentalHealth => {
            "You can find a person, see who is on each ward, and open the records of people whom your organisation cares \
             for: during a stay and for 28 days after it, and while a referral, an appointment, a caseload or a meeting \
             about them is recorded. Another record may open after you say why you are involved."
        }
        Role::CommunityNurse | Role::SocialWorker => {
            "You can find a person and see who of your area is in hospital. A record opens while it is recorded that your \
             organisation cares for the person. Another record may open after you say why you are involved."
        }
        Role::OutOfHoursGp => {
            "You can find a person. A record opens during an open case at your service, and if the person is registered with \
             a practice that your service works for. Another record may open after you say why you are involved."
        }
        Role::ChildrensSocialWorker | Role::Pharmacist | Role::Paramedic | Role::CareHome => {
            "You can find a person. A record opens while it is recorded that your organisation cares for the person. Another \
             record may open after you say why you are involved."
        }
        Role::PrivacyOfficer | Role::CaldicottGuardian => {
            "You can search the log, see who has looked at a person's record, and review choices about sharing and reasons \
             for opening a record. You see no clinical record."
        }
        Role::DataSteward => {
            "You can compare two records with one NHS number and read messages that wait. You see no clinical record."
        }
        Role::OrgAdmin => {
            "You can take your organisation through the steps to live data, manage its systems, its people and their sign-in, \
             read messages from hospitals that wait, and see the state of the sources. You see no patient's record."
        }
        Role::PlatformAdmin => {
            "You can see how far each organisation has come, help it with its systems, read messages from hospitals that wait, \
             and see the state of the sources. You see no patient's record."
        }
        Role::Commissioner => "You can see the state of the sources. You see no patient's record.",
        Role::Patient | Role::ProxyParent => {
            "You can see who has looked at your record, and make choices about sharing."
        }
        Role::FeedsClient | Role::FhirClient => "You can use the API. These pages have nothing for you.",
    }
}

/// How a record opens for the role, if consent has not said it for this person.
pub(crate) fn how_a_record_opens(role: Role) -> &'static str {
    match role {
        Role::Gp => {
            "At a practice a record opens while the person is registered there, or with a practice that it works for, or \
             after you say why you are involved. If they are registered with you, check the registration in your own system."
        }
        Role::PracticeManager | Role::Receptionist => {
            "At a practice a record opens while the person is registered there. If they are registered with you, check the \
             registration in your own system."
        }
        _ if HOSPITAL_ROLES.contains(&role) => {
            "At a hospital a record opens during a stay or an attendance, and for 28 days after it, while a referral or an \
             appointment is recorded, or after you say why you are involved. If they are with you, check that they are \
             registered with the right NHS number."
        }
        Role::OutOfHoursGp => {
            "It opens during an open case at your service, if they are registered with a practice that your service works \
             for, or after you say why you are involved."
        }
        _ => {
            "It opens once your organisation has recorded that it cares for them, or after you say why you are involved."
        }
    }
}

/// Whom to call if the record does not open.
pub(crate) fn whom_to_call(role: Role) -> &'static str {
    match role {
        _ if PRACTICE_ROLES.contains(&role) => "To learn something now, call the practice they are registered with.",
        _ if HOSPITAL_ROLES.contains(&role) => "To learn something now, call their GP practice.",
        _ => "To learn something now, call their GP practice, or use your local system.",
    }
}

#[cfg(test)]
#[path = "roles_tests.rs"]
mod tests;
