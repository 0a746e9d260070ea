//! Tests of `recent_people.rs`.

use jiff::ToSpan as _;

use super::*;

const NOW: Timestamp = Timestamp::UNIX_EPOCH;

fn patient(id: PersonId, given: &str) -> PatientSummary {
    PatientSummary {
        id,
        nhs_number: None,
        family: "Smith".into(),
        given: given.into(),
        title: None,
        birth_date: None,
        sex: "female".into(),
        died: false,
        location_protected: false,
        address: None,
        address_withheld: true,
        matched_on: String::new(),
    }
}

#[tokio::test]
async fn the_latest_person_comes_first_and_once_and_only_in_their_session() {
    let (people, session) = (RecentPeople::new(crate::tests::cache()), SessionId::new());
    let [one, two] = [PersonId::new(), PersonId::new()];
    for (id, given) in [(one, "Ada"), (two, "Bea"), (one, "Ada")] {
        people.add(session, &patient(id, given), NOW).await;
    }
    assert_eq!(given_names(&people, session, NOW).await, ["Ada", "Bea"]);
    assert!(people.load(SessionId::new(), NOW).await.is_empty());
    people.forget_session(session).await;
    assert!(people.load(session, NOW).await.is_empty());
}

#[tokio::test]
async fn a_person_leaves_the_list_when_their_record_closes_and_when_their_own_time_ends() {
    let (people, session) = (RecentPeople::new(crate::tests::cache()), SessionId::new());
    let [one, two] = [PersonId::new(), PersonId::new()];
    people.add(session, &patient(one, "Ada"), NOW).await;
    people.add(session, &patient(two, "Bea"), NOW + 20.minutes()).await;
    assert_eq!(given_names(&people, session, NOW + 29.minutes()).await, ["Bea", "Ada"]);
    assert_eq!(given_names(&people, session, NOW + 31.minutes()).await, ["Bea"], "another does not renew it");
    people.remove(session, two).await;
    assert_eq!(given_names(&people, session, NOW + 20.minutes()).await, ["Ada"]);
}

#[tokio::test]
async fn a_list_read_before_a_removal_does_not_bring_the_person_back() {
    let (people, session) = (RecentPeople::new(crate::tests::cache()), SessionId::new());
    let [one, two] = [PersonId::new(), PersonId::new()];
    people.add(session, &patient(one, "Ada"), NOW).await;
    people.add(session, &patient(two, "Bea"), NOW).await;
    let slot = people.0.slot(&namespace(session), "");
    let (generation, before) = (people.0.generation(&slot).await.unwrap(), people.read(session).await);
    people.remove(session, two).await;
    people.write(&slot, &before, generation).await;
    assert_eq!(given_names(&people, session, NOW).await, ["Ada"]);
}

async fn given_names(people: &RecentPeople, session: SessionId, now: Timestamp) -> Vec<String> {
    people.load(session, now).await.into_iter().map(|person| person.given).collect()
}
