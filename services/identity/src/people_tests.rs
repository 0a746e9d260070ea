//! Joiners, movers and leavers: who may sign in, and whose sessions end. Every end must reach the other
//! services as an event in the same write.

use lcr_contracts::{
    FailureKind, Partners as _,
    partners::people::{Decision, NewAccessRequest},
};
use lcr_model::Role;
use proptest::prelude::*;
use serde_json::json;

use super::{
    scim::users,
    testing::{OTHERS, OURS, Scene, SignedIn, id, ours},
    *,
};

#[path = "people_tests/directory.rs"]
mod directory;
#[path = "people_tests/requests.rs"]
mod requests;

/// The ends of a person's access.
#[derive(Debug, Clone, Copy)]
enum End {
    Portal,
    ScimChange,
    ScimReplacement,
    ScimDeletion,
    Suspension,
}

async fn end(scene: &Scene, by: &SignedIn, person: &str, how: End) {
    let service = scene.service();
    match how {
        End::Portal => {
            let change = PeopleChange::SetActive { person: person.into(), active: false };
            scene.change(by, OURS, change).await.unwrap();
        }
        End::ScimChange => {
            scene.patch(person, json!([{ "op": "Replace", "path": "active", "value": "False" }])).await.unwrap();
        }
        End::ScimReplacement => {
            let mut body = users::get(service, &ours(), person).await.unwrap().body;
            body["active"] = json!(false);
            users::replace(service, (&ours(), person), &body, None).await.unwrap();
        }
        End::ScimDeletion => users::delete(service, (&ours(), person), None).await.unwrap(),
        End::Suspension => {
            let write = service.store.write(async move |tx| {
                let now = Timestamp::UNIX_EPOCH;
                end_sessions_of_organisation(&tx, &ours(), now).await
            });
            assert!(!write.await.unwrap().is_empty());
        }
    }
}

fn any_end() -> impl Strategy<Value = End> {
    prop_oneof![
        Just(End::Portal),
        Just(End::ScimChange),
        Just(End::ScimReplacement),
        Just(End::ScimDeletion),
        Just(End::Suspension),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    ///
    #[test]
    fn ending_a_person_always_ends_all_their_sessions(how in any_end(), sessions in 1..4usize, known in any::<bool>()) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let scene = Scene::new().await;
            let by = scene.administrator(OURS).await;
            // The directory may know them before or after their first sign-in.
            if known {
                scene.create("sam@example.org", "subject").await.unwrap();
            }
            let mut open = vec![];
            for _ in 0..sessions {
                open.push(scene.sign_in(OURS, ("subject", "sam@example.org"), Some(Role::Gp)).await.unwrap());
            }
            let elsewhere = scene.sign_in(OTHERS, ("subject", "sam@example.org"), Some(Role::Gp)).await.unwrap();
            let people = scene.people(OURS).await;
            let person = people.iter().find(|person| person.user.as_ref() == Some(&open[0].actor.user)).unwrap();
            end(&scene, &by, &person.id, how).await;
            for session in &open {
                assert!(!scene.is_open(session).await, "{how:?}");
            }
            assert!(scene.is_open(&elsewhere).await, "another organisation decides for itself");
        });
    }
}

#[tokio::test]
async fn whoever_left_is_refused_although_their_provider_still_vouches_for_them() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    let person = scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    scene.sign_in(OURS, ("subject", "Sam@Example.org"), Some(Role::Gp)).await.unwrap();
    end(&scene, &by, &person, End::Portal).await;
    for attempt in [("subject", "sam@example.org"), ("subject", ""), ("a new account", "sam@example.org")] {
        assert!(scene.sign_in(OURS, attempt, Some(Role::Gp)).await.is_err(), "{}", attempt.0);
    }
    // What the administrators ended, a directory that does not know of it does not undo.
    scene.patch(&person, json!([{ "op": "replace", "path": "active", "value": true }])).await.unwrap();
    assert!(scene.sign_in(OURS, ("subject", "sam@example.org"), Some(Role::Gp)).await.is_err());
    scene.change(&by, OURS, PeopleChange::SetActive { person, active: true }).await.unwrap();
    assert!(scene.sign_in(OURS, ("subject", "sam@example.org"), Some(Role::Gp)).await.is_ok());
}

