//! Tests of `roles.rs`.

use super::*;

/// The acts of each role in the access matrix.
fn acts() -> Vec<(Role, String)> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/access-matrix.txt");
    let matrix = std::fs::read_to_string(path).unwrap();
    let blocks = matrix.split("\n\n").skip(1);
    let of = |block: &str| {
        let acts = block.lines().find_map(|line| line.trim_start().strip_prefix("acts"))?;
        Some((block.lines().next()?.trim().parse::<Role>().ok()?, acts.to_owned()))
    };
    blocks.filter_map(of).collect()
}

#[test]
fn links_are_offered_to_the_roles_that_the_policies_permit() {
    let acts = acts();
    assert!(acts.len() > 20, "the matrix was read");
    for (role, acts) in acts {
        let machine = matches!(role, Role::FhirClient | Role::FeedsClient);
        assert_eq!(can_search(role), acts.contains("searches") && !machine, "{role:?} searches");
        assert_eq!(has_ward_lists(role), acts.contains("lists ") && !machine, "{role:?} has lists");
        let chooses = acts.contains("chooses for registered-practice");
        assert_eq!(PRACTICE_ROLES.contains(&role), chooses, "{role:?} records choices");
        assert_eq!(OFFICER_ROLES.contains(&role), acts.contains("reviews choices"), "{role:?} reviews choices");
    }
}

#[test]
fn every_role_is_told_what_it_can_do_in_a_sentence() {
    for (role, _) in acts() {
        let text = abilities(role);
        assert!(text.starts_with("You can ") && text.ends_with('.'), "{role:?}");
        assert_eq!(can_search(role), text.contains("find a person") || is_desk(role), "{role:?}: {text}");
    }
}

#[test]
fn only_who_may_claim_reads_of_stating_a_reason() {
    for (role, acts) in acts() {
        let claims = acts.contains("opens self-claimed");
        assert_eq!(abilities(role).contains("say why you are involved"), claims, "{role:?}");
        if can_search(role) && !is_desk(role) {
            assert_eq!(how_a_record_opens(role).contains("say why you are involved"), claims, "{role:?}");
        }
        let session = "practice that your service works for";
        assert_eq!(abilities(role).contains(session), acts.contains("opens practice-session"), "{role:?}");
    }
}

/// Officers and stewards search to reach the log and the reviews.
fn is_desk(role: Role) -> bool {
    OFFICER_ROLES.contains(&role) || role == Role::DataSteward
}
