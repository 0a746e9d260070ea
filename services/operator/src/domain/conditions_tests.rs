//! The value, reason and transition time of each condition.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use serde_json::json;

use super::*;

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-22T10:00:00Z")
}

fn system(change: impl Fn(&mut serde_json::Value)) -> PartnerSystem {
    let mut value = json!({
        "apiVersion": "leedscarerecord.uk/v1", "kind": "PartnerSystem",
        "metadata": {"name": "rr8-pas", "generation": 3},
        "spec": {
            "odsCode": "RR8", "system": "pas", "name": "PAS", "kind": "hospital", "protocol": "fhir-r4",
            "organisation": {"name": "Leeds Teaching Hospitals", "kind": "acute"},
            "endpoint": "https://fhir.example.org/r4", "datasets": ["demographics"],
            "agreement": {"reference": "ISA-1", "signedOn": "2026-04-01", "expires": "2028-03-31"}
        }
    });
    change(&mut value);
    serde_json::from_value(value).unwrap()
}

fn answers(days: i64, trusted: bool) -> Observation {
    let not_after = now() + SignedDuration::from_hours(24 * days + 1);
    let probe = ProbeResult { connection: Ok(()), certificate: Some(Certificate { not_after, trusted }) };
    Observation { mesh_objects: Ok(()), registered: Some(true), refusal: None, credentials: None, probe: Some(probe) }
}

/// The conditions about the agreement, the certificate, the connection and the whole.
fn condition_texts(system: &PartnerSystem, observed: &Observation) -> [String; 4] {
    [AGREEMENT, CERTIFICATE, REACHABLE, READY].map(|type_| condition_text(system, observed, type_))
}

fn condition_text(system: &PartnerSystem, observed: &Observation, type_: &str) -> String {
    let all = conditions(system, observed, &[], now());
    let one = all.iter().find(|one| one.type_ == type_).unwrap();
    format!("{} {}: {}", one.status, one.reason, one.message)
}

#[test]
fn a_healthy_system_is_ready_and_shows_the_days_left() {
    let [agreement, certificate, reachable, ready] = condition_texts(&system(|_| ()), &answers(94, true));
    assert_eq!(agreement, "True Current: ISA-1, until 2028-03-31");
    assert_eq!(certificate, "True Valid: 94 days left, until 2027-02-24");
    assert_eq!(reachable, "True Answers: it answers over TLS");
    assert_eq!(ready, "True InPlace: registered, and its egress is open");
}

#[test]
fn expired_expiring_and_untrusted_certificates_are_not_valid() {
    let plain = system(|_| ());
    let bundled = system(|value| value["spec"]["trustBundleRef"] = json!("leeds-ca"));
    for (system, days, trusted, reason, ready) in [
        (&plain, -2, true, "False Expired", "False CertificateRefused"),
        (&plain, 13, true, "False ExpiresSoon", "True InPlace"),
        (&plain, 14, true, "True Valid", "True InPlace"),
        (&plain, 94, false, "False NotTrusted", "False CertificateRefused"),
        (&bundled, 94, false, "False NotTrusted", "False CertificateRefused"),
        (&bundled, 94, true, "True Valid", "True InPlace"),
        (&bundled, -2, false, "False Expired", "False CertificateRefused"),
    ] {
        let [_, certificate, _, is_ready] = condition_texts(system, &answers(days, trusted));
        assert!(certificate.starts_with(reason) && is_ready.starts_with(ready), "{certificate}; {is_ready}");
    }
}

#[test]
fn a_system_that_does_not_answer_is_not_ready() {
    let unreachable = Observation {
        probe: Some(ProbeResult { connection: Err(ProbeFailure::TimedOut), certificate: None }),
        ..answers(1, true)
    };
    let [_, certificate, reachable, ready] = condition_texts(&system(|_| ()), &unreachable);
    assert!(certificate.starts_with("Unknown NotSeen"), "{certificate}");
    assert!(reachable.starts_with("False TimedOut"), "{reachable}");
    assert_eq!(ready, "False NotAnswering: it does not answer in time");
    let [.., ready] = condition_texts(&system(|_| ()), &Observation { probe: None, ..answers(1, true) });
    assert!(ready.starts_with("Unknown NotLookedYet"), "nobody knows yet: {ready}");
}

