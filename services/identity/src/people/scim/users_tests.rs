//! The request shapes of Entra and Okta, and the fence between organisations.

use lcr_model::Role;
use serde_json::json;

use super::*;
use crate::people::{
    scim::groups,
    testing::{OTHERS, OURS, Scene, id, ours, user as stated_user},
};

fn others() -> OdsCode {
    OdsCode::new(OTHERS)
}

fn query(filter: &str) -> ListQuery {
    ListQuery { filter: Some(filter.to_owned()), ..ListQuery::default() }
}

async fn total(scene: &Scene, org: &OdsCode, filter: &str) -> u64 {
    list(scene.service(), org, &query(filter)).await.unwrap()["totalResults"].as_u64().unwrap()
}

#[tokio::test]
async fn entra_looks_for_a_person_adds_them_and_disables_them() {
    let scene = Scene::new().await;
    assert_eq!(total(&scene, &ours(), r#"userName eq "sam@example.org""#).await, 0);
    let made = scene.create("Sam@example.org", "object-id").await.unwrap();
    assert_eq!(made.location, format!("https://record.example.nhs.uk/scim/v2/Users/{}", id(&made)));
    assert_eq!(total(&scene, &ours(), r#"userName eq "sam@EXAMPLE.org""#).await, 1);
    assert_eq!(total(&scene, &ours(), r#"externalId eq "object-id""#).await, 1);
    assert_eq!(scene.create("sam@example.org", "another").await.unwrap_err().scim_type, Some("uniqueness"));
    let operations = json!([
        { "op": "Replace", "path": "active", "value": "False" },
        { "op": "Replace", "path": "displayName", "value": "Samuel Reed" },
    ]);
    let changed = scene.patch(&id(&made), operations).await.unwrap();
    assert_eq!((&changed.body["active"], &changed.body["displayName"]), (&json!(false), &json!("Samuel Reed")));
    assert_ne!(changed.etag, made.etag);
    assert!(scene.sign_in(OURS, ("object-id", ""), Some(Role::Gp)).await.is_err());
}

#[tokio::test]
async fn okta_replaces_a_person_whose_version_it_has_seen() {
    let scene = Scene::new().await;
    let made = scene.create("sam@example.org", "okta").await.unwrap();
    let mut body = stated_user("sam.reed@example.org", "okta");
    body["active"] = json!(false);
    let stale = replace(scene.service(), (&ours(), &id(&made)), &body, Some("W/\"7\"")).await;
    assert_eq!(stale.unwrap_err().status, 412);
    let replaced = replace(scene.service(), (&ours(), &id(&made)), &body, Some(&made.etag)).await.unwrap();
    assert_eq!(replaced.body["userName"], json!("sam.reed@example.org"));
    let again = replace(scene.service(), (&ours(), &id(&made)), &body, None).await.unwrap();
    assert_eq!(again.etag, replaced.etag, "nothing changed");
}

#[tokio::test]
async fn a_deleted_person_is_unseen_and_comes_back_without_their_roles() {
    let scene = Scene::new().await;
    let made = scene.create("sam@example.org", "ext").await.unwrap();
    scene.patch(&id(&made), json!([{ "op": "add", "path": "roles", "value": [{ "value": "gp" }] }])).await.unwrap();
    delete(scene.service(), (&ours(), &id(&made)), None).await.unwrap();
    assert_eq!(get(scene.service(), &ours(), &id(&made)).await.unwrap_err().status, 404);
    assert_eq!(total(&scene, &ours(), "active eq false").await, 0);
    assert_eq!(scene.people(OURS).await.len(), 1, "the row is kept");
    let again = scene.create("sam@example.org", "ext").await.unwrap();
    assert_eq!((id(&again), &again.body["roles"]), (id(&made), &json!([])));
    assert!(scene.sign_in(OURS, ("ext", ""), Some(Role::Gp)).await.is_ok());
}

#[tokio::test]
async fn no_client_sees_or_changes_another_organisations_people() {
    let scene = Scene::new().await;
    let made = scene.create("sam@example.org", "ext").await.unwrap();
    let (service, foreign) = (scene.service(), others());
    assert_eq!(get(service, &foreign, &id(&made)).await.unwrap_err().status, 404);
    assert_eq!(total(&scene, &foreign, r#"userName eq "sam@example.org""#).await, 0);
    assert_eq!(total(&scene, &foreign, "active eq true").await, 0);
    assert_eq!(delete(service, (&foreign, &id(&made)), None).await.unwrap_err().status, 404);
    let add = json!({ "Operations": [{ "op": "add", "path": "members", "value": [{ "value": id(&made) }] }] });
    assert_eq!(groups::change(service, (&foreign, "gp"), &add, None).await.unwrap_err().status, 400);
    assert!(
        create(service, &foreign, &stated_user("sam@example.org", "ext")).await.is_ok(),
        "names are free elsewhere"
    );
}

#[tokio::test]
async fn members_of_a_group_have_its_role_until_they_leave_it() {
    let scene = Scene::new().await;
    let made = scene.create("sam@example.org", "ext").await.unwrap();
    let (service, org) = (scene.service(), ours());
    let found = groups::list(service, &org, &query(r#"displayName eq "Receptionist""#), true).await.unwrap();
    assert_eq!(found["Resources"][0]["id"], json!("receptionist"));
    let without = groups::list(service, &org, &query(r#"displayName eq "Receptionist""#), false).await.unwrap();
    let group = &without["Resources"][0];
    assert_eq!(
        (group["id"].as_str(), group.get("members"), group["meta"].get("version")),
        (Some("receptionist"), None, None)
    );
    let add = json!({ "Operations": [{ "op": "Add", "path": "members", "value": [{ "value": id(&made) }] }] });
    groups::change(service, (&org, "receptionist"), &add, None).await.unwrap();
    let session = scene.sign_in(OURS, ("ext", ""), None).await.unwrap();
    assert_eq!(session.actor.role, Role::Receptionist);
    // Okta replaces a user without stating roles: groups hold them.
    replace(service, (&org, &id(&made)), &stated_user("sam@example.org", "ext"), None).await.unwrap();
    assert!(scene.is_open(&session).await);
    let path = format!("members[value eq \"{}\"]", id(&made));
    let remove = json!({ "Operations": [{ "op": "remove", "path": path }] });
    let left = groups::change(service, (&org, "receptionist"), &remove, None).await.unwrap();
    assert_eq!(left.body["members"], json!([]));
    assert!(!scene.is_open(&session).await, "the session was in the role");
}

#[tokio::test]
async fn no_group_or_role_of_the_platform_is_given() {
    let scene = Scene::new().await;
    let made = scene.create("sam@example.org", "ext").await.unwrap();
    let (service, org) = (scene.service(), ours());
    assert_eq!(groups::get(service, &org, "platform-admin").await.unwrap_err().status, 404);
    let group = json!({ "displayName": "platform-admin", "members": [{ "value": id(&made) }] });
    assert_eq!(groups::create(service, &org, &group).await.unwrap_err().status, 400);
    let roles = json!([{ "op": "add", "path": "roles", "value": [{ "value": "platform-admin" }] }]);
    assert_eq!(scene.patch(&id(&made), roles).await.unwrap_err().status, 400);
    let renamed = json!({ "displayName": "gp", "members": [] });
    let refused = groups::replace(service, (&org, "receptionist"), &renamed, None).await.unwrap_err();
    assert_eq!(refused.scim_type, Some("mutability"));
}

#[tokio::test]
async fn pages_are_counted_from_one() {
    let scene = Scene::new().await;
    for at in 0..5 {
        scene.create(&format!("p{at}@example.org"), &format!("ext{at}")).await.unwrap();
        scene.wait(jiff::SignedDuration::from_secs(1));
    }
    for filter in [None, Some("active eq true".to_owned())] {
        let query = ListQuery { filter, start_index: Some(3), count: Some(2) };
        let page = list(scene.service(), &ours(), &query).await.unwrap();
        assert_eq!(
            (&page["totalResults"], &page["startIndex"], &page["itemsPerPage"]),
            (&json!(5), &json!(3), &json!(2))
        );
        assert_eq!(page["Resources"][0]["userName"], json!("p2@example.org"));
    }
}
