//! What each condition says, when, and since when.

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

fn answers(days: i64, trusted: bool) -> Observed {
    let not_after = now() + SignedDuration::from_hours(24 * days + 1);
    let probed = Probed { reached: Ok(()), certificate: Some(Certificate { not_after, trusted }) };
    Observed { way: Ok(()), registered: Some(true), refused: None, probed: Some(probed) }
}

fn said(system: &PartnerSystem, observed: &Observed) -> [String; 4] {
    let all = conditions(system, observed, &[], now());
    TYPES.map(|type_| {
        let one = all.iter().find(|one| one.type_ == type_).unwrap();
        format!("{} {}: {}", one.status, one.reason, one.message)
    })
}

#[test]
fn a_system_in_good_order_is_ready_and_the_days_left_are_told() {
    let [agreement, certificate, reachable, ready] = said(&system(|_| ()), &answers(94, true));
    assert_eq!(agreement, "True Current: ISA-1, until 2028-03-31");
    assert_eq!(certificate, "True Valid: 94 days left, until 2027-02-24");
    assert_eq!(reachable, "True Answers: it answers over TLS");
    assert_eq!(ready, "True InPlace: registered, and its way is open");
}

#[test]
fn a_certificate_is_bad_when_it_ended_ends_soon_or_nobody_signed_it() {
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
        let [_, certificate, _, is_ready] = said(system, &answers(days, trusted));
        assert!(certificate.starts_with(reason) && is_ready.starts_with(ready), "{certificate}; {is_ready}");
    }
}

#[test]
fn who_does_not_answer_is_not_ready_and_the_reason_says_so() {
    let away = Observed {
        probed: Some(Probed { reached: Err(Unreached::TimedOut), certificate: None }),
        ..answers(1, true)
    };
    let [_, certificate, reachable, ready] = said(&system(|_| ()), &away);
    assert!(certificate.starts_with("Unknown NotSeen"), "{certificate}");
    assert!(reachable.starts_with("False TimedOut"), "{reachable}");
    assert_eq!(ready, "False NotAnswering: it does not answer in time");
    let [.., ready] = said(&system(|_| ()), &Observed { probed: None, ..answers(1, true) });
    assert!(ready.starts_with("Unknown NotLookedYet"), "nobody knows yet: {ready}");
}

#[test]
fn who_leads_anew_does_not_take_a_silent_system_for_one_that_is_not_registered() {
    let system = system(|_| ());
    let away = Observed {
        probed: Some(Probed { reached: Err(Unreached::TimedOut), certificate: None }),
        ..answers(1, true)
    };
    let before = conditions(&system, &away, &[], now());
    let new = Observed { way: Ok(()), registered: None, refused: None, probed: None };
    assert_eq!(conditions(&system, &new, &before, now()), before);
}

#[test]
fn a_feed_calls_us_so_that_nobody_can_look_and_ready_does_not_wait_for_it() {
    let feed = system(|value| {
        value["spec"]["protocol"] = json!("hl7v2-mllp");
        value["spec"]["senders"] = json!([{"application": "PAS", "facility": "RR8"}]);
        value["spec"].as_object_mut().unwrap().remove("endpoint");
    });
    let [_, certificate, reachable, ready] = said(&feed, &Observed { probed: None, ..answers(1, true) });
    assert!(certificate.starts_with("Unknown CallsUs") && reachable.starts_with("Unknown CallsUs"));
    assert!(ready.starts_with("True InPlace"), "{ready}");
}

#[test]
fn it_is_not_ready_while_suspended_unsigned_closed_or_not_registered() {
    let good = answers(94, true);
    let unsigned = system(|value| drop(value["spec"].as_object_mut().unwrap().remove("agreement")));
    let lapsed = system(|value| value["spec"]["agreement"]["expires"] = json!("2026-11-21"));
    let suspended = system(|value| value["spec"]["suspended"] = json!(true));
    let closed = Observed { way: Err("forbidden (403)".into()), ..good.clone() };
    let unknown = Observed { registered: Some(false), ..good.clone() };
    let refused = Observed { refused: Some("a name of our own".into()), ..unknown.clone() };
    for (system, observed, why) in [
        (&suspended, &good, "False Suspended"),
        (&unsigned, &good, "False NoAgreement"),
        (&lapsed, &good, "False NoAgreement"),
        (&system(|_| ()), &closed, "False WayNotOpen: its way out is not written: forbidden (403)"),
        (&system(|_| ()), &unknown, "False NotRegistered"),
        (&system(|_| ()), &refused, "False Refused"),
    ] {
        let [.., ready] = said(system, observed);
        assert!(ready.starts_with(why), "{why}: {ready}");
    }
}

#[test]
fn who_leads_anew_and_has_not_looked_yet_says_what_was_said_of_the_same_spec() {
    let system = system(|_| ());
    let before = conditions(&system, &answers(94, true), &[], now());
    let new = Observed { way: Ok(()), registered: None, refused: None, probed: None };
    let after = conditions(&system, &new, &before, now() + SignedDuration::from_mins(1));
    assert_eq!(after, before);
    let mut changed = system;
    changed.metadata.generation = Some(4);
    let after = conditions(&changed, &new, &before, now());
    assert_eq!(status_of(&after, REACHABLE), "Unknown");
    assert_eq!(status_of(&after, READY), "False");
}

fn observed() -> impl Strategy<Value = Observed> {
    let reached = prop_oneof![
        Just(Ok(())),
        Just(Err(Unreached::TimedOut)),
        Just(Err(Unreached::NoAddress)),
        Just(Err(Unreached::NoTls)),
    ];
    let certificate = proptest::option::of((-30_i64..400, any::<bool>()));
    let probed = proptest::option::of((reached, certificate));
    let way = prop_oneof![Just(Ok(())), Just(Err("unreachable".to_owned()))];
    (way, proptest::option::of(any::<bool>()), probed).prop_map(|(way, registered, probed)| {
        let seen = |(days, trusted)| Certificate {
            not_after: now() + SignedDuration::from_hours(24 * days + 1),
            trusted,
        };
        let probed =
            probed.map(|(reached, certificate)| Probed { reached, certificate: certificate.map(seen) });
        Observed { way, registered, refused: None, probed }
    })
}

proptest! {
    /// Pitfall: a time that changes without its status makes every write news.
    #[test]
    fn a_conditions_time_changes_when_its_status_does_and_never_otherwise(first in observed(), second in observed()) {
        let system = system(|_| ());
        let before = conditions(&system, &first, &[], now());
        let later = now() + SignedDuration::from_mins(5);
        for (was, is) in before.iter().zip(conditions(&system, &second, &before, later)) {
            prop_assert_eq!(was.status != is.status, was.last_transition_time != is.last_transition_time);
        }
    }

    #[test]
    fn the_same_again_is_the_same_word_for_word(seen in observed()) {
        let system = system(|_| ());
        let seen = Observed { registered: Some(seen.registered.unwrap_or_default()), ..seen };
        let before = conditions(&system, &seen, &[], now());
        prop_assert_eq!(&conditions(&system, &seen, &before, now() + SignedDuration::from_secs(1)), &before);
    }
}
