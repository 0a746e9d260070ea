//! The value, reason and transition time of each condition.

#[path = "conditions_tests/own_part.rs"]
mod own_part;

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
