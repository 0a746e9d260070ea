//! The people of a directory: with its roles, counted, and the same person after a sign-in.

use super::*;

#[tokio::test]
async fn a_person_of_the_directory_signs_in_with_the_role_of_the_directory() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    scene.put(&by, "sam@example.org", vec![Role::Receptionist]).await;
    let session = scene.sign_in(OURS, ("subject", "sam@example.org"), None).await.unwrap();
    assert_eq!(session.actor.role, Role::Receptionist);
    // A mover: the role is taken, and the session in it ends.
    scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    assert!(!scene.is_open(&session).await);
    assert_eq!(scene.sign_in(OURS, ("subject", ""), None).await.unwrap().actor.role, Role::Gp);
    assert_eq!(scene.people(OURS).await.len(), 2, "the person and the administrator");
}

#[tokio::test]
async fn another_accounts_name_gives_nobody_its_roles() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    scene.sign_in(OURS, ("first", "sam@example.org"), None).await.unwrap();
    assert!(scene.sign_in(OURS, ("second", "sam@example.org"), None).await.is_err(), "the name belongs to the first");
}

#[tokio::test]
async fn an_organisation_may_let_in_only_its_directory() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    scene.change(&by, OURS, PeopleChange::RequireDirectory { required: true }).await.unwrap();
    assert!(scene.sign_in(OURS, ("stranger", ""), Some(Role::Gp)).await.is_err());
    assert!(scene.sign_in(OTHERS, ("stranger", ""), Some(Role::Gp)).await.is_ok());
    scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    assert!(scene.sign_in(OURS, ("subject", "sam@example.org"), Some(Role::Gp)).await.is_ok());
    scene.put(&by, "sam@example.org", vec![]).await;
    assert!(scene.sign_in(OURS, ("subject", ""), Some(Role::Gp)).await.is_err(), "the directory gives no role");
    scene.create("jo@example.org", "jo").await.unwrap();
    assert!(scene.sign_in(OURS, ("jo", ""), Some(Role::Gp)).await.is_ok(), "SCIM states the person and no roles");
    assert!(scene.sign_in(OURS, ("admin of Y90001", ""), Some(Role::OrgAdmin)).await.is_ok(), "nobody manages theirs");
}

///
#[tokio::test]
async fn a_role_that_the_directory_took_away_does_not_come_back_by_the_token() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    scene.put(&by, "sam@example.org", vec![Role::Gp, Role::OrgAdmin]).await;
    let session = scene.sign_in(OURS, ("subject", "sam@example.org"), Some(Role::OrgAdmin)).await.unwrap();
    scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    assert!(!scene.is_open(&session).await);
    assert!(scene.sign_in(OURS, ("subject", ""), Some(Role::OrgAdmin)).await.is_err());
    assert_eq!(scene.sign_in(OURS, ("subject", ""), Some(Role::Gp)).await.unwrap().actor.role, Role::Gp);
    let made = id(&scene.create("jo@example.org", "jo").await.unwrap());
    assert!(scene.sign_in(OURS, ("jo", ""), Some(Role::Gp)).await.is_ok(), "SCIM states no roles");
    scene
        .patch(&made, json!([{ "op": "add", "path": "roles", "value": [{ "value": "receptionist" }] }]))
        .await
        .unwrap();
    assert!(scene.sign_in(OURS, ("jo", ""), Some(Role::Gp)).await.is_err());
}

#[tokio::test]
async fn the_figures_count_the_directory_and_its_sign_ins() {
    let scene = Scene::new().await;
    let by = scene.administrator(OURS).await;
    scene.put(&by, "sam@example.org", vec![Role::Gp]).await;
    let counts = sign_in_counts(scene.service(), &ours()).await.unwrap();
    assert_eq!((counts.eligible, counts.activated, counts.signed_in_this_month), (2, 1, 1));
    assert!(counts.first_sign_ins.contains_key(&by.actor.user));
}

#[tokio::test]
async fn a_person_added_by_scim_after_a_sign_in_is_the_same_person() {
    let scene = Scene::new().await;
    let session = scene.sign_in(OURS, ("subject", ""), Some(Role::Gp)).await.unwrap();
    let made = scene.create("sam@example.org", "subject").await.unwrap();
    let people = scene.people(OURS).await;
    assert_eq!((people.len(), people[0].id.clone()), (1, id(&made)));
    assert_eq!(people[0].user.as_ref(), Some(&session.actor.user));
}
