//! Tests of lists of people: what a newer list changes.

use lcr_contracts::events::CareLink;
use proptest::prelude::*;

use super::*;

fn at(day: i64) -> Timestamp {
    Timestamp::from_second(day * 86_400).unwrap()
}

fn link(until: Option<Timestamp>, stands: bool) -> CareLink {
    let (kind, organisation) = (CareLinkKind::MeetingList, OdsCode::new("Z9C05"));
    CareLink { kind, organisation, team: None, from: None, until, stands }
}

fn list(people: &[(String, CareLink)], sent: Timestamp) -> CareList {
    let mut list = CareList {
        source: SourceId::new("community"),
        key: "Group/7".to_owned(),
        kind: CareLinkKind::MeetingList,
        organisation: OdsCode::new("Z9C05"),
        members: BTreeMap::new(),
        sent,
    };
    for (person, link) in people {
        list.add(LocalId(person.clone()), link.clone());
    }
    list
}

fn person(name: &str, until: Option<Timestamp>) -> (String, CareLink) {
    (name.to_owned(), link(until, true))
}

#[test]
fn a_newer_list_ends_the_evidence_of_those_it_lacks_and_repeats_nobody() {
    let (first, known) = list(&[person("1", None), person("2", None)], at(1)).changes(None);
    assert_eq!(first.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["Group/7#1", "Group/7#2"]);
    let (second, known) = list(&[person("2", None), person("3", None)], at(2)).changes(Some(&known));
    let changed: Vec<_> = second.iter().map(|one| (one.identity.local_id.0.as_str(), one.link.stands)).collect();
    assert_eq!(changed, [("3", true), ("1", false)]);
    assert_eq!(second[1].link.until, Some(at(2)));
    let (third, known) = list(&[person("2", None), person("3", Some(at(9)))], at(3)).changes(Some(&known));
    assert_eq!(third.iter().map(|one| one.key.as_str()).collect::<Vec<_>>(), ["Group/7#3"], "only an end is new");
    let (back, _) = list(&[person("1", None), person("2", None)], at(4)).changes(Some(&known));
    let changed: Vec<_> = back.iter().map(|one| (one.identity.local_id.0.as_str(), one.link.stands)).collect();
    assert_eq!(changed, [("1", true), ("3", false)]);
}

#[test]
fn a_person_who_is_named_twice_is_one_member_with_the_entry_that_lasts_longer() {
    let entries = [link(Some(at(3)), true), link(None, true), link(Some(at(9)), true), link(None, false)];
    for shift in 0..entries.len() {
        let mut people: Vec<_> = entries.iter().map(|link| ("1".to_owned(), link.clone())).collect();
        people.rotate_left(shift);
        let list = list(&people, at(1));
        assert_eq!(list.members.into_values().collect::<Vec<_>>(), [link(None, true)]);
    }
}

#[test]
fn a_deleted_list_ends_the_evidence_of_everybody_on_it() {
    let (_, known) = list(&[person("1", None), person("2", None)], at(1)).changes(None);
    let (source, key) = (SourceId::new("community"), "Group/7".to_owned());
    let deletion = CareLinkDeletion { source, key, sent: at(2), is_item: false };
    assert!(deletion.is_of_list());
    let (gone, now) = known.emptied(deletion).changes(Some(&known));
    assert!(gone.len() == 2 && gone.iter().all(|one| !one.link.stands && one.link.kind == CareLinkKind::MeetingList));
    assert!(now.members.is_empty());
}

#[test]
fn a_key_with_an_nhs_number_is_hashed() {
    let (secret, source) = (LocalIdKey::new([7; 32]), SourceId::new("community"));
    assert_eq!(key(&secret, &source, "EpisodeOfCare/", "e1"), "EpisodeOfCare/e1");
    assert!(!key(&secret, &source, "EpisodeOfCare/", "9990000018").contains("9990000018"));
}

proptest! {
    /// After any lists, whoever is on the last one stands, and nobody else does.
    #[test]
    fn the_last_list_alone_says_whose_evidence_stands(lists in prop::collection::vec(prop::collection::btree_set("[a-d]", 0..4), 1..6)) {
        let (mut known, mut standing) = (None, BTreeMap::new());
        for (people, day) in lists.iter().zip(1..) {
            let people: Vec<_> = people.iter().map(|name| person(name, None)).collect();
            let (links, now) = list(&people, at(day)).changes(known.as_ref());
            standing.extend(links.into_iter().map(|one| (one.identity.local_id.0, one.link.stands)));
            known = Some(now);
        }
        let standing: Vec<_> = standing.into_iter().filter(|(_, stands)| *stands).map(|(name, _)| name).collect();
        prop_assert_eq!(standing, lists.last().unwrap().iter().cloned().collect::<Vec<_>>());
    }
}
