//! What an objection closes, and who learns of it.

use super::*;

#[test]
fn each_direction_of_an_objection_closes_only_what_it_names() {
    let mut other = system("other", false, false, DatasetSwitch::On);
    other.organisation = OdsCode::new("Z9H02");
    let systems = [system("on", false, false, DatasetSwitch::On), other];
    let gp = actor(Role::Gp, PRACTICE);
    let with = |direction, ods| Facts { objections: objection(direction, Some(ods)), ..permitted_facts(&systems) };
    assert_eq!(open(&gp, &with(Direction::Into, PRACTICE)), Err(Refusal::Objected));
    assert!(open(&gp, &with(Direction::Into, "Z9H01")).is_ok(), "somebody else may not, this practice may");
    let grant = open(&gp, &with(Direction::OutOf, "Z9H01")).unwrap();
    assert!(grant.grants.iter().all(|(source, _)| source.as_str() == "other"));
    let opted = |one: &(SourceId, Dataset, WithheldReason)| one.2 == WithheldReason::OptedOut;
    assert!(grant.withheld.iter().any(|one| one.0.as_str() == "on" && opted(one)));
}

#[test]
fn only_a_reader_with_a_relationship_learns_of_an_objection() {
    let systems = [system("h", false, false, DatasetSwitch::On)];
    let objected = Facts { objections: objection(Direction::Whole, None), ..permitted_facts(&systems) };
    assert_eq!(open(&actor(Role::Gp, PRACTICE), &objected), Err(Refusal::Objected));
    let stranger = actor(Role::Consultant, "Z9H01");
    let unlinked = Facts { relationships: vec![], ..objected.clone() };
    assert_eq!(open(&stranger, &unlinked), Err(Refusal::NoRelationship), "as if there were no objection");
    // Search finds the patient summary of everybody (ACCESS.md, "Choices").
    let summary = decide(policies(), &stranger, AccessKind::Search, &[Dataset::Demographics], &objected).unwrap();
    assert_eq!(summary.grants.len(), 1);
}
