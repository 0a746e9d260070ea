//! Tests of `form.rs`.

use super::*;

fn claim(reason: &str, permission: &str, text: &str) -> Result<NewClaim, Vec<String>> {
    let input = ClaimInput { reason: reason.into(), permission: permission.into(), text: text.into() };
    input.parse().map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
}

#[test]
fn a_claim_needs_an_offered_reason_and_a_permission() {
    let whole = claim("covering", "given", " \r\n").unwrap();
    assert_eq!((whole.reason, whole.permission, whole.text), (ClaimReason::Covering, Permission::Given, None));
    let long = "ä\r\n".repeat(250);
    assert_eq!(claim("covering", "cannot-be-asked", &long).unwrap().text.unwrap().chars().count(), 499);
    assert_eq!(claim("", "", "").unwrap_err(), [CLAIM_REASON, CLAIM_PERMISSION]);
    assert_eq!(claim("curious", "given", "").unwrap_err(), [CLAIM_REASON]);
    assert_eq!(claim("covering", "refused", &"x".repeat(501)).unwrap_err(), [CLAIM_PERMISSION, CLAIM_TEXT]);
}

#[test]
fn an_override_needs_an_offered_reason_and_words() {
    let parse = |reason: &str, text: &str| {
        let input = OverrideInput { reason: reason.into(), text: text.into() };
        input.parse().map_err(|problems| problems.into_iter().map(|problem| problem.field).collect::<Vec<_>>())
    };
    let whole = parse("life-threatening", " Not breathing, no history. ").unwrap();
    assert_eq!((whole.reason, whole.text.as_str()), (OverrideReason::LifeThreatening, "Not breathing, no history."));
    assert_eq!(parse("", "short").unwrap_err(), [OVERRIDE_REASON, OVERRIDE_TEXT]);
    assert_eq!(parse("serious-harm", &"x".repeat(501)).unwrap_err(), [OVERRIDE_TEXT]);
}
