//! What each relationship opens, and which labels it shows.

use super::*;

fn link(kind: CareLinkKind) -> Relationship {
    Relationship::CareLink { kind, organisation: "Beckside".into() }
}

fn claimed() -> Relationship {
    Relationship::SelfClaimed { reason: ClaimReason::Covering }
}

fn launched() -> Relationship {
    Relationship::Launched { organisation: "Beckside".into() }
}

fn opens(role: Role, link: Relationship) -> bool {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    open(&actor(role, PRACTICE), &Facts { relationships: vec![link], ..permitted_facts(&systems) }).is_ok()
}

fn labels(role: Role, link: &Relationship) -> Vec<Label> {
    policies().labels(role, link).into_iter().collect()
}

#[test]
fn each_role_opens_by_the_links_of_its_own_work() {
    for (role, kind, expected) in [
        (Role::CommunityNurse, CareLinkKind::Caseload, true),
        (Role::CommunityNurse, CareLinkKind::UrgentCase, false),
        (Role::SocialWorker, CareLinkKind::SafeguardingEnquiry, true),
        (Role::ChildrensSocialWorker, CareLinkKind::Caseload, true),
        (Role::ChildrensSocialWorker, CareLinkKind::Referral, false),
        (Role::MentalHealth, CareLinkKind::MeetingList, true),
        (Role::Paramedic, CareLinkKind::UrgentCase, true),
        (Role::Paramedic, CareLinkKind::Referral, false),
        (Role::Pharmacist, CareLinkKind::NominatedPharmacy, true),
        (Role::Pharmacist, CareLinkKind::Appointment, false),
        (Role::CareHome, CareLinkKind::Resident, true),
        (Role::CareHome, CareLinkKind::Caseload, false),
        (Role::Consultant, CareLinkKind::Appointment, true),
        (Role::CommunityNurse, CareLinkKind::DischargedTo, true),
        (Role::CareHome, CareLinkKind::DischargedTo, true),
        (Role::SocialWorker, CareLinkKind::DischargedTo, true),
        (Role::MentalHealth, CareLinkKind::DischargedTo, true),
        (Role::OutOfHoursGp, CareLinkKind::DischargedTo, true),
        (Role::Consultant, CareLinkKind::DischargedTo, false),
        (Role::Gp, CareLinkKind::DischargedTo, false),
        (Role::Receptionist, CareLinkKind::DischargedTo, false),
        (Role::Gp, CareLinkKind::Caseload, false),
        (Role::Receptionist, CareLinkKind::Referral, false),
        (Role::PrivacyOfficer, CareLinkKind::Referral, false),
    ] {
        assert_eq!(opens(role, link(kind.clone())), expected, "{role} by {kind}");
    }
    let former = || Relationship::FormerPractice { organisation: "Beckside".into() };
    assert!(opens(Role::Gp, former()) && !opens(Role::Receptionist, former()));
    for role in [Role::Receptionist, Role::PracticeManager, Role::FhirClient, Role::OrgAdmin, Role::Patient] {
        assert!(!opens(role, claimed()) && !opens(role, launched()), "{role}");
    }
}

#[test]
fn a_claim_opens_no_social_care_and_a_session_opens_what_a_gp_sees() {
    let sees = |role, dataset, link: &Relationship| policies().dataset_limits(role, dataset, link).cloned();
    for dataset in [Dataset::SocialCare, Dataset::Safeguarding] {
        assert_eq!(sees(Role::SocialWorker, dataset, &claimed()), None, "{dataset}");
        assert!(sees(Role::SocialWorker, dataset, &link(CareLinkKind::Caseload)).is_some(), "{dataset}");
    }
    let session = Relationship::PracticeSession { organisation: "Beckside".into() };
    for dataset in Dataset::ALL.iter().copied() {
        let gp = sees(Role::Gp, dataset, &registered());
        assert_eq!(sees(Role::OutOfHoursGp, dataset, &session), gp, "{dataset}");
    }
    assert_eq!(sees(Role::OutOfHoursGp, Dataset::Results, &link(CareLinkKind::UrgentCase)), None);
}

