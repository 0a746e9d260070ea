//! Texts of times and data against the peer, right and wrong. Where the two differ, the table says why ours is right.

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

/// What the peer takes and we do not, or the other way round, of one type or more.
const DIFFER: [(&str, &str); 6] = [
    ("2024-02-29t10:00:00z", "HL7 has capitals in an instant, as the peer has in a dateTime"),
    ("2024-02-29 10:00:00Z", "HL7 has a T in an instant, as the peer has in a dateTime"),
    ("2024-2", "HL7 has two digits for a month, and whoever reads it would find no date"),
    ("+2024", "a year has no sign, and whoever reads it would find no date"),
    ("0999", "a year of four digits, which the peer reads and cannot write"),
    ("YWJ=", "bits that are not used and not naught; whoever decodes it decides"),
];

/// Resources that hold the text where a date, a dateTime, an instant, a time and base64 belong.
fn holding(text: &str) -> [Value; 5] {
    let patient = |name: &str, value: Value| json!({ "resourceType": "Patient", "id": "1", name: value });
    [
        patient("birthDate", json!(text)),
        patient("deceasedDateTime", json!(text)),
        patient("meta", json!({ "lastUpdated": text })),
        patient("photo", json!([{ "data": text }])),
        json!({ "resourceType": "Observation", "id": "1", "status": "final", "code": {}, "valueTime": text }),
    ]
}

fn same(resource: &Value) -> bool {
    Item::read(resource.clone()).is_ok() == peer::reads(resource)
}

#[test]
fn a_text_of_a_time_is_to_us_what_it_is_to_the_peer() {
    for text in TEXTS {
        for resource in holding(text) {
            assert!(same(&resource), "{resource}");
        }
    }
    for (text, why) in DIFFER {
        assert!(!holding(text).iter().all(same), "no longer so of {text}: {why}");
    }
}
