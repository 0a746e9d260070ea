//! Tests of `matrix.rs`.

use lcr_contracts::claims::{DatasetRule, RelationshipRule};
use lcr_model::RelationshipKind;

use super::*;

#[test]
fn every_role_has_a_cell_for_every_dataset_or_is_said_to_see_nothing() {
    let rule = |dataset, limits: &[&str]| DatasetRule {
        role: Role::Paramedic,
        dataset,
        limits: limits.iter().map(|limit| (*limit).to_owned()).collect(),
    };
    let rules = AccessRules {
        datasets: vec![rule(Dataset::Allergies, &[]), rule(Dataset::Encounters, &["encounters:12-months"])],
        relationships: vec![RelationshipRule { role: Role::Paramedic, relationship: RelationshipKind::UrgentCaseHere }],
        ..AccessRules::default()
    };
    let matrix = matrix(&rules);
    assert_eq!(matrix.rows.len(), 1);
    let row = &matrix.rows[0];
    assert_eq!((row.role.as_str(), row.cells.len()), ("Paramedic", Dataset::ALL.len()));
    let words = |dataset: &str| {
        let at = matrix.datasets.iter().position(|title| *title == dataset).unwrap();
        row.cells[at].words().to_owned()
    };
    assert_eq!(words("Allergies"), "all");
    assert_eq!(words("Encounters"), "part: the last 12 months");
    assert_eq!(words("Results"), "nothing");
    assert_eq!(row.links, ["An open case at their service"]);
    assert_eq!(matrix.nothing.len(), Role::ALL.len() - 1);
    assert!(matrix.nothing.iter().all(|name| !name.is_empty()));
    let names: std::collections::HashSet<_> = matrix.nothing.iter().collect();
    assert_eq!(names.len(), matrix.nothing.len(), "no two roles have one name");
    assert_eq!(limit_words("results:of-a-later-version"), "results:of-a-later-version");
}