#[test]
fn a_new_leader_keeps_not_answering_apart_from_not_registered() {
    let system = system(|_| ());
    let unreachable = Observation {
        probe: Some(ProbeResult { connection: Err(ProbeFailure::TimedOut), certificate: None }),
        ..answers(1, true)
    };
    let before = conditions(&system, &unreachable, &[], now());
    let fresh_leader =
        Observation { mesh_objects: Ok(()), registered: None, refusal: None, credentials: None, probe: None };
    assert_eq!(conditions(&system, &fresh_leader, &before, now()), before);
}

#[test]
fn a_feed_is_ready_without_a_probe() {
    let feed = system(|value| {
        value["spec"]["protocol"] = json!("hl7v2-mllp");
        value["spec"]["senders"] = json!([{"application": "PAS", "facility": "RR8"}]);
        value["spec"].as_object_mut().unwrap().remove("endpoint");
    });
    let [_, certificate, reachable, ready] = condition_texts(&feed, &Observation { probe: None, ..answers(1, true) });
    assert!(certificate.starts_with("Unknown CallsUs") && reachable.starts_with("Unknown CallsUs"));
    assert!(ready.starts_with("True InPlace"), "{ready}");
}

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

#[test]
fn a_new_leader_repeats_the_conditions_of_the_same_spec_until_it_probes() {
    let system = system(|_| ());
    let before = conditions(&system, &answers(94, true), &[], now());
    let fresh_leader =
        Observation { mesh_objects: Ok(()), registered: None, refusal: None, credentials: None, probe: None };
    let after = conditions(&system, &fresh_leader, &before, now() + SignedDuration::from_mins(1));
    assert_eq!(after, before);
    let mut changed = system;
    changed.metadata.generation = Some(4);
    let after = conditions(&changed, &fresh_leader, &before, now());
    assert_eq!(status_of(&after, REACHABLE), "Unknown");
    assert_eq!(status_of(&after, READY), "False");
}

fn observed() -> impl Strategy<Value = Observation> {
    let connection = prop_oneof![
        Just(Ok(())),
        Just(Err(ProbeFailure::TimedOut)),
        Just(Err(ProbeFailure::NoAddress)),
        Just(Err(ProbeFailure::NoTls)),
    ];
    let certificate = proptest::option::of((-30_i64..400, any::<bool>()));
    let probe = proptest::option::of((connection, certificate));
    let mesh_objects = prop_oneof![Just(Ok(())), Just(Err("unreachable".to_owned()))];
    (mesh_objects, proptest::option::of(any::<bool>()), probe).prop_map(|(mesh_objects, registered, probe)| {
        let seen =
            |(days, trusted)| Certificate { not_after: now() + SignedDuration::from_hours(24 * days + 1), trusted };
        let probe =
            probe.map(|(connection, certificate)| ProbeResult { connection, certificate: certificate.map(seen) });
        Observation { mesh_objects, registered, refusal: None, credentials: None, probe }
    })
}

proptest! {
    /// A time that changed without its status would make every write cause another.
    #[test]
    fn the_transition_time_changes_exactly_when_the_status_does(first in observed(), second in observed()) {
        let system = system(|_| ());
        let before = conditions(&system, &first, &[], now());
        let later = now() + SignedDuration::from_mins(5);
        for (was, is) in before.iter().zip(conditions(&system, &second, &before, later)) {
            prop_assert_eq!(was.status != is.status, was.last_transition_time != is.last_transition_time);
        }
    }

    #[test]
    fn equal_observations_give_equal_conditions(seen in observed()) {
        let system = system(|_| ());
        let seen = Observation { registered: Some(seen.registered.unwrap_or_default()), ..seen };
        let before = conditions(&system, &seen, &[], now());
        prop_assert_eq!(&conditions(&system, &seen, &before, now() + SignedDuration::from_secs(1)), &before);
    }
}
