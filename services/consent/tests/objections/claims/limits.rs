//! How many claims and launches a user makes. Attempts that open nothing count.

use super::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_user_makes_at_most_ten_claims_in_a_day() {
    let scene = Scene::new().await;
    for _ in 0..10 {
        let person = PersonId::new();
        scene.person(person, 1, &[identity("gp", &person.to_string())]).await;
        make(&scene, &nurse(), person).await.unwrap();
    }
    let person = with_person(&scene).await;
    assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::TooManyRequests));
    make(&scene, &named(nurse(), "another-user"), person).await.unwrap();
    scene.clock.advance(SignedDuration::from_hours(25));
    make(&scene, &nurse(), person).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn attempts_that_open_nothing_count_and_wait_for_the_officer() {
    let scene = Scene::new().await;
    let person = with_person(&scene).await;
    object(&scene, person).await;
    for _ in 0..5 {
        assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::NoRelationship));
        assert_eq!(kind_of(make(&scene, &nurse(), PersonId::new()).await), Some(FailureKind::NoRelationship));
    }
    assert_eq!(kind_of(make(&scene, &nurse(), person).await), Some(FailureKind::TooManyRequests));
    let waiting = scene.consent.api.claims(&officer(HOSPITAL)).await.unwrap().waiting;
    assert_eq!(waiting.len(), 10);
    assert!(waiting.iter().all(|claim| claim.until == claim.made_at && claim.outcome.is_none()));
    assert_eq!(waiting.iter().filter(|claim| claim.person == person).count(), 5);
    // What the officer finds makes nothing of it.
    let review = ClaimReview { outcome: ClaimOutcome::Justified, text: "an honest mistake".into() };
    scene.consent.api.review_claim(&officer(HOSPITAL), waiting[0].id, review).await.unwrap();
    assert_eq!(opens(&scene, &nurse(), person).await, Err(Refusal::NoRelationship));
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_claims_at_once_ten_are_made() {
    let scene = Scene::new().await;
    let mut all = tokio::task::JoinSet::new();
    for _ in 0..14 {
        let person = PersonId::new();
        scene.person(person, 1, &[identity("gp", &person.to_string())]).await;
        let (api, who) = (scene.consent.api.clone(), nurse());
        all.spawn(async move { api.claim(&who, person, claim()).await.is_ok() });
    }
    assert_eq!(all.join_all().await.into_iter().filter(|made| *made).count(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_opens_at_most_two_hundred_people_from_another_system_in_a_day() {
    let scene = Scene::new().await;
    let people: Vec<PersonId> = (0..201).map(|_| PersonId::new()).collect();
    let change = |person: &PersonId| PersonChanged {
        person: *person,
        version: 1,
        identities: vec![identity("st-hildas", &person.to_string())],
        practice: None,
        marks: vec![],
    };
    scene.publish_all(people.iter().map(change).collect(), Stream::People).await;
    let (api, launching) = (&scene.consent.api, nurse().through(ServiceName::Gateway));
    let (last, others) = people.split_last().unwrap();
    for person in others {
        api.record_launch(&launching, *person).await.unwrap();
    }
    assert_eq!(kind_of(api.record_launch(&launching, *last).await), Some(FailureKind::TooManyRequests));
    api.record_launch(&launching, others[0]).await.unwrap();
}
