//! Tests of `plan.rs`.

use super::*;

#[test]
fn every_system_has_an_owner_and_a_state_for_every_dataset() {
    let ports: Vec<u16> = (1..=13).collect();
    let plan = Plan::at(&ports);
    assert_eq!(plan.systems.len(), 17);
    for system in &plan.systems {
        let known = |ods: &String| plan.organisations.iter().any(|one| &one.ods == ods);
        assert!(known(&system.organisation), "{} has no owner", system.id);
        assert!(system.organisations_served.iter().all(known));
        assert_eq!(system.datasets.len(), 17, "{} has a state for every dataset", system.id);
    }
    let state =
        |id: &str, dataset: &str| plan.systems.iter().find(|one| one.id == id).map(|one| one.datasets[dataset].clone());
    assert_eq!(state("mental-health", "medications").as_deref(), Some("not-connected"));
    assert_eq!(state("childrens-social-care", "social-care").as_deref(), Some("on"));
    assert_eq!(state("childrens-social-care", "documents").as_deref(), Some("not-agreed"));
    assert_eq!(state("gp-east", "medications").as_deref(), Some("on"));
}

#[test]
fn six_pilot_teams_and_a_hub_are_rows_of_the_plan_alone() {
    let all = organisations();
    let parts = |parent: &str| all.iter().filter(|one| one.part_of.as_deref() == Some(parent)).count();
    assert_eq!((parts("Z9S01"), parts("Z9S02"), parts("Z9C01")), (2, 2, TEAMS.len() + 2));
    let same_kind = |one: &PlanOrganisation| {
        all.iter().any(|parent| Some(&parent.ods) == one.part_of.as_ref() && parent.kind == one.kind)
    };
    assert!(all.iter().filter(|one| one.part_of.as_deref().is_some_and(|ods| ods.starts_with("Z9S"))).all(same_kind));
    let served: Vec<&str> = all.iter().flat_map(|one| &one.serves).map(String::as_str).collect();
    assert!(served.len() == 4 && served.iter().all(|ods| PRACTICES.iter().any(|one| one.ods == *ods)));
}
