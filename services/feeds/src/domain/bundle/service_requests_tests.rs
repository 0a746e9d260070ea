//! Tests of `service_requests.rs`.

use serde_json::json;

use super::*;

#[test]
fn a_request_is_a_referral_if_it_says_so_or_goes_to_another_organisation() {
    let coded = |code: &str| json!([{ "coding": [{ "system": "http://snomed.info/sct", "code": code }] }]);
    let laboratory = json!({ "category": coded("108252007"), "code": { "text": "Full blood count" } });
    let section = json!({ "category": [{ "coding": [
        { "system": "http://terminology.hl7.org/CodeSystem/v2-0074", "code": "RAD" }] }] });
    for (request, to_another, own) in [
        (json!({ "code": { "text": "Referral to cardiology" } }), true, true),
        (json!({ "category": coded("3457005") }), true, true),
        (json!({ "category": [{ "text": "Referral" }] }), true, true),
        (json!({ "code": { "text": "Full blood count" } }), false, false),
        (json!({}), true, false),
        (laboratory, false, false),
        (section, false, false),
    ] {
        assert_eq!((is_referral(&request, true), is_referral(&request, false)), (to_another, own), "{request}");
    }
}
