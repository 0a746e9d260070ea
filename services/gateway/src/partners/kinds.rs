//! The words for kinds of organisations and systems, and the kinds that a form offers. A kind of another version is shown by
//! its name, and stays on offer to the one that has it.

use lcr_contracts::vocabulary::{OrganisationKind, SystemKind};
use lcr_model::Role;

use crate::{layout::format::capitalise, partners::words::staff_roles};

pub(crate) fn organisation_kind_words(kind: &OrganisationKind) -> String {
    match kind {
        OrganisationKind::GpPractice => "GP practice".into(),
        OrganisationKind::Acute => "Hospital trust".into(),
        OrganisationKind::HospitalSite => "Hospital site".into(),
        OrganisationKind::Community => "Community health service".into(),
        OrganisationKind::MentalHealth => "Mental health service".into(),
        OrganisationKind::SocialCare => "Social care".into(),
        OrganisationKind::SexualHealth => "Sexual health service".into(),
        OrganisationKind::OutOfHours => "Out-of-hours service".into(),
        OrganisationKind::Ambulance => "Ambulance service".into(),
        other => capitalise(&other.as_str().replace('-', " ")),
    }
}

/// The kinds of an organisation that registers: (value, words). A kind beyond them is offered only to the one that has it.
pub(crate) fn organisation_kinds(current: Option<&OrganisationKind>) -> Vec<(String, String)> {
    let mut kinds = vec![
        OrganisationKind::GpPractice,
        OrganisationKind::NeighbourhoodTeam,
        OrganisationKind::Acute,
        OrganisationKind::HospitalSite,
        OrganisationKind::Community,
        OrganisationKind::MentalHealth,
        OrganisationKind::SocialCare,
        OrganisationKind::SexualHealth,
        OrganisationKind::OutOfHours,
        OrganisationKind::Ambulance,
        OrganisationKind::Pharmacy,
        OrganisationKind::CareHome,
        OrganisationKind::Commissioner,
    ];
    kinds.extend(current.filter(|kind| !kinds.contains(kind)).cloned());
    let choices = kinds.iter().map(|kind| (kind.to_string(), organisation_kind_words(kind)));
    no_choice(current.is_some()).into_iter().chain(choices).collect()
}

/// The roles that an organisation of this kind gives to its people: those that identity takes. A kind without roles of its own offers
/// every role, and identity refuses what does not fit.
pub(crate) fn organisation_roles(kind: &OrganisationKind) -> Vec<Role> {
    if kind.own_roles().is_empty() { staff_roles() } else { kind.roles() }
}

pub(crate) fn system_kind_words(kind: &SystemKind) -> String {
    match kind {
        SystemKind::Gp => "GP system".into(),
        SystemKind::Hospital => "Hospital system".into(),
        SystemKind::Community => "Community system".into(),
        SystemKind::MentalHealth => "Mental health system".into(),
        SystemKind::SocialCare => "Social care system".into(),
        SystemKind::Pharmacy => "Pharmacy system".into(),
        SystemKind::Discreet => "System of a service that is never named".into(),
        other => capitalise(&other.as_str().replace('-', " ")),
    }
}

/// The kinds of a system: (value, words).
pub(crate) fn system_kinds(current: Option<&SystemKind>) -> Vec<(String, String)> {
    let mut kinds = vec![
        SystemKind::Gp,
        SystemKind::Hospital,
        SystemKind::Community,
        SystemKind::MentalHealth,
        SystemKind::SocialCare,
        SystemKind::Pharmacy,
        SystemKind::Discreet,
    ];
    kinds.extend(current.filter(|kind| !kinds.contains(kind)).cloned());
    let choices = kinds.iter().map(|kind| (kind.to_string(), system_kind_words(kind)));
    no_choice(current.is_some()).into_iter().chain(choices).collect()
}

/// An empty choice, so that no kind is chosen by accident.
fn no_choice(is_chosen: bool) -> Option<(String, String)> {
    (!is_chosen).then(|| (String::new(), "Choose one".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_organisation_offers_its_own_roles_alone() {
        let practice = organisation_roles(&OrganisationKind::GpPractice);
        assert!(
            practice.contains(&Role::Gp) && practice.contains(&Role::OrgAdmin) && !practice.contains(&Role::Paramedic)
        );
        assert_eq!(organisation_roles(&OrganisationKind::from("of-a-later-version")), staff_roles());
    }

    #[test]
    fn a_kind_of_another_version_stays_on_offer_to_the_one_that_has_it() {
        let later = OrganisationKind::from("of-a-later-version");
        let offered = organisation_kinds(Some(&later));
        assert_eq!(offered.last().unwrap().1, "Of a later version");
        assert_eq!(organisation_kinds(None)[0].1, "Choose one");
        assert_eq!(system_kinds(Some(&SystemKind::Gp))[0].0, "gp");
    }
}
