//! Tests of `link_changes.rs`.

use super::*;
use crate::testing::system;

fn episode(person: &str, key: &str) -> EpisodeLink {
    let (kind, organisation) = (CareLinkKind::Caseload, lcr_model::OdsCode::new("Z9M01"));
    EpisodeLink {
        identity: SourceIdentity {
            source: lcr_model::SourceId::new("community"),
            local_id: LocalId(person.to_owned()),
        },
        key: key.to_owned(),
        link: CareLink { kind, organisation, team: None, from: None, until: None, stands: true },
        changed: Timestamp::UNIX_EPOCH,
        content_to_hash: format!("{person} {key}"),
    }
}

#[test]
fn one_person_has_at_most_a_thousand_open_links_of_a_source() {
    let keys = DataKeys::parse(&DataKeys::generate_text().unwrap()).unwrap();
    let (system, now) = (system("community", "community", ""), "2026-11-22T12:00:00Z".parse().unwrap());
    let context = ReadContext { system: &system, keys: &keys, now, number: 1, reads_all: true };
    let mut changes = LinkChanges::new(context, vec![], HashMap::from([("7".to_owned(), MAX_OPEN_LINKS - 1)]));
    for (person, key) in [("7", "a"), ("7", "b"), ("8", "c"), ("7", "a")] {
        changes.update(episode(person, key)).unwrap();
    }
    let published = |changes: &LinkChanges<'_>| changes.versions.keys().cloned().collect::<Vec<_>>();
    assert_eq!((published(&changes), changes.over_limit), (vec!["a".to_owned(), "c".to_owned()], 1));
    // A link that moves to a person who has too many does not stay with the other one either.
    changes.update(episode("7", "c")).unwrap();
    let moved = &changes.versions["c"];
    assert!(!moved.is_open && moved.local_id == "8");
    changes.withdraw("a").unwrap();
    changes.update(episode("7", "b")).unwrap();
    assert!(changes.versions["b"].is_open, "there is room again");
}
