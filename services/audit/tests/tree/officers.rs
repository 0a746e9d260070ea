//! What an officer finds and reads in the log: entries by a reader's name, and only those of their organisation.

use super::*;

/// The letters that a pattern treats specially, and a text that is in another field, find only what they should.
#[tokio::test]
async fn an_officer_finds_entries_by_a_readers_name_as_shown() {
    let (folder, key) = (Folder::new("audit-names").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let named = |name: &str| {
        let mut entry = entry();
        name.clone_into(&mut entry.actor.name);
        entry.actor.org = caller().actor.org;
        entry
    };
    let (khan, obrien) = (named("Dr Aisha Khan"), named("Siân O'Brien \"Nell\" 100%"));
    for entry in [&khan, &obrien] {
        log.handle.api.open(&caller(), entry.clone()).await.unwrap();
    }
    for (name, expected) in [
        ("aisha khan", vec![khan.id]),
        ("Khan", vec![khan.id]),
        ("Siân o'brien", vec![obrien.id]),
        ("\"Nell\"", vec![obrien.id]),
        ("0%", vec![obrien.id]),
        ("a%n", vec![]),
        ("!", vec![]),
        ("_han", vec![]),
        ("Y90001", vec![]),
        ("gp", vec![]),
        ("\",\"org", vec![]),
    ] {
        let query = EntryQuery { name: Some(name.into()), ..EntryQuery::default() };
        let found = log.handle.api.entries(&caller(), query).await.unwrap();
        let found = found.into_iter().filter(|one| one.opened.what == AccessKind::Record).map(|one| one.opened.id);
        assert_eq!(found.collect::<Vec<_>>(), expected, "{name}");
    }
}

/// An officer reads looks by their organisation's staff and at its people, and nothing about other people.
#[tokio::test]
async fn an_officer_reads_only_entries_of_their_own_organisation() {
    let (folder, key) = (Folder::new("audit-officers").unwrap(), SigningKey::generate().unwrap());
    let log = open(&folder, &key).await;
    let (ours, theirs) = (PersonId::new(), PersonId::new());
    let (practice, hospital) = (OdsCode::new("Y90001"), OdsCode::new("Z9H01"));
    let look = |org: &OdsCode, concerned: &[(&OdsCode, PersonId)]| {
        let mut entry = OpenEntry { people: vec![ours, theirs], ..entry() };
        entry.actor.org = org.clone();
        entry.concerned = concerned.iter().map(|(org, person)| ((*org).clone(), vec![*person])).collect();
        entry
    };
    let elsewhere = OdsCode::new("Z9T01");
    let by_staff = look(&hospital, &[(&practice, ours)]);
    let at_people = look(&elsewhere, &[(&hospital, theirs), (&practice, ours)]);
    let neither = look(&elsewhere, &[(&practice, ours)]);
    for entry in [&by_staff, &at_people, &neither] {
        log.handle.api.open(&caller(), entry.clone()).await.unwrap();
    }
    let officer = |org: &OdsCode| {
        let mut officer = caller();
        officer.actor.org = org.clone();
        officer
    };
    let read = async |org: &OdsCode, person: Option<PersonId>| {
        let query = EntryQuery { person, ..EntryQuery::default() };
        let all = log.handle.api.entries(&officer(org), query).await.unwrap();
        let looks = all.into_iter().filter(|one| one.opened.what == AccessKind::Record);
        looks.map(|one| (one.opened.id, one.opened.people)).collect::<Vec<_>>()
    };
    let both = vec![ours, theirs];
    assert_eq!(read(&hospital, None).await, [(at_people.id, vec![theirs]), (by_staff.id, both.clone())]);
    assert_eq!(read(&hospital, Some(ours)).await, [(by_staff.id, both.clone())], "their staff's look");
    let of_practice = [(neither.id, vec![ours]), (at_people.id, vec![ours]), (by_staff.id, vec![ours])];
    assert_eq!(read(&practice, None).await, of_practice);
    assert_eq!(read(&practice, Some(theirs)).await, [], "the person is not theirs");
    assert_eq!(read(&elsewhere, None).await, [(neither.id, both.clone()), (at_people.id, both)]);
    assert_eq!(read(&OdsCode::new("Z9K01"), None).await, []);
    // Leaves of other rows come without text.
    checkpoint(&log, &log.handle.verifier, 3).await;
    let opened = log.handle.open_leaves(&officer(&hospital), 0, 100).await.unwrap();
    let text = |id| opened.iter().find(|leaf| leaf.id == id).unwrap().canonical.is_some();
    assert_eq!((text(by_staff.id), text(at_people.id), text(neither.id)), (true, true, false));
    assert!(opened.iter().all(|leaf| leaf.state == Some(lcr_audit::domain::leaf::RowState::Whole)));
}
