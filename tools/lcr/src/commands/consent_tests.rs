//! Tests of `consent.rs`.

use super::*;

#[test]
fn a_changed_policy_shows_as_added_and_removed_permissions() {
    let before = "Words.\n\ngp\n  sees    alerts, results (titles)\n  never   contacts\n  acts    –\n";
    let now = "Other words.\n\ngp\n  sees    alerts, results\n  never   –\n  acts    opens on-caseload\n";
    let changed = ["- gp sees: results (titles)", "+ gp acts: opens on-caseload", "+ gp sees: results"];
    assert_eq!(difference(before, now).unwrap(), changed);
    assert_eq!(difference(now, now).unwrap(), [""; 0]);
    assert!(difference("no matrix", now).is_err());
}

#[test]
fn the_shipped_matrix_names_permissions_of_every_kind() {
    let found = permissions(&shipped_matrix().unwrap());
    for one in [
        "gp sees: results",
        "community-nurse acts: opens on-caseload",
        "gp labels: restricted by registered-practice",
        "paramedic claims: cannot-be-asked",
        "paramedic life-threatening: allergies",
    ] {
        assert!(found.contains(one), "{one}");
    }
}