#[tokio::test]
async fn each_organisation_manages_its_own_people() {
    let scene = Scene::new().await;
    let (by, other) = (scene.administrator(OURS).await, scene.administrator(OTHERS).await);
    let person = scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    let end = PeopleChange::SetActive { person: person.clone(), active: false };
    assert_eq!(scene.change(&other, OURS, end.clone()).await.unwrap_err().kind, FailureKind::Forbidden);
    assert_eq!(scene.change(&other, OTHERS, end).await.unwrap_err().kind, FailureKind::NotFound);
    let draft = lcr_contracts::partners::people::PersonDraft {
        user_name: "sam@example.org".into(),
        name: String::new(),
        roles: vec![Role::PlatformAdmin],
    };
    assert_eq!(scene.change(&by, OURS, PeopleChange::Put(draft)).await.unwrap_err().kind, FailureKind::BadRequest);
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_their_owner_and_their_administrator() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    let (first, second) = (
        scene.sign_in(OURS, ("subject", ""), Some(Role::Gp)).await.unwrap(),
        scene.sign_in(OURS, ("subject", ""), Some(Role::Gp)).await.unwrap(),
    );
    let listed = sessions(scene.service(), &first.actor, None).await.unwrap();
    assert_eq!((listed.len(), listed.iter().all(|one| one.own)), (2, true));
    let end = |one: &SignedIn| PeopleChange::EndSession { session: one.actor.session };
    scene.change(&first, OURS, end(&second)).await.unwrap();
    assert!(scene.is_open(&first).await && !scene.is_open(&second).await);
    assert!(scene.change(&first, OURS, end(&by)).await.is_err(), "not a colleague's");
    assert_eq!(sessions(scene.service(), &by.actor, Some(&ours())).await.unwrap().len(), 2);
    scene.change(&by, OURS, end(&first)).await.unwrap();
    // An ended session changes nothing, although its token has not expired.
    assert_eq!(scene.change(&first, OURS, end(&by)).await.unwrap_err().kind, FailureKind::Unauthenticated);
}

#[tokio::test]
async fn a_request_whose_checks_fail_is_refused_at_once_with_the_reason() {
    let scene = Scene::new().await;
    let cookie = scene.applicant(OURS, "starter");
    let ask = NewAccessRequest { role: Role::Paramedic, reason: "I started today.".into() };
    let request = scene.service().request_access(&cookie, ask).await.unwrap();
    assert_eq!((request.decision, request.decided_by.as_str()), (Some(Decision::Refused), "automatic checks"));
    assert!(request.remark.contains("does not have this role"));
    for _ in 0..4 {
        let ask = NewAccessRequest { role: Role::Paramedic, reason: "I started today.".into() };
        scene.service().request_access(&cookie, ask).await.unwrap();
    }
    let sixth = NewAccessRequest { role: Role::Gp, reason: "I started today.".into() };
    let refused = scene.service().request_access(&cookie, sixth).await.unwrap_err();
    assert_eq!(refused.kind, FailureKind::TooManyRequests);
    let waits = NewAccessRequest { role: Role::Gp, reason: "I started today.".into() };
    let waiting = scene.service().request_access(&scene.applicant(OURS, "another"), waits).await.unwrap();
    scene.wait(jiff::SignedDuration::from_mins(1));
    let late = NewAccessRequest { role: Role::Paramedic, reason: "I started today.".into() };
    scene.service().request_access(&scene.applicant(OURS, "a third"), late).await.unwrap();
    let listed = list(scene.service(), &ours()).await.unwrap().requests;
    assert_eq!((listed.len(), listed[0].id.as_str()), (7, waiting.id.as_str()), "the one that waits comes first");
    scene.wait(jiff::SignedDuration::from_mins(31));
    assert!(scene.service().applicant(&cookie).await.unwrap().is_none(), "the cookie is too old");
}

#[tokio::test]
async fn a_scim_token_opens_its_own_organisation_until_the_next_is_made() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    let make = async || match scene.change(&by, OURS, PeopleChange::MakeScimToken).await.unwrap() {
        ChangeResult::Secret(token) => token.into_inner(),
        other => panic!("{other:?}"),
    };
    let owner = async |token: &str| {
        let hashes = scene.service().data_keys.hash_names(token);
        directory_setting::find_by_scim_token(scene.service().store.read(), &hashes).await.unwrap()
    };
    let first = make().await;
    assert!(first.starts_with(SCIM_TOKEN_PREFIX));
    assert_eq!(owner(&first).await, Some(ours()));
    let second = make().await;
    assert_eq!((owner(&first).await, owner(&second).await), (None, Some(ours())));
}
