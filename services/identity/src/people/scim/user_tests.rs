use lcr_model::OdsCode;
use proptest::prelude::*;

use super::*;
use crate::{
    people::scim::patch,
    store::person::{Person, PersonSource},
};

fn person() -> Person {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let details = PersonDetails {
        user_name: "sam@example.org".into(),
        external_id: Some("ext".into()),
        display_name: "Sam Reed".into(),
        ..PersonDetails::default()
    };
    Person {
        id: "01".into(),
        org: OdsCode::new("Y90001"),
        user: None,
        details,
        roles: BTreeSet::from([Role::Gp]),
        active: true,
        ended_by: None,
        hidden: false,
        source: PersonSource::Scim,
        version: 1,
        created: at,
        changed: at,
        first_signed_in_at: None,
        last_signed_in_at: None,
    }
}

#[test]
fn what_is_read_is_what_was_written() {
    let resource = to_resource(&person(), "https://record.example.nhs.uk");
    let stated = parse(&resource.body).unwrap();
    assert!(stated.details == person().details && stated.roles == Some(person().roles));
    assert_eq!((stated.active, resource.etag.as_str()), (Some(true), "W/\"1\""));
    assert_eq!(resource.location, "https://record.example.nhs.uk/scim/v2/Users/01");
}

#[test]
fn names_of_attributes_count_in_any_case_and_unknown_ones_are_left_out() {
    let stated = parse(&json!({
        "USERNAME": " sam ",
        "Active": "False",
        "shoeSize": 9,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { "department": "x" },
        "roles": [{ "value": "GP" }, { "value": "astronaut" }, "ward nurse"],
        "emails": { "value": "sam@example.org" },
    }));
    let stated = stated.unwrap();
    assert_eq!((stated.details.user_name.as_str(), stated.active), ("sam", Some(false)));
    assert_eq!(stated.roles, Some(BTreeSet::from([Role::Gp, Role::WardNurse])));
    assert_eq!(stated.details.emails.len(), 1);
    assert!(parse(&json!({ "userName": "sam" })).unwrap().roles.is_none(), "groups hold them");
}

#[test]
fn malformed_users_are_refused() {
    for body in [
        json!([]),
        json!({}),
        json!({ "userName": "" }),
        json!({ "userName": 5 }),
        json!({ "userName": "a\nb" }),
        json!({ "userName": "s", "active": "perhaps" }),
        json!({ "userName": "s", "name": "Reed" }),
        json!({ "userName": "s", "emails": [5] }),
        json!({ "userName": "s", "externalId": "x".repeat(321) }),
    ] {
        assert_eq!(parse(&body).err().map(|error| error.status), Some(400), "{body}");
    }
}

fn any_change() -> impl Strategy<Value = (&'static str, Value)> {
    let text =
        || "[a-zA-Z ]{1,20}".prop_map(|text| text.trim().to_owned()).prop_filter("empty", |text| !text.is_empty());
    prop_oneof![
        text().prop_map(|text| ("userName", json!(text))),
        text().prop_map(|text| ("displayName", json!(text))),
        text().prop_map(|text| ("externalId", json!(text))),
        any::<bool>().prop_map(|active| ("active", json!(active))),
        text().prop_map(|text| ("emails", json!([{ "value": text, "type": "work" }]))),
        (text(), text()).prop_map(|(given, family)| ("name", json!({ "givenName": given, "familyName": family }))),
        prop_oneof![Just("gp"), Just("receptionist"), Just("astronaut")]
            .prop_map(|role| ("roles", json!([{ "value": role }]))),
    ]
}

proptest! {
    /// A change and a replacement that state the same leave the same person.
    #[test]
    fn a_patched_user_equals_a_replaced_one(
        changes in proptest::collection::vec(any_change(), 1..6),
        with_path in any::<bool>(),
    ) {
        let body = to_resource(&person(), "").body;
        let mut replaced = body.as_object().unwrap().clone();
        let mut patched = replaced.clone();
        for (name, value) in &changes {
            replaced.insert((*name).to_owned(), value.clone());
        }
        let operations: Vec<Value> = changes
            .iter()
            .map(|(name, value)| {
                if with_path {
                    json!({ "op": "replace", "path": name, "value": value })
                } else {
                    json!({ "op": "Replace", "value": { (*name): value } })
                }
            })
            .collect();
        patch::apply(&mut patched, &json!({ "Operations": operations })).unwrap();
        let (patched, replaced) = (parse(&Value::Object(patched)).unwrap(), parse(&Value::Object(replaced)).unwrap());
        prop_assert!(patched == replaced);
    }
}
