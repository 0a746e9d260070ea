//! Compares us with the peer on texts of dates, times and base64. Each difference must have a reason.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use lcr_fhir::Item;
use serde_json::{Value, json};

#[path = "shared/peer.rs"]
mod peer;

const TEXTS: [&str; 26] = [
    "2024",
    "2024-02",
    "2024-02-29",
    "2023-02-29",
    "2024-13",
    "2024-02-29T10:00:00Z",
    "2024-02-29T10:00:00.123456789012+01:00",
    "2024-02-29T10:00:00",
    "2024-02-29T10:00Z",
    "2024-02-29T24:00:00Z",
    "2024-02-30T10:00:00Z",
    "2024-02-29T10:00:00+24:00",
    "2024-02-29T10:00:00+0100",
    "2016-12-31T23:59:60Z",
    "2024-02-29T10:00:61Z",
    "",
    "20240229",
    "29/02/2024",
    "10:00:00",
    "10:00",
    "24:00:00",
    "10:00:00.5",
    "yesterday",
    "YWJj",
    "YWJ",
    "YW Jj",
];

/// Texts that only one of us accepts, for at least one type, with the reason.
const DIFFERENCES: [(&str, &str); 6] = [
    ("2024-02-29t10:00:00z", "HL7 has capitals in an instant, as the peer has in a dateTime"),
    ("2024-02-29 10:00:00Z", "HL7 has a T in an instant, as the peer has in a dateTime"),
    ("2024-2", "HL7 has two digits for a month, and our reader would find no date"),
    ("+2024", "a year has no sign, and our reader would find no date"),
    ("0999", "a year with four digits, which the peer can read but not write"),
    ("YWJ=", "unused bits that are not zero; the decoder decides"),
];

/// Resources with the text as a date, a dateTime, an instant, a time and base64.
fn resources_with(text: &str) -> [Value; 5] {
    let patient = |name: &str, value: Value| json!({ "resourceType": "Patient", "id": "1", name: value });
    [
        patient("birthDate", json!(text)),
        patient("deceasedDateTime", json!(text)),
        patient("meta", json!({ "lastUpdated": text })),
        patient("photo", json!([{ "data": text }])),
        json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": {}, "valueTime": text }),
    ]
}

fn is_same_as_peer(resource: &Value) -> bool {
    Item::read(resource.clone()).is_ok() == peer::reads(resource)
}

#[test]
fn we_accept_the_texts_that_the_peer_accepts_except_for_known_differences() {
    for text in TEXTS {
        for resource in resources_with(text) {
            assert!(is_same_as_peer(&resource), "{resource}");
        }
    }
    for (text, why) in DIFFERENCES {
        assert!(!resources_with(text).iter().all(is_same_as_peer), "no difference any more for {text}: {why}");
    }
}
