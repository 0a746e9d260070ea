//! Tests of groups: a list of people and its limits.

use super::*;

fn group(members: &serde_json::Value, more: &serde_json::Value) -> serde_json::Value {
    let mut whole = json!({ "type": "person", "actual": true, "member": members });
    whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    resource("Group", &whole)
}

#[test]
fn a_group_lists_people_each_once() {
    let entity = |reference: &str| json!({ "entity": { "reference": reference } });
    let members = json!([entity("Patient/p"), entity("Patient/4711"), entity("Practitioner/1"),
        { "entity": { "identifier": { "value": "47p" } }, "inactive": true },
        { "entity": { "identifier": { "value": "4712" } }, "inactive": true },
        { "entity": { "identifier": { "value": "4713" } }, "period": { "end": "2026-11-19" } }]);
    let one = group(&members, &json!({ "name": "Thursday MDT", "managingEntity": { "reference": "Organization/o" } }));
    let list = list(&[patient("p"), organisation(), one]);
    assert_eq!(
        (list.key.as_str(), list.kind.as_str(), list.organisation.as_str()),
        ("Group/1", "meeting-list", "Z9C05")
    );
    let members: Vec<_> = list.members.iter().map(|(person, link)| (person.0.as_str(), link.stands)).collect();
    assert_eq!(members, [("4711", true), ("4712", false), ("4713", true), ("47p", true)]);
    let ended = list.members.values().filter_map(|link| text(link.until)).collect::<Vec<_>>();
    assert_eq!(ended, ["2026-11-20T00:00:00Z"]);
}

#[test]
fn the_code_of_a_group_says_its_kind_and_an_inactive_group_does_not_stand() {
    let code = json!({ "code": { "coding": [{ "system": KINDS, "code": "resident" }] }, "active": false });
    let list = list(&[group(&json!([{ "entity": { "identifier": { "value": "4711" } } }]), &code)]);
    assert!(list.members.values().all(|link| link.kind.as_str() == "resident" && !link.stands));
}

#[test]
fn a_group_of_no_people_is_left_aside_and_one_over_the_limit_is_refused() {
    for more in [json!({ "type": "animal" }), json!({ "actual": false })] {
        let words = waiting_reason(map(&[patient("p"), group(&json!([]), &more)]));
        assert!(words.ends_with("not read yet: Group"), "{words}");
    }
    let nobody = group(&json!([{ "entity": { "display": "Ann" } }]), &json!({}));
    assert_eq!(refused(&[nobody]), "Group a member of the Group does not say which patient it is");
    let member = |at: usize| json!({ "entity": { "identifier": { "value": at.to_string() } } });
    let members = |many: usize| serde_json::Value::Array((0..many).map(member).collect());
    assert_eq!(list(&[group(&members(100_000), &json!({}))]).members.len(), 100_000);
    assert_eq!(refused(&[group(&members(100_001), &json!({}))]), "Group a Group names more than 100,000 members");
}
