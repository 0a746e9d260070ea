//! Tests of what is not done on our side: agreement, credentials, suspension, the way to live.

use super::*;

#[test]
fn it_is_not_ready_while_suspended_unsigned_closed_or_not_registered() {
    let good = answers(94, true);
    let unsigned = system(|value| drop(value["spec"].as_object_mut().unwrap().remove("agreement")));
    let expired = system(|value| value["spec"]["agreement"]["expires"] = json!("2026-11-21"));
    let suspended = system(|value| value["spec"]["suspended"] = json!(true));
    let closed = Observation { mesh_objects: Err("forbidden (403)".into()), ..good.clone() };
    let unknown = Observation { registered: Some(false), ..good.clone() };
    let refused = Observation { refusal: Some("a name of our own".into()), ..unknown.clone() };
    for (system, observed, why) in [
        (&suspended, &good, "False Suspended"),
        (&unsigned, &good, "False NoAgreement"),
        (&expired, &good, "False NoAgreement"),
        (&system(|_| ()), &closed, "False WayNotOpen: its mesh objects are not written: forbidden (403)"),
        (&system(|_| ()), &unknown, "False NotRegistered"),
        (&system(|_| ()), &refused, "False Refused"),
    ] {
        let [.., ready] = condition_texts(system, observed);
        assert!(ready.starts_with(why), "{why}: {ready}");
    }
}

#[test]
fn a_secret_that_gives_no_credentials_is_named_and_the_system_is_not_ready() {
    let named = system(|value| value["spec"]["credentialsRef"] = json!("rr8-pas"));
    let with = |credentials| Observation { credentials, ..answers(94, true) };
    let text = |observed: &Observation, type_| condition_text(&named, observed, type_);
    let read = with(Some(Ok(CredentialKind::MutualTls)));
    assert_eq!(text(&read, CREDENTIALS), "True Read: mutual-tls, from the Secret `rr8-pas`");
    assert_eq!(text(&read, READY), "True InPlace: registered, and its egress is open");
    let missing = with(Some(Err(CredentialsFault::MissingKey("password"))));
    assert_eq!(text(&missing, CREDENTIALS), "False MissingKey: the Secret `rr8-pas` has no key `password`");
    assert_eq!(text(&missing, READY), "False CredentialsNotReady: the Secret `rr8-pas` has no key `password`");
    assert_eq!(text(&missing, LIVE), "False Connecting: it is not set up yet: Ready says why");
    assert!(text(&with(None), CREDENTIALS).starts_with("Unknown NotLookedYet"));
    assert!(condition_text(&system(|_| ()), &with(None), CREDENTIALS).starts_with("True NotNeeded"));
    let before = conditions(&named, &missing, &[], now());
    let fresh_leader =
        Observation { mesh_objects: Ok(()), registered: None, refusal: None, credentials: None, probe: None };
    assert_eq!(conditions(&named, &fresh_leader, &before, now()), before, "a new leader repeats it");
}

#[test]
fn live_says_how_far_the_system_has_come_in_the_words_of_the_portal() {
    let good = answers(94, true);
    let unregistered = Observation { registered: Some(false), ..good.clone() };
    let down = Observation {
        probe: Some(ProbeResult { connection: Err(ProbeFailure::TimedOut), certificate: None }),
        ..good.clone()
    };
    let with_state = |state: &str| system(|value| value["spec"]["organisation"]["state"] = json!(state));
    let staged = system(|value| {
        value["spec"]["stages"] =
            json!([{"dataset": "demographics", "stage": "safety-testers", "signedOffBy": "A. Smith"}]);
    });
    for (system, observed, text) in [
        (&system(|_| ()), &good, "True Live: the portal says who sees each agreed dataset"),
        (&system(|_| ()), &down, "True Live"),
        (&staged, &good, "True Live: not on for everybody yet: demographics"),
        (&system(|value| value["spec"]["live"] = json!(false)), &good, "False Connecting"),
        (&system(|_| ()), &unregistered, "False Connecting"),
        (&system(|value| value["spec"]["agreement"]["expires"] = json!("2026-11-21")), &good, "False Draft"),
        (&system(|value| value["spec"]["suspended"] = json!(true)), &good, "False Suspended"),
        (&with_state("agreed"), &good, "False Agreed"),
        (&with_state("conformant"), &good, "False Conformant"),
        (&with_state("suspended"), &good, "False Suspended"),
        (&with_state("left"), &good, "False Left"),
    ] {
        let live = condition_text(system, observed, LIVE);
        assert!(live.starts_with(text), "{text}: {live}");
    }
}

#[test]
fn the_duties_of_signatories_are_shown_and_their_names_are_not() {
    let signed = system(|value| {
        value["spec"]["agreement"]["signatories"] =
            json!([{"duty": "caldicott-guardian", "name": "Alex Smith", "signedOn": "2026-04-01"}]);
    });
    let [agreement, ..] = condition_texts(&signed, &answers(94, true));
    assert_eq!(agreement, "True Current: ISA-1, until 2028-03-31; signed by the Caldicott guardian");
}
