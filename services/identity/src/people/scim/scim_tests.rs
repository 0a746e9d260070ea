use super::*;

#[test]
fn a_refusal_has_the_standards_form() {
    let body = ScimError::uniqueness("Twice.").to_json();
    let expected = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
        "status": "409",
        "scimType": "uniqueness",
        "detail": "Twice.",
    });
    assert_eq!(body, expected);
    assert_eq!(ScimError::from(Failure::bad_request("No.")).scim_type, Some("invalidValue"));
    assert_eq!(ScimError::from(Failure::not_found()).status, 404, "an unknown path");
    assert_eq!(ScimError::from(Failure::new(FailureKind::MethodNotAllowed, "No.")).status, 405);
}

#[test]
fn a_page_starts_at_one_and_numbers_out_of_range_are_corrected() {
    let page = |start_index, count| ListQuery { filter: None, start_index, count }.page();
    assert_eq!(page(None, None), (0, 100));
    assert_eq!(page(Some(1), Some(10)), (0, 10));
    assert_eq!(page(Some(11), Some(10)), (10, 10));
    assert_eq!(page(Some(-5), Some(-1)), (0, 0));
    assert_eq!(page(Some(i64::MIN), Some(i64::MAX)), (0, MAX_PAGE));
}

#[test]
fn a_condition_names_a_version_weakly_or_any() {
    for condition in ["W/\"3\"", "\"3\"", "*", "W/\"1\", W/\"3\""] {
        assert!(names_version(condition, "W/\"3\""), "{condition}");
    }
    assert!(!names_version("W/\"4\"", "W/\"3\""));
    assert_eq!(check_version(Some("W/\"2\""), "W/\"3\"").unwrap_err().status, 412);
}

#[test]
fn a_client_gets_the_attributes_that_it_asks_for() {
    let resource = || json!({ "schemas": [], "id": "1", "userName": "s", "members": [], "meta": {} });
    let mut some = resource();
    project(&mut some, Some("userName"), None);
    assert_eq!(some, json!({ "schemas": [], "id": "1", "userName": "s", "meta": {} }));
    let mut fewer = resource();
    project(&mut fewer, None, Some("members,id"));
    assert_eq!(fewer, json!({ "schemas": [], "id": "1", "userName": "s", "meta": {} }));
}
