//! Tests of `words.rs`.

use super::*;

#[test]
fn a_check_is_named_in_words() {
    assert_eq!(check_words("must-have-care-plans"), "UK Core: Care plans");
    assert_eq!(check_words("search-allergies"), "Search: Allergies");
    assert_eq!(check_words("of-a-later-version"), "Of a later version");
}

#[test]
fn every_stage_but_the_last_has_a_next_one_and_its_way_back() {
    for stage in [Stage::Off, Stage::SafetyTesters, Stage::PilotTeams, Stage::On] {
        assert_eq!(stage_named(stage.as_str()), Some(stage));
        assert_eq!(stage.next().and_then(stage_before), stage.next().map(|_| stage));
    }
}

#[test]
fn no_partner_gives_a_role_of_the_platform_of_patients_or_of_machines() {
    let roles = staff_roles();
    assert!(roles.contains(&Role::OrgAdmin) && roles.contains(&Role::Gp));
    assert!(!roles.contains(&Role::PlatformAdmin) && !roles.contains(&Role::FhirClient));
}
