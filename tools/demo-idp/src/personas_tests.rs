//! Tests of `personas.rs`.

use super::*;
use std::collections::HashSet;

#[test]
fn names_and_subjects_are_unique_and_every_persona_has_an_organisation() {
    let names: HashSet<&str> = all().map(|one| one.name).collect();
    let subs: HashSet<&str> = all().map(|one| one.sub).collect();
    assert_eq!((names.len(), subs.len()), (all().count(), all().count()));
    assert!(
        PERSONAS
            .iter()
            .chain(&PILOT_TEAMS)
            .chain(&JOINING)
            .all(|one| ORGANISATIONS.iter().any(|(ods, _)| *ods == one.org))
    );
}