#[test]
fn a_launch_that_nothing_confirms_opens_what_a_claim_opens() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let launch = Facts { relationships: vec![launched()], ..permitted_facts(&systems) };
    let unheld = Facts { unconfirmed_launch: true, ..launch.clone() };
    let claim = Facts { relationships: vec![claimed()], ..launch.clone() };
    let worker = actor(Role::SocialWorker, PRACTICE);
    let [launch, unheld, claim] = [launch, unheld, claim].map(|facts| open(&worker, &facts).unwrap());
    assert!(launch.grants.iter().any(|(_, dataset)| *dataset == Dataset::SocialCare));
    assert_eq!((&unheld.grants, &unheld.labels, &unheld.hide), (&claim.grants, &claim.labels, &claim.hide));
    assert_eq!(unheld.relationship, Some(launched()), "the log says how the reader came");
}

#[test]
fn of_several_links_the_one_that_shows_most_opens_the_record() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let both = vec![link(CareLinkKind::Referral), link(CareLinkKind::Caseload)];
    let facts = Facts { relationships: both, ..permitted_facts(&systems) };
    let grant = open(&actor(Role::MentalHealth, PRACTICE), &facts).unwrap();
    assert_eq!(grant.relationship, Some(link(CareLinkKind::Caseload)));
    assert!(grant.labels.contains(&Label::Restricted) && grant.labels.contains(&Label::MentalHealth));
}

#[test]
fn the_log_keeps_an_enquiry_about_a_restricted_person() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let worker = actor(Role::SocialWorker, PRACTICE);
    let recorded = |kind: CareLinkKind, what| {
        let relationships = vec![link(kind)];
        let facts = Facts { relationships, restricted: true, ..permitted_facts(&systems) };
        decide(policies(), &worker, what, Dataset::ALL, &facts).unwrap().relationship
    };
    for what in [AccessKind::Record, AccessKind::CareList] {
        let enquiry = recorded(CareLinkKind::SafeguardingEnquiry, what);
        assert_eq!(enquiry, Some(link(CareLinkKind::SafeguardingEnquiry)), "its looks are withheld from the person");
        assert_eq!(recorded(CareLinkKind::Caseload, what), Some(Relationship::InYourCare), "names no place");
    }
}

#[test]
fn a_list_row_keeps_its_limit_beside_a_link_that_opens_the_record() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let relationships = vec![link(CareLinkKind::Caseload), team_area()];
    let facts = Facts { relationships, ..permitted_facts(&systems) };
    let nurse = actor(Role::CommunityNurse, PRACTICE);
    let row = decide(policies(), &nurse, AccessKind::WardList, Dataset::ALL, &facts).unwrap();
    assert!(row.clearances.contains(&Clearance::WardListRowOnly));
    assert!(row.grants.iter().all(|(_, dataset)| *dataset == Dataset::Encounters));
}

#[test]
fn each_label_is_seen_by_those_who_give_that_care() {
    use Label::{MentalHealth, Restricted, Safeguarding};
    for (role, link, seen) in [
        (Role::Gp, registered(), vec![Restricted, MentalHealth, Safeguarding]),
        (Role::Gp, launched(), vec![]),
        (Role::WardNurse, in_hospital(), vec![Restricted]),
        (Role::EdClinician, in_hospital(), vec![Restricted]),
        (Role::Consultant, left_hospital(), vec![]),
        (Role::CommunityNurse, link(CareLinkKind::Caseload), vec![Restricted]),
        (Role::MentalHealth, link(CareLinkKind::Referral), vec![MentalHealth]),
        (Role::MentalHealth, link(CareLinkKind::DischargedTo), vec![MentalHealth]),
        (Role::SocialWorker, link(CareLinkKind::Caseload), vec![Safeguarding]),
        (Role::ChildrensSocialWorker, link(CareLinkKind::SafeguardingEnquiry), vec![Safeguarding]),
        (Role::SocialWorker, claimed(), vec![]),
        (Role::Receptionist, registered(), vec![]),
    ] {
        assert_eq!(labels(role, &link), seen, "{role}, {link}");
    }
}
