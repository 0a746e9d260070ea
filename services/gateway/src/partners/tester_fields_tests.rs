//! Tests of `tester_fields.rs`.

use lcr_model::Role;

use super::*;
use crate::forms::submission::FormSubmission;

fn person(user: Option<&str>, active: bool, roles: Vec<Role>) -> DirectoryPerson {
    DirectoryPerson {
        id: "p1".into(),
        user_name: "sam.reed@beckside.test".into(),
        name: "Sam Reed".into(),
        roles,
        active,
        source: "portal".into(),
        user: user.map(UserId::new),
        last_signed_in_at: None,
    }
}

fn fields(people: &[DirectoryPerson], chosen: &[&str]) -> (Vec<(String, String, bool)>, String) {
    let form = Form::without_session("testers", "", "/x", &FormSubmission::default());
    let chosen = chosen.iter().map(|user| UserId::new(*user)).collect();
    let form = tester_fields(form, people, &chosen);
    let boxes = form.fields.iter().flat_map(|field| &field.choices);
    let boxes = boxes.map(|one| (one.name.clone(), one.words.clone(), one.chosen)).collect();
    (boxes, form.fields.last().unwrap().value.clone())
}

#[test]
fn people_who_can_sign_in_are_offered_by_name_and_role() {
    let people = [
        person(Some("user-1"), true, vec![Role::Receptionist]),
        person(Some("user-2"), true, vec![]),
        person(Some("user-3"), false, vec![]),
        person(None, true, vec![]),
    ];
    let (boxes, others) = fields(&people, &["user-2"]);
    let words = |roles: &str| format!("Sam Reed (sam.reed@beckside.test), {roles}");
    let first = words(Role::Receptionist.words());
    let second = words("role as their provider says");
    assert_eq!(boxes, [("tester-user-1".into(), first, false), ("tester-user-2".into(), second, true)]);
    assert_eq!(others, "");
}

#[test]
fn a_tester_whom_the_list_lacks_stays() {
    let people = [person(Some("user-1"), true, vec![]), person(Some("user-3"), false, vec![])];
    let (boxes, others) = fields(&people, &["user-1", "user-3", "user-9"]);
    assert_eq!((boxes.len(), others.as_str()), (1, "user-3\nuser-9"));
    assert_eq!(fields(&[], &["user-1"]), (vec![], "user-1".to_owned()), "the list cannot be read");
}
